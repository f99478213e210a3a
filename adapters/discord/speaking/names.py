"""The name that a character's posts show, within Discord's rules for a webhook's name.

Those rules (resource "Webhook" and "Usernames and Nicknames" of Discord's API documentation): 1 to 80 characters,
trimmed, without runs of whitespace, without "clyde" or "discord" in any case, and not "everyone" or "here". Some
characters that are not drawn are taken out by Discord, so they are taken out here first, lest a forbidden word appear
afterwards.
"""

import re
import unicodedata

NAME_CHARS = 80
NAMELESS = "Character"
SEPARATOR = " | "

_HAIR_SPACE = "\u200a"
_FORBIDDEN = re.compile(r"discord|clyde|\A\s*(?:everyone|here)\s*\Z", re.IGNORECASE)
_KEPT_THOUGH_INVISIBLE = "\u200d\ufe0f\ufe0e"  # they hold emoji together
_NOT_AT_THE_EDGE = f" {_KEPT_THOUGH_INVISIBLE}"
_MARKDOWN = re.compile(r"([\\*_~`|])")


def shown_name(name: str, *, suffix: str = "", gap: str = _HAIR_SPACE) -> str:
    """The name for a webhook; `suffix` says behind a bar whose character it is, and is never what gives way.

    `gap` goes into a forbidden word: hardly visible, or, where Discord takes that out, one that it has to keep.
    """
    tail = f"{SEPARATOR}{_tidied(suffix)}" if _tidied(suffix) else ""
    head = _broken_up(_tidied(name) or NAMELESS, gap)
    for chars in range(min(len(head), NAME_CHARS), 0, -1):
        shown = _broken_up(f"{head[:chars].rstrip(_NOT_AT_THE_EDGE)}{tail}", gap)
        if len(shown) <= NAME_CHARS:
            return shown
    return shown_name(name, gap=gap)


def is_same_name(one: str, other: str) -> bool:
    """Whether two shown names are one, whatever Discord or we did to keep a forbidden word out of it."""
    return _folded(one) == _folded(other)


def bold_name(name: str) -> str:
    """What stands before a text where no webhook shows a name."""
    head = (_tidied(name) or NAMELESS)[:NAME_CHARS]
    return f"**{_MARKDOWN.sub(r'\\\1', head)}:**"


def _tidied(name: str) -> str:
    seen = "".join(char if _is_seen(char) else " " if char.isspace() else "" for char in name)
    return re.sub(r"\s+", " ", seen).strip(_NOT_AT_THE_EDGE)


def _is_seen(char: str) -> bool:
    """Letters, marks, numbers, signs and plain spaces; not what controls, joins or is half of a character."""
    return char in _KEPT_THOUGH_INVISIBLE or not unicodedata.category(char).startswith("C")


def _broken_up(name: str, gap: str) -> str:
    """The name with a gap in each forbidden word, also in one that is written in other letter forms or with joiners."""
    compatible = _compatible("".join(char for char in name if char not in _KEPT_THOUGH_INVISIBLE))
    source = _tidied(compatible) if _FORBIDDEN.search(compatible) else name
    return _FORBIDDEN.sub(lambda match: f"{match[0][0]}{gap}{match[0][1:]}", source)


def _compatible(name: str) -> str:
    return unicodedata.normalize("NFKC", name)


def _folded(name: str) -> str:
    return "".join(char for char in _compatible(name).casefold() if char.isalnum()) or _compatible(name)
