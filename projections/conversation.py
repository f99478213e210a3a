"""What a batch of events makes of messages, replies and quotes: shared by history and memory. Pure.

Everything that happens to one message or reply within the batch is taken together, so that what was said and erased
in one batch is never written. Log order decides; what can come in another order than one would expect:

- A message that was edited and whose earlier event is gone begins with its edit, perhaps after its own reply.
- A reply that failed may be started again: then what was there goes first, and the new beginning is written after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.domain.attachment import Attachment, with_attachments
from engine.domain.event import Erased
from engine.domain.ids import reply_key
from engine.domain.message import AttachmentsDescribed, MessageDeleted, MessageEdited, MessageErased, MessageHeard
from engine.domain.quote import MessageQuoted, QuoteErased
from engine.domain.reply import (
    ReplyComposed,
    ReplyDelivered,
    ReplyErased,
    ReplyFailed,
    ReplyStarted,
    ReplyWithdrawn,
)
from projections.projection import storable
from projections.source import Fact


@dataclass(slots=True)
class MessageRow:
    """A message as the batch leaves it. One that is not new was heard before this batch."""

    id: str
    place: str
    version: int
    person: str
    text: str | None
    tokens: int
    addresses: tuple[str, ...]
    is_private: bool
    at: datetime
    position: int
    is_new: bool
    in_reply_to: str | None = None
    refers_to: tuple[str, ...] = ()


@dataclass(slots=True)
class DescribedRow:
    """A message heard before this batch, whose attachments are known in words now."""

    id: str
    version: int
    text: str | None
    tokens: int


@dataclass(slots=True)
class QuoteRow:
    """Words of somebody that a message brought along."""

    id: str
    version: int
    person: str
    author: str | None
    text: str | None
    tokens: int
    is_forward: bool
    position: int


@dataclass(slots=True)
class ReplyRow:
    """What the batch says of a reply; None is for what it does not say."""

    id: str
    place: str
    message: str
    character: str
    person: str | None = None
    persona: str | None = None
    version: int | None = None
    text: str | None = None
    tokens: int | None = None
    composed_at: datetime | None = None
    position: int | None = None
    delivered_at: datetime | None = None


@dataclass(slots=True)
class Conversation:
    """The outcome of a batch. What has gone is deleted first, then the rest is written."""

    messages: dict[str, MessageRow] = field(default_factory=dict)
    described: dict[str, DescribedRow] = field(default_factory=dict)
    replies: dict[str, ReplyRow] = field(default_factory=dict)
    quotes: dict[str, QuoteRow] = field(default_factory=dict)
    gone_messages: set[str] = field(default_factory=set)
    gone_replies: set[str] = field(default_factory=set)
    gone_quotes: set[str] = field(default_factory=set)

    @property
    def heard(self) -> list[MessageRow]:
        return [message for message in self.messages.values() if message.is_new]

    @property
    def edited(self) -> list[MessageRow]:
        """Messages heard before the batch."""
        return [message for message in self.messages.values() if not message.is_new]


def persona_token(persona: str) -> str:
    """A persona's token, whether it is given as that or as the id of the aggregate."""
    return persona.rsplit(".", 1)[-1]


def fold_conversation(facts: Sequence[Fact]) -> Conversation:
    batch = Conversation()
    for position, event in facts:
        match event:
            case MessageHeard():
                batch.messages[event.originator_id] = _message(event, event.timestamp, position, is_new=True)
            case MessageEdited() | AttachmentsDescribed():
                _fold_change(batch, event)
            case MessageDeleted() | MessageErased():
                _message_goes(batch, event.originator_id)
            case ReplyStarted():
                reply = _reply(batch, event.originator_id)
                reply.person, reply.persona = event.person, persona_token(event.persona)
            case ReplyComposed():
                reply = _reply(batch, event.originator_id)
                reply.person, reply.version, reply.composed_at = event.person, event.originator_version, event.timestamp
                reply.text = storable(event.text) if isinstance(event.text, str) else None
                reply.tokens = event.tokens
            case ReplyDelivered():
                reply = _reply(batch, event.originator_id)
                reply.position, reply.delivered_at = position, event.timestamp
            case ReplyFailed() | ReplyWithdrawn() | ReplyErased():
                batch.replies.pop(event.originator_id, None)
                batch.gone_replies.add(event.originator_id)
            case MessageQuoted() | QuoteErased():
                _fold_quote(batch, position, event)
    return batch


def _fold_change(batch: Conversation, event: MessageEdited | AttachmentsDescribed) -> None:
    id_, known = event.originator_id, batch.messages.get(event.originator_id)
    if isinstance(event, MessageEdited):
        is_new = known is not None and known.is_new
        batch.described.pop(id_, None)
        batch.messages[id_] = _message(event, event.heard_at, event.heard_position, is_new=is_new)
        return
    text, version = _read(event.text, event.attachments), event.originator_version
    if known is None:
        batch.described[id_] = DescribedRow(id_, version, text, event.tokens)
    else:
        known.version, known.text, known.tokens = version, text, event.tokens


def _fold_quote(batch: Conversation, position: int, event: MessageQuoted | QuoteErased) -> None:
    if isinstance(event, MessageQuoted):
        batch.quotes[event.originator_id] = _quote(event, position)
    else:
        batch.quotes.pop(event.originator_id, None)
        batch.gone_quotes.add(event.originator_id)


def _read(text: str | Erased, attachments: tuple[Attachment, ...] | Erased) -> str | None:
    """What is read of a message; None once it was erased."""
    if isinstance(text, Erased):
        return None
    return storable(text if isinstance(attachments, Erased) else with_attachments(text, attachments))


def _quote(event: MessageQuoted, position: int) -> QuoteRow:
    return QuoteRow(
        id=event.originator_id,
        version=event.originator_version,
        person=event.person,
        author=storable(event.author) if isinstance(event.author, str) else None,
        text=_read(event.text, event.attachments),
        tokens=event.tokens,
        is_forward=event.is_forward,
        position=position,
    )


def _message(
    event: MessageHeard | MessageEdited, heard_at: datetime, heard_position: int, *, is_new: bool
) -> MessageRow:
    return MessageRow(
        id=event.originator_id,
        place=event.originator_id.split(".", 2)[1],
        version=event.originator_version,
        person=event.person,
        text=_read(event.text, event.attachments),
        tokens=event.tokens,
        addresses=event.addresses,
        is_private=event.is_private,
        at=heard_at,
        position=heard_position,
        is_new=is_new,
        in_reply_to=event.in_reply_to,
        refers_to=event.refers_to,
    )


def _reply(batch: Conversation, reply: str) -> ReplyRow:
    if reply not in batch.replies:
        key = reply_key(reply)
        batch.replies[reply] = ReplyRow(reply, key.place, key.message, key.character)
    return batch.replies[reply]


def _message_goes(batch: Conversation, message: str) -> None:
    """The replies to it go with it; those in earlier batches are found by their message."""
    batch.messages.pop(message, None)
    batch.described.pop(message, None)
    batch.gone_messages.add(message)
    prefix = f"reply.{message.removeprefix('message.')}."
    for reply in [reply for reply in batch.replies if reply.startswith(prefix)]:
        del batch.replies[reply]
