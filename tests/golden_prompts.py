"""Golden prompts: what each renderer makes of what it is given, in tests/data/prompts/<renderer>/, one file each.

`python -m tests.golden_prompts` writes those that are missing, for the current renderer. It never writes over one:
replies on somebody's log were made with these very bytes, and `why` has to find them again. A layout that changes is
a new renderer, with a folder of its own.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from engine.ports import ModelRequest
from engine.prompt.rendering import (
    CURRENT_RENDERER,
    HistoryLine,
    MemoryLine,
    Prompt,
    ReferenceLine,
    canonical_bytes,
    render,
)
from tests.golden_prompt_inputs import INPUTS

GOLDENS = Path(__file__).parent / "data" / "prompts"


def golden_paths(renderer: int, folder: Path = GOLDENS) -> list[Path]:
    return sorted((folder / str(renderer)).glob("*.json"))


def read_golden(path: Path) -> dict[str, Any]:
    golden: dict[str, Any] = orjson.loads(path.read_bytes())
    return golden


def golden_of(given: dict[str, Any], renderer: int) -> dict[str, Any]:
    """What a golden file holds: the input, the messages, and the canonical bytes as text."""
    messages = render(prompt_of(given), renderer)
    return {
        "input": given,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "canonical": canonical_bytes(ModelRequest("a-model", messages, {"temperature": 0.7, "seed": 7})).decode(),
    }


def prompt_of(given: dict[str, Any]) -> Prompt:
    return Prompt(
        character=given["character"],
        persona=given["persona"],
        timezone=given["timezone"],
        at=datetime.fromisoformat(given["at"]),
        is_private=given["is_private"],
        history=tuple(HistoryLine(**{**line, "references": _references(line)}) for line in given["history"]),
        memories=tuple(MemoryLine(**{**line, "at": datetime.fromisoformat(line["at"])}) for line in given["memories"]),
        text=given["text"],
        references=_references(given),
    )


def _references(given: dict[str, Any]) -> tuple[ReferenceLine, ...]:
    return tuple(ReferenceLine(**line) for line in given.get("references", ()))


def write_missing(folder: Path = GOLDENS, renderer: int = CURRENT_RENDERER) -> list[Path]:
    """Write what is not there yet; returns what was written."""
    (folder / str(renderer)).mkdir(parents=True, exist_ok=True)
    written = []
    for name, given in INPUTS.items():
        path = folder / str(renderer) / f"{name}.json"
        if not path.exists():
            document = orjson.dumps(golden_of(given, renderer), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
            with path.open("xb") as file:
                file.write(document + b"\n")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write_missing():
        sys.stdout.write(f"wrote {path.relative_to(Path.cwd())}\n")
