"""What a model thought before it answered, where people ask to see it: hidden, and not without end."""

import re

from adapters.discord.speaking.chunks import MESSAGE_CHARS, chunks

MOST_MESSAGES = 3
HEADING = "**Thinking**\n"
CUT_OFF = "…||"

_MARK = re.compile(r"\|(?=\|)")
_BETWEEN_BARS = "\u200b"


def reasoning_in_spoilers(reasoning: str, *, limit: int = MESSAGE_CHARS) -> tuple[str, ...]:
    """A model's thoughts in at most three messages, each hidden as a whole; what is beyond them is left out."""
    thoughts = reasoning.strip()
    if not thoughts:
        return ()
    messages = chunks(f"{HEADING}{spoiler(thoughts)}", limit=limit)
    if len(messages) <= MOST_MESSAGES:
        return messages
    last = messages[MOST_MESSAGES - 1].removesuffix("||")
    return (*messages[: MOST_MESSAGES - 1], f"{last[: limit - len(CUT_OFF)].rstrip()}{CUT_OFF}")


def spoiler(text: str) -> str:
    """The text hidden; bars of its own are kept apart so that they do not open it."""
    apart = _MARK.sub(f"|{_BETWEEN_BARS}", text)
    return f"||{apart}{_BETWEEN_BARS if apart.endswith('|') else ''}||"
