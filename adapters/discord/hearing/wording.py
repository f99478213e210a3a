"""What is read of a message: its text as people see it, and in words what came with it besides text and files.

Discord's own notation becomes what its app shows: mentions are names, custom emoji are `:name:`, times are dates.
Stickers, polls, cards and forwards stand behind the text, each as a line in brackets, so that a message without a
single word still says something. Files are not part of it: the engine keeps them beside the text. Code stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.discord.hearing.code_spans import code_spans
from adapters.discord.hearing.links import message_links
from adapters.discord.hearing.said import Content, Embedded, Names, Poll, Said

MAX_USERS = 10
MAX_CHANNELS = 5
MAX_ROLES = 5
MAX_CARD_CHARS = 1_000

SOMEBODY = "@someone"
SOMEWHERE = "#a-channel"
SOME_ROLE = "@a-role"
FORWARDED = "[forwarded message]"

_NOTATION = re.compile(
    r"<@!?(?P<user>\d{15,20})>"
    r"|<#(?P<channel>\d{15,20})>"
    r"|<@&(?P<role>\d{15,20})>"
    r"|<a?:(?P<emoji>\w{2,32}):\d{15,20}>"
    r"|<t:(?P<time>-?\d{1,13})(?::[tTdDfFRsS])?>"
    r"|</(?P<command>[^\n:<>]{1,100}):\d{15,20}>"
    r"|<id:(?P<guide>[a-z-]{1,30})>"
)

type Numbers = Mapping[str, int]
"""The numbers of the messages that a text brings along, by their Discord ids."""

NONE: Numbers = {}


def wording(said: Said, numbers: Numbers = NONE) -> str:
    """The text that is heard. A link to a message that is brought along reads as its number among the references.

    A member of a PluralKit system is named first: the account is the person, and characters should know who speaks.
    """
    forwarded = [
        f"[forwarded message: Reference {number}]" if (number := numbers.get(said.id)) else FORWARDED
        for _ in said.forwards
    ]
    speaker = f"[as {said.author.member}] " if said.author.member else ""
    return speaker + _lines(content_wording(said.content, said.names, numbers), *forwarded)


def content_wording(content: Content, names: Names | None = None, numbers: Numbers = NONE) -> str:
    """The same of a content alone: a quote's."""
    names = names or Names()
    return _lines(
        _written(content, names, numbers),
        *(f"[sticker: {sticker}]" for sticker in content.stickers),
        _poll(content.poll),
        *(_card(embed) for embed in content.embeds),
    )


def named_ids(content: Content) -> tuple[str, ...]:
    """The ids of the channels and roles whose names are needed to write a content out."""
    matches = _NOTATION.finditer(content.text)
    return tuple(id_ for match in matches if (id_ := match["channel"] or match["role"]))


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _written(content: Content, names: Names, numbers: Numbers) -> str:
    """The text with everything replaced that people see otherwise."""
    text = content.text
    readable = _Readable(content, names)
    pieces: list[tuple[int, int, str]] = [
        (link.start, link.end, f"[Reference {number}]")
        for link in message_links(text)
        if (number := numbers.get(link.to.message))
    ]
    spans = code_spans(text)
    pieces += [
        (match.start(), match.end(), readable(match))
        for match in _NOTATION.finditer(text)
        if not any(start <= match.start() < end for start, end in spans)
    ]
    written: list[str] = []
    upto = 0
    for start, end, piece in sorted(pieces):
        written += [text[upto:start], piece]
        upto = end
    return "".join([*written, text[upto:]])


class _Readable:
    """Reads one text's notation; of each kind of name only so many are looked up."""

    def __init__(self, content: Content, names: Names) -> None:
        self._users = _Limited(content.users, MAX_USERS, "@", SOMEBODY)
        self._channels = _Limited(names.channels, MAX_CHANNELS, "#", SOMEWHERE)
        self._roles = _Limited(names.roles, MAX_ROLES, "@", SOME_ROLE)

    def __call__(self, match: re.Match[str]) -> str:
        kind, value = next((kind, value) for kind, value in match.groupdict().items() if value is not None)
        readers: Mapping[str, Callable[[str], str]] = {
            "user": self._users,
            "channel": self._channels,
            "role": self._roles,
            "emoji": ":{}:".format,
            "time": _time,
            "command": "/{}".format,
            "guide": "#{}".format,
        }
        return readers[kind](value)


class _Limited:
    """The first names of a kind; all others are somebody or something."""

    def __init__(self, names: Mapping[str, str], limit: int, sign: str, other: str) -> None:
        self._names, self._limit, self._sign, self._other = names, limit, sign, other
        self._shown: set[str] = set()

    def __call__(self, id_: str) -> str:
        name = self._names.get(id_)
        if not name or (id_ not in self._shown and len(self._shown) == self._limit):
            return self._other
        self._shown.add(id_)
        return f"{self._sign}{name}"


def _time(seconds: str) -> str:
    try:
        return f"{datetime.fromtimestamp(int(seconds), tz=UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "an unknown time"  # no calendar reaches that far: the app shows no date either


def _poll(poll: Poll | None) -> str:
    if poll is None:
        return ""
    answers = "; ".join(f"{number}. {answer}" for number, answer in enumerate(poll.answers, 1))
    several = ", several may be chosen" if poll.takes_several else ""
    return f"[poll{several}: {poll.question} — {answers}]"


def _card(embed: Embedded) -> str:
    parts = (embed.author, embed.title, embed.description, *(f"{name}: {value}" for name, value in embed.fields))
    words = " — ".join(part for part in (*parts, embed.footer) if part)
    if len(words) > MAX_CARD_CHARS:
        words = f"{words[: MAX_CARD_CHARS - 1]}…"
    return f"[card: {words}]"
