"""Links to messages in a text: which messages they show, and where the links stand."""

import re
from dataclasses import dataclass

from adapters.discord.hearing.code_spans import code_spans
from adapters.discord.hearing.said import Reference

_LINK = re.compile(
    r"<?https?://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/"
    r"(?P<server>@me|\d{15,20})/(?P<channel>\d{15,20})/(?P<message>\d{15,20})(?![\w/])(?:\?[^\s>]*)?>?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a message; it stands at `text[start:end]`, with the angle brackets that suppress its preview."""

    to: Reference
    start: int
    end: int


def message_links(text: str) -> tuple[Link, ...]:
    """The links of a text in its order, but for those in code."""
    spans = code_spans(text)
    return tuple(
        Link(
            Reference(match["message"], match["channel"], None if match["server"] == "@me" else match["server"]),
            match.start(),
            match.end(),
        )
        for match in _LINK.finditer(text)
        if not any(start <= match.start() < end for start, end in spans)
    )
