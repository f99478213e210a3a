"""Reading a rendered prompt back: the card, the memories, the conversation. Pure, for the offline model.

The prompt's layout is the renderer's (`engine/prompt/rendering.py`): below `# Character` stands the card as
`Field: text` lines, below `# Speaking to you` who asks, below `# Memories` one memory a line as
`- day: Speaker: what they said / Character: what it answered`, and the last user message is the one to answer. In a
group, user messages begin with `Speaker: `.
"""

import re
from dataclasses import dataclass

from engine.ports import ModelRequest

CHARACTER, SPEAKER, NOW, MEMORIES = "# Character", "# Speaking to you", "# Now", "# Memories"
IN_A_GROUP = "In a group."
NAMELESS = "the character"
_FIELD = re.compile(r"([^\W\d_][\w ]{0,40}):\s+(\S.*)")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d): ")


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said: by another of the group if `speaker` is set, long ago if `day` is."""

    text: str
    speaker: str | None = None
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt holds, as far as the offline model understands it."""

    name: str
    card: tuple[tuple[str, str], ...]  # field and text, without the name
    memories: tuple[Line, ...]
    said_before: tuple[Line, ...]  # to the character, oldest first
    question: str


def read_prompt(request: ModelRequest) -> Prompt:
    system = [message.content for message in request.messages if message.role == "system"]
    card = _fields(_section(system, CHARACTER))
    name, asker = dict(card).get("Name", NAMELESS), dict(_fields(_section(system, SPEAKER))).get("Name", "")
    is_group = IN_A_GROUP in _section(system, NOW)
    said = [_said(message.content, asker, is_group=is_group) for message in request.messages if message.role == "user"]
    remembered = (line.removeprefix("- ") for line in _section(system, MEMORIES) if line.startswith("- "))
    return Prompt(
        name=name,
        card=tuple((field, text) for field, text in card if field != "Name"),
        memories=tuple(_remembered(line, asker, name) for line in remembered),
        said_before=tuple(said[:-1]),
        question=said[-1].text if said else "",
    )


def _said(content: str, asker: str, *, is_group: bool) -> Line:
    text = content.strip()
    if not is_group:
        return Line(text)
    speaker, colon, rest = text.partition(": ")
    if not colon:
        return Line(text)
    return Line(rest.strip(), speaker=None if speaker == asker else speaker)


def _remembered(line: str, asker: str, name: str) -> Line:
    """A memory without its answer: what the character said then tells nothing about the person."""
    day = _DAY.match(line)
    said = line[day.end() :] if day else line
    said = said.partition(f" / {name}: ")[0].strip()
    return Line(said.removeprefix(f"{asker}: ") if asker else said, day=day[1] if day else None)


def _fields(lines: list[str]) -> list[tuple[str, str]]:
    return [(match[1], match[2].strip()) for line in lines if (match := _FIELD.match(line))]


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
