"""Natural keys as aggregate ids, which are also subjects on the log.

An id is a few tokens joined by dots, the first naming the kind: `reply.terminal-9f3c.1024.lyra.1`. A token is made of
`[A-Za-z0-9-]`; every other character is written as `_` and two hexadecimal digits for each of its UTF-8 bytes, so that
any platform's ids fit and can be read back. No id says a name: what stays on the log for ever must say nothing about
anyone. A person is an opaque keyed hash, made by the key ring.
"""

import re
from typing import NamedTuple

from engine.errors import Invalid

MAX_TOKEN_CHARS = 200
"""Seven tokens of this length stay well below the 4,096 bytes that NATS takes for a subject with its protocol line."""

DEFAULT_PERSONA = "default"

INSTANCE = "instance"
"""The owner of what comes with Tzurot or belongs to the operator."""

_PLAIN = re.compile(r"[A-Za-z0-9-]+\Z")
_ESCAPED_BYTE = re.compile(r"_([0-9A-F]{2})")


def token(text: str) -> str:
    """Write `text` as one token of an id; `untoken` reads it back."""
    if not text:
        raise Invalid("An id may not be empty.")
    if _PLAIN.match(text):
        escaped = text
    else:
        escaped = "".join(
            char if char.isascii() and (char.isalnum() or char == "-") else _escape(char) for char in text
        )
    if len(escaped) > MAX_TOKEN_CHARS:
        raise Invalid(f"An id may have at most {MAX_TOKEN_CHARS} characters once escaped: this has {len(escaped)}.")
    return escaped


def untoken(escaped: str) -> str:
    """The text that `token` was given."""
    raw = _ESCAPED_BYTE.sub(lambda match: chr(int(match[1], 16)), escaped)
    return raw.encode("latin-1").decode("utf-8") if "_" in escaped else escaped


def _escape(char: str) -> str:
    try:
        return "".join(f"_{byte:02X}" for byte in char.encode())
    except UnicodeEncodeError:
        raise Invalid("An id may not hold half a surrogate pair.") from None


def place_id(platform: str, channel: str) -> str:
    """The token of a place: the platform first, so that a reply finds its way back to it.

    A hyphen ends the platform, so one of its own is escaped.
    """
    place = f"{token(platform).replace('-', _escape('-'))}-{token(channel)}"
    if len(place) > MAX_TOKEN_CHARS:
        raise Invalid(f"A place may have at most {MAX_TOKEN_CHARS} characters once escaped: this has {len(place)}.")
    return place


def platform_of(place: str) -> str:
    return untoken(place.split("-", 1)[0])


def message_id(place: str, message: str) -> str:
    """`place` is a token already, as `place_id` makes it; `message` is the platform's own id."""
    return f"message.{place}.{token(message)}"


def place_subject(place: str) -> str:
    """The id of the aggregate of a place; `place` is the token that `place_id` makes."""
    return f"place.{place}"


def quote_id(message: str) -> str:
    """The id of what is quoted of a message that is not on the log; `message` is that message's id."""
    return f"quote.{message.removeprefix('message.')}"


def reply_id(message: str, character: str, n: int = 1) -> str:
    """The id of a character's n-th reply to a message; n counts regenerations from 1."""
    return f"reply.{message.removeprefix('message.')}.{character}.{n}"


def memory_id(reply: str) -> str:
    return f"memory.{reply.removeprefix('reply.')}"


def reply_of_memory(memory: str) -> str:
    return f"reply.{memory.removeprefix('memory.')}"


class ReplyKey(NamedTuple):
    """What a reply's id says."""

    place: str
    message: str
    character: str
    n: int


def reply_key(reply: str) -> ReplyKey:
    """Take a reply's id apart; `message` is the id of the message it answers."""
    match reply.split("."):
        case ["reply", place, message, character, n] if n.isascii() and n.isdigit():
            return ReplyKey(place, f"message.{place}.{message}", character, int(n))
    raise Invalid(f"{reply!r} is no reply id: it reads reply.PLACE.MESSAGE.CHARACTER.N.")


def place_of(subject: str) -> str | None:
    """The place that an id names, None for the ids of kinds that belong to none."""
    kind, _, rest = subject.partition(".")
    return rest.split(".", 1)[0] if kind in ("message", "reply", "memory", "quote", "place") else None


def character_id(character: str) -> str:
    return f"character.{character}"


def avatar_id(character: str) -> str:
    return f"avatar.{character}"


def preset_id(owner: str, preset: str) -> str:
    return f"preset.{owner}.{preset}"


def person_id(person: str) -> str:
    return f"person.{person}"


def persona_id(person: str, persona: str = DEFAULT_PERSONA) -> str:
    return f"persona.{person}.{persona}"


def choice_id(person: str, character: str) -> str:
    return f"choice.{person}.{character}"


def history_id(person: str, persona: str, character: str) -> str:
    return f"history.{person}.{persona}.{character}"


def claim_id(kind: str, keyed_hash: str) -> str:
    """`keyed_hash` is the key ring's hash of the claimed name: the name itself is no part of a subject."""
    return f"claim.{kind}.{keyed_hash}"


def erasure_id(receipt: str) -> str:
    return f"erasure.{receipt}"
