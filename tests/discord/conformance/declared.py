"""Gateway events held against what discord.js declares of them (its package discord-api-types), by TypeScript.

Each event becomes a constant of its declared type: a field that is missing, of another type or unknown is an error.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

COMPILE_TIMEOUT_S = 60
OPTIONS = ("--noEmit", "--strict", "--skipLibCheck", "--noErrorTruncation")
MODULES = ("--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext")
HEADER = """\
import type { GatewayDispatchPayload } from 'discord-api-types/v10';
type Told<P, Name> = P extends { t: infer E extends string; d: infer D } ? (`${E}` extends Name ? D : never) : never;
type Of<Name> = Told<GatewayDispatchPayload, Name>;
"""
# Members of enumerations, which are plain numbers and texts on the wire, have no literals of those types.
MEMBER = re.compile(r".*(flags|locale)")
# What the documentation has of a channel that an interaction refers to, and the declaration not yet ("Resolved Data").
OF_RESOLVED_CHANNEL = (
    *("last_message_id", "last_pin_timestamp", "nsfw", "parent_id", "guild_id", "flags"),
    *("rate_limit_per_user", "topic", "position", "thread_metadata"),
)
OF_GUILD = ("home_header", "nsfw")  # the description of the API requires them
OF_HUB = {"hub_type": None}  # left out of the documentation on purpose
ERROR = re.compile(r"events\.ts\((\d+),\d+\): (.*)")

LITERAL = re.compile(r"\{.*\}")

type Frame = Mapping[str, Any]


def contradictions(told: Iterable[Frame], modules: Path, folder: Path) -> list[str]:
    """What is wrong with those frames, or with one of each shape that they have.

    `modules` has the declarations and the compiler, `folder` is to work in.
    """
    frames = list({(frame["t"], _shape(frame["d"])): frame for frame in told}.values())
    (folder / "node_modules").symlink_to(modules)
    (folder / "events.ts").write_text(
        HEADER + "".join(_line(number, frame) for number, frame in enumerate(frames)) + "export {};\n"
    )
    done = subprocess.run(
        ["node", str(modules / "typescript/bin/tsc"), *OPTIONS, *MODULES, "events.ts"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=COMPILE_TIMEOUT_S,
        check=False,
    )
    found = list(_errors(done.stdout, frames))
    assert found or done.returncode == 0, done.stdout + done.stderr
    return found


def _shape(value: Any, name: str = "") -> str:
    """The same for events that differ in nothing that is declared, but in texts, numbers and how many of a kind."""
    if isinstance(value, dict):
        # Some have ids for names: which ones is not declared either.
        parts = {("" if key.isdecimal() else key) + _shape(each, key) for key, each in value.items()}
        return "{" + ",".join(sorted(parts)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted({_shape(each) for each in value})) + "]"
    is_kind = name.endswith("type") or isinstance(value, bool)
    return str(value) if is_kind else type(value).__name__


def _line(number: int, frame: Frame) -> str:
    if frame["t"] == "RESUMED":
        return "\n"  # nothing is documented; what comes is `_trace`, and Python's libraries read it
    told = _as_declared(frame["t"], frame["d"])
    return f"const _{number}: Of<'{frame['t']}'> = {_literal(told)};\n"


def _errors(output: str, frames: Sequence[Frame]) -> Iterator[str]:
    """One sentence for each: of an error that is nested the innermost line, which says what is the matter."""
    for block in re.split(r"\n(?=events\.ts)", output.strip()):
        if match := ERROR.match(block):
            frame = frames[int(match[1]) - 1 - HEADER.count("\n")]
            yield f"{frame['t']}: {LITERAL.sub('{…}', block.splitlines()[-1].strip())}"


def _literal(value: Any, name: str = "") -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_literal(each, key)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    is_member = MEMBER.fullmatch(name) or (name == "type" and isinstance(value, str))
    return json.dumps(value) + (" as never" if is_member and value is not None else "")


def _as_declared(event: str, data: Any) -> Any:
    """Without what Discord says elsewhere, and that package does not, or not yet."""
    if event in {"GUILD_CREATE", "GUILD_UPDATE"}:
        return {name: value for name, value in data.items() if name not in OF_GUILD} | OF_HUB
    if event == "INTERACTION_CREATE" and "data" in data:
        return data | {"data": _of_interaction(data["data"])}
    return data


def _of_interaction(data: Mapping[str, Any]) -> dict[str, Any]:
    # A component's data has its `id` (docs: "Button", "String Select Interaction Response Structure", …).
    kept = {name: value for name, value in data.items() if name != "id" or "component_type" not in data}
    if channels := data.get("resolved", {}).get("channels"):
        known = {key: {n: v for n, v in each.items() if n not in OF_RESOLVED_CHANNEL} for key, each in channels.items()}
        kept["resolved"] = data["resolved"] | {"channels": known}
    return kept
