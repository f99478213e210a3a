"""What people see only when they ask for it: why no answer came, and what a model thought before it answered."""

import re

from adapters.discord.speaking.chunks import MESSAGE_CHARS, chunks

ERROR_MESSAGE_CHARS = 500
REASONING_MESSAGES = 3
THINKING = "**Thinking**\n"

_MARK = re.compile(r"\|(?=\|)")


def failure_notice(error_message: str, *, reason: str, reference: str) -> str:
    """The character's own words, if it has any, then the reason and a reference to ask about, in a spoiler."""
    own = error_message.strip()[:ERROR_MESSAGE_CHARS].rstrip()
    told = spoiler(f"{reason.strip()} (reference: {reference})")
    return f"{own}\n{told}" if own else told


def reasoning_in_spoilers(reasoning: str, *, limit: int = MESSAGE_CHARS) -> tuple[str, ...]:
    """A model's thoughts in at most three messages, each hidden as a whole; what is beyond them is left out."""
    thoughts = reasoning.strip()
    if not thoughts:
        return ()
    messages = chunks(f"{THINKING}{spoiler(thoughts)}", limit=limit)
    if len(messages) <= REASONING_MESSAGES:
        return messages
    last = messages[REASONING_MESSAGES - 1].removesuffix("||")
    return (*messages[: REASONING_MESSAGES - 1], f"{last[: limit - 3].rstrip()}…||")


def spoiler(text: str) -> str:
    """The text hidden; bars of its own are kept apart so that they do not open it."""
    apart = _MARK.sub("|\u200b", text)
    return f"||{apart}{'\u200b' if apart.endswith('|') else ''}||"
