"""From Discord's JSON to `Said`.

The payload is read, not the library's message: nextcord 3.2 drops polls, the application of a webhook and more, and
refuses a whole message for one part that it does not know. Here what is missing or of another kind is left out, and
only a message without an id, a channel or an author is none (`Unreadable`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.discord.hearing.said import (
    Attached,
    Author,
    Content,
    Embedded,
    Forward,
    Names,
    Poll,
    Reference,
    Said,
    Where,
)

DISCORD_EPOCH_MS = 1_420_070_400_000
LEAST_THAT_IS_NO_ID = 1 << 64
MAX_ID_DIGITS = 20
MAX_AMOUNT = 1 << 53
"""Bytes or seconds: as far as a double counts one by one."""

SPEECH = frozenset({0, 19})
"""Types of a message that someone said: a plain one and a reply."""
FORWARD = 1
"""The type of a reference that is a forward."""

type Payload = Mapping[str, Any]


class Unreadable(ValueError):
    """This payload is no message."""


def said(payload: Payload, where: Where, names: Names | None = None) -> Said:
    """The message of a payload. Raises Unreadable."""
    id_ = snowflake(payload.get("id"))
    author = _mapping(payload.get("author"))
    if id_ is None or snowflake(author.get("id")) is None:
        raise Unreadable("a message without an id or an author")
    reference = _mapping(payload.get("message_reference"))
    kind = payload.get("type", 0)
    is_forward = reference.get("type") == FORWARD
    return Said(
        id=id_,
        where=where,
        author=_author(payload, author),
        content=_content(payload),
        at=_time(payload.get("timestamp")) or time_of(id_),
        edited_at=_time(payload.get("edited_timestamp")),
        reply_to=None if is_forward else _reference(reference, where),
        forwards=_forwards(payload, reference) if is_forward else (),
        names=names or Names(),
        is_speech=isinstance(kind, int) and kind in SPEECH,
    )


def time_of(id_: str) -> datetime:
    """When Discord made an id."""
    return datetime.fromtimestamp(((int(id_) >> 22) + DISCORD_EPOCH_MS) / 1000, tz=UTC)


def snowflake(value: object) -> str | None:
    """An id as text, whether it came as text or as a number; None for what is none of Discord's."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value < LEAST_THAT_IS_NO_ID else None
    is_number = isinstance(value, str) and len(value) <= MAX_ID_DIGITS and value.isascii() and value.isdigit()
    return value if isinstance(value, str) and is_number and int(value) < LEAST_THAT_IS_NO_ID else None


def _author(payload: Payload, author: Payload) -> Author:
    return Author(
        id=snowflake(author.get("id")) or "",
        name=_name(author, _mapping(payload.get("member"))),
        is_bot=author.get("bot") is True or author.get("system") is True,
        webhook=snowflake(payload.get("webhook_id")),
        application=snowflake(payload.get("application_id")),
    )


def _name(user: Payload, member: Payload) -> str:
    return _text(member.get("nick")) or _text(user.get("global_name")) or _text(user.get("username"))


def _content(payload: Payload) -> Content:
    return Content(
        text=_text(payload.get("content")),
        attachments=tuple(_attachments(payload)),
        stickers=tuple(
            name for sticker in _mappings(payload.get("sticker_items")) if (name := _text(sticker.get("name")))
        ),
        poll=_poll(_mapping(payload.get("poll"))),
        embeds=tuple(embed for one in _mappings(payload.get("embeds")) if (embed := _embedded(one)) != Embedded()),
        users={
            id_: _name(user, _mapping(user.get("member")))
            for user in _mappings(payload.get("mentions"))
            if (id_ := snowflake(user.get("id")))
        },
    )


def _attachments(payload: Payload) -> Iterable[Attached]:
    for one in _mappings(payload.get("attachments")):
        id_ = snowflake(one.get("id"))
        if id_ is not None:
            yield Attached(
                id=id_,
                name=_text(one.get("title")) or _text(one.get("filename")),
                kind=_text(one.get("content_type")),
                size=int(_amount(one.get("size")) or 0),
                url=_text(one.get("url")),
                duration_s=_amount(one.get("duration_secs")),
                description=_text(one.get("description")),
            )


def _poll(poll: Payload) -> Poll | None:
    if not poll:
        return None
    answers = (_mapping(answer.get("poll_media")) for answer in _mappings(poll.get("answers")))
    return Poll(
        question=_text(_mapping(poll.get("question")).get("text")),
        answers=tuple(
            _text(answer.get("text")) or _text(_mapping(answer.get("emoji")).get("name")) for answer in answers
        ),
        takes_several=poll.get("allow_multiselect") is True,
    )


def _embedded(embed: Payload) -> Embedded:
    return Embedded(
        title=_text(embed.get("title")),
        description=_text(embed.get("description")),
        fields=tuple((_text(one.get("name")), _text(one.get("value"))) for one in _mappings(embed.get("fields"))),
        author=_text(_mapping(embed.get("author")).get("name")),
        footer=_text(_mapping(embed.get("footer")).get("text")),
    )


def _reference(reference: Payload, where: Where) -> Reference | None:
    message = snowflake(reference.get("message_id"))
    if message is None:
        return None
    return Reference(message, snowflake(reference.get("channel_id")) or where.channel, where.server)


def _forwards(payload: Payload, reference: Payload) -> tuple[Forward, ...]:
    forwards = []
    for snapshot in _mappings(payload.get("message_snapshots")):
        message = _mapping(snapshot.get("message"))
        forwards.append(
            Forward(
                content=_content(message),
                at=_time(message.get("timestamp")),
                message=snowflake(reference.get("message_id")),
                channel=snowflake(reference.get("channel_id")),
            )
        )
    return tuple(forwards)


def _amount(value: object) -> float | None:
    """How much of something, as far as anything can be so much."""
    is_amount = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_AMOUNT
    return float(value) if isinstance(value, int | float) and is_amount else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Payload:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Payload]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None  # what is no time is left out like anything else that is of another kind
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
