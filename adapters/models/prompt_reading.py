"""Reading a rendered prompt back: the card, the memories, the conversation. Pure, for the offline model.

The prompt's layout is the renderer's (`engine/prompt.py`): a system message headed `# Character` holds the card as
`Field: text` lines, one headed `# Memories` holds one memory a line after `- `, and the last user message is the one
to answer.
"""

import re
from dataclasses import dataclass

from engine.ports import ModelRequest

CHARACTER_HEADING, MEMORIES_HEADING = "# Character", "# Memories"
NAMELESS = "the character"
_FIELD = re.compile(r"([^\W\d_][\w ]{0,40}):\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt holds, as far as the offline model understands it."""

    name: str
    card: tuple[tuple[str, str], ...]  # field and text, without the name
    memories: tuple[str, ...]
    said_before: tuple[str, ...]  # by the person, oldest first
    question: str


def read_prompt(request: ModelRequest) -> Prompt:
    system = [message.content for message in request.messages if message.role == "system"]
    said = [message.content.strip() for message in request.messages if message.role == "user"]
    fields = [match.groups() for line in _section(system, CHARACTER_HEADING) if (match := _FIELD.match(line))]
    card = tuple((field, text.strip()) for field, text in fields if field != "Name")
    memories = _section(system, MEMORIES_HEADING)
    return Prompt(
        name=next((text.strip() for field, text in fields if field == "Name"), NAMELESS),
        card=card,
        memories=tuple(line.removeprefix("- ").strip() for line in memories if line.startswith("- ")),
        said_before=tuple(said[:-1]),
        question=said[-1] if said else "",
    )


def _section(system: list[str], heading: str) -> list[str]:
    """The lines below a heading, up to the next one, in whichever system message they stand."""
    lines: list[str] = []
    for content in system:
        is_inside = False
        for line in content.splitlines():
            if line.startswith("# "):
                is_inside = line.strip() == heading
            elif is_inside:
                lines.append(line.strip())
    return lines
