"""Events as tests want them: each says only what matters to it. Times count up by a second."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.domain import Event
from engine.domain.attachment import with_attachments, with_perceived
from engine.domain.event import JSON
from engine.domain.history import HistoryCleared, HistoryClearUndone
from engine.domain.ids import history_id, memory_id, message_id, quote_id, reply_id, reply_key
from engine.domain.message import AttachmentsDescribed, MessageDeleted, MessageEdited, MessageErased, MessageHeard
from engine.domain.quote import MessageQuoted, QuoteErased
from engine.domain.reply import (
    ReplyComposed,
    ReplyDelivered,
    ReplyErased,
    ReplyFailed,
    ReplyPosted,
    ReplyStarted,
    ReplyWithdrawn,
)
from tests.builders import because

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Script:
    """Makes events one after another; versions count up by subject."""

    person: str = "ana"
    character: str = "lyra"
    place: str = "terminal-1"
    persona: str = "default"
    is_private: bool = True
    versions: dict[str, int] = field(default_factory=dict)
    heard: dict[str, MessageHeard] = field(default_factory=dict)
    seconds: int = 0

    def event[E: Event](self, kind: type[E], subject: str, **fields: Any) -> E:
        self.versions[subject] = self.versions.get(subject, 0) + 1
        self.seconds += 1
        return kind(
            originator_id=subject,
            originator_version=self.versions[subject],
            timestamp=START + timedelta(seconds=self.seconds),
            **fields,
        )

    def hear(
        self,
        number: int,
        text: str,
        *,
        person: str | None = None,
        addresses: tuple[str, ...] | None = None,
        place: str | None = None,
        is_private: bool | None = None,
        **brought: Any,
    ) -> MessageHeard:
        message = message_id(place or self.place, str(number))
        self.heard[message] = self.event(
            MessageHeard,
            message,
            person=person or self.person,
            text=text,
            tokens=len(text.split()),
            addresses=(self.character,) if addresses is None else addresses,
            is_private=self.is_private if is_private is None else is_private,
            **brought,
        )
        return self.heard[message]

    def quote(
        self, number: int, text: str, *, person: str = "zoe", place: str | None = None, **said: Any
    ) -> MessageQuoted:
        """Words that a message brings along, of a message that was not heard."""
        return self.event(
            MessageQuoted,
            quote_id(message_id(place or self.place, str(number))),
            person=person,
            text=text,
            **{"author": "Zoe", "attachments": (), "tokens": len(text.split()), "said_at": START, "is_forward": False}
            | said,
        )

    def erase_quote(self, quote: str) -> QuoteErased:
        return self.event(QuoteErased, quote, receipt="r1", reason="deleted")

    def edit(self, heard: MessageHeard, text: str, *, heard_position: int = 1) -> MessageEdited:
        return self.event(
            MessageEdited,
            heard.originator_id,
            person=heard.person,
            text=text,
            tokens=len(text.split()),
            addresses=heard.addresses,
            is_private=heard.is_private,
            heard_at=heard.timestamp,
            heard_position=heard_position,
            in_reply_to=heard.in_reply_to,
            attachments=heard.attachments,
            refers_to=heard.refers_to,
            asked_by=heard.asked_by,
        )

    def describe(self, heard: MessageHeard, **perceived: str) -> AttachmentsDescribed:
        """What is perceived in what came with a message, by the attachments' ids."""
        assert isinstance(heard.text, str)
        assert isinstance(heard.attachments, tuple)
        attachments = with_perceived(heard.attachments, perceived)
        return self.event(
            AttachmentsDescribed,
            heard.originator_id,
            person=heard.person,
            text=heard.text,
            attachments=attachments,
            tokens=len(with_attachments(heard.text, attachments).split()),
            models=("sees",),
        )

    def delete(self, message: str) -> MessageDeleted:
        return self.event(MessageDeleted, message)

    def erase(self, message: str) -> MessageErased:
        return self.event(MessageErased, message, receipt="r1", reason="asked")

    def start(self, heard: MessageHeard, *, n: int = 1, character: str | None = None) -> ReplyStarted:
        character = character or self.character
        reply = reply_id(heard.originator_id, character, n)
        return self.event(
            ReplyStarted,
            reply,
            person=heard.person,
            persona=self.persona,
            character=character,
            message=heard.originator_id,
            message_version=1,
            attempt=1,
            model="offline",
        )

    def compose(self, reply: str, text: str) -> ReplyComposed:
        message = reply_key(reply).message
        return self.event(
            ReplyComposed,
            reply,
            person=self.heard[message].person,
            text=text,
            tokens=len(text.split()),
            answers_old_text=False,
            because=because(),
            settings={"temperature": {"value": 0.7, "source": "preset"}},
        )

    def post(self, reply: str) -> ReplyPosted:
        return self.event(ReplyPosted, reply, chunk=0, chunks=1, post="p1")

    def deliver(self, reply: str) -> ReplyDelivered:
        return self.event(ReplyDelivered, reply)

    def fail(self, reply: str) -> ReplyFailed:
        return self.event(ReplyFailed, reply, attempt=1, reason="timeout", message="Too slow.", is_permanent=False)

    def withdraw(self, reply: str) -> ReplyWithdrawn:
        return self.event(ReplyWithdrawn, reply, reason="message deleted")

    def erase_reply(self, reply: str) -> ReplyErased:
        return self.event(ReplyErased, reply, receipt="r1", message=reply_key(reply).message)

    def answer(
        self, heard: MessageHeard, text: str, *, n: int = 1, character: str | None = None
    ) -> tuple[Event, Event, Event, Event]:
        started = self.start(heard, n=n, character=character)
        reply = started.originator_id
        return started, self.compose(reply, text), self.post(reply), self.deliver(reply)

    def turn(self, number: int, said: str, answered: str) -> list[Event]:
        heard = self.hear(number, said)
        return [heard, *self.answer(heard, answered)]

    @property
    def _history(self) -> str:
        return history_id(self.person, self.persona, self.character)

    def clear(self, *, again: int | None = None) -> HistoryCleared:
        return self.event(HistoryCleared, self._history, again=again)

    def undo_clear(self, undone: int) -> HistoryClearUndone:
        return self.event(HistoryClearUndone, self._history, undone=undone)

    def touch[E: Event](self, kind: type[E], reply: str, **fields: Any) -> E:
        """Something that is done to the memory of a reply."""
        return self.event(kind, memory_id(reply), **fields)

    def created[E: Event](self, kind: type[E], subject: str, *, person: str | None = None, **fields: JSON) -> E:
        return self.event(kind, subject, person=person or self.person, fields=fields)

    def changed[E: Event](self, kind: type[E], subject: str, **changes: JSON) -> E:
        return self.event(kind, subject, person=self.person, changes=changes)
