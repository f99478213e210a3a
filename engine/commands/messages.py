"""What happens to messages: they are heard, edited, deleted, erased."""

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime

from engine.commands.erasing import Erasing, ErasureReceipt
from engine.commands.quotes import MAX_QUOTE_CHARS
from engine.commands.recording import Recording
from engine.domain import Erased, Message, Quote
from engine.domain.attachment import Attachment, with_attachments
from engine.domain.ids import quote_id
from engine.domain.message import AskedBy, ErasureReason
from engine.errors import Invalid, NotFound
from engine.event_log import EventLog, Outcome
from engine.ports import TokenCounter

MAX_MESSAGE_CHARS = 100_000
"""Far above what any platform sends, and far below the log's limit of an event."""

MAX_ATTACHMENTS = 50
"""Several times what any platform sends with one message, forwarded ones included."""

MAX_REFERENCES = 20
"""As many messages as one message may bring along."""

REFERENCE = re.compile(r"(message|reply|quote)(\.[A-Za-z0-9_-]+){2,4}")


@dataclass(frozen=True, slots=True)
class Hear:
    """Someone said something. `message` is its aggregate id, `addresses` are characters in the order of asking.

    `text` is what people read: mentions as names, stickers and polls in words.
    """

    message: str
    person: str
    text: str
    addresses: tuple[str, ...]
    is_private: bool
    at: datetime
    in_reply_to: str | None = None
    """The id of the message or reply that it answers directly, which is one of `refers_to`, too."""
    attachments: tuple[Attachment, ...] = ()
    refers_to: tuple[str, ...] = ()
    """The ids of the messages, replies and quotes that it brings along, in order; quotes are recorded before it."""
    asked_by: tuple[AskedBy, ...] = ()
    """For each of `addresses`, what made the message ask that character; or empty."""


class Messages:
    def __init__(self, log: EventLog, tokens: TokenCounter, erasing: Erasing, recording: Recording) -> None:
        self._log = log
        self._tokens = tokens
        self._erasing = erasing
        self._recording = recording

    async def hear(self, said: Hear) -> Outcome[Message]:
        """Record a message once: the same id again, or one that was erased, changes nothing.

        The outcome's aggregate is the message as it stands on the log, its position where it was last changed. Raises
        NotRecorded for someone who asked for that.
        """
        text = _checked(said.text)
        _check_brought(said.attachments, said.refers_to)

        def hear() -> Message:
            self._recording.check(said.person)
            return Message.hear(
                said.message,
                person=said.person,
                text=text,
                tokens=self._tokens.count(with_attachments(text, said.attachments)),
                addresses=said.addresses,
                is_private=said.is_private,
                at=said.at,
                in_reply_to=said.in_reply_to,
                attachments=said.attachments,
                refers_to=said.refers_to,
                asked_by=said.asked_by,
            )

        return await self._log.begin(Message, said.message, hear)

    async def edit(
        self,
        message: str,
        *,
        text: str,
        at: datetime,
        attachments: tuple[Attachment, ...] | None = None,
        refers_to: tuple[str, ...] | None = None,
    ) -> Outcome[Message] | Outcome[Quote]:
        """Replace a message's text, and delete the superseded text from the log.

        Attachments and references stay as they are where they are not given. One that is only quoted is edited there.
        Raises NotFound, and NotRecorded for someone who asked for that.
        """
        text = _checked(text)
        _check_brought(attachments or (), refers_to or ())
        try:
            first_position = await self._log.first_position(message)
        except NotFound:
            return await self._edit_quote(message, text, attachments, at)

        def edit(found: Message) -> None:
            self._recording.check(found.person)
            found.edit(
                text=text,
                tokens=self._count(text, found.keeping(attachments)),
                heard_position=first_position,
                at=at,
                attachments=attachments,
                refers_to=refers_to,
            )

        outcome = await self._log.change(Message, message, edit)
        if outcome.aggregate.heard_position is not None:  # also when an interrupted edit is sent again
            await self._erasing.delete_superseded(message, outcome.aggregate.text_version)
        with contextlib.suppress(NotFound):  # as a rule; what was quoted before it was heard has its words there, too
            await self._edit_quote(message, text, attachments, at)
        return outcome

    async def _edit_quote(
        self, message: str, text: str, attachments: tuple[Attachment, ...] | None, at: datetime
    ) -> Outcome[Quote]:
        text = text[:MAX_QUOTE_CHARS]

        def edit(found: Quote) -> None:
            self._recording.check(found.person)
            if found.is_forward:
                return  # what somebody forwarded does not change with what they say of it
            brought = found.attachments if attachments is None else attachments
            found.edit(text=text, attachments=attachments, tokens=self._count(text, brought), at=at)

        outcome = await self._log.change(Quote, quote_id(message), edit)
        if not outcome.aggregate.is_gone:
            await self._erasing.delete_superseded(outcome.aggregate.id, outcome.aggregate.version)
        return outcome

    def _count(self, text: str, attachments: tuple[Attachment, ...] | Erased) -> int:
        return self._tokens.count(text if isinstance(attachments, Erased) else with_attachments(text, attachments))

    async def delete(self, message: str, *, at: datetime) -> ErasureReceipt:
        """Its author deleted it where it was said: it is erased here, with the replies to it and what quotes it."""
        with contextlib.suppress(NotFound):  # of one that is only quoted, the quote is erased
            await self._log.change(Message, message, lambda found: found.delete(at=at))
        return await self.erase(message, reason="deleted", at=at)

    async def erase(self, message: str, *, at: datetime, reason: ErasureReason = "asked") -> ErasureReceipt:
        return await self._erasing.erase_message(message, reason=reason, at=at)


def _checked(text: str) -> str:
    """The text, whole. Raises Invalid for one that is too long: cutting it would lose what was said."""
    if len(text) > MAX_MESSAGE_CHARS:
        raise Invalid(f"A message has at most {MAX_MESSAGE_CHARS} characters, this has {len(text)}: send it in parts.")
    return text


def _check_brought(attachments: tuple[Attachment, ...], refers_to: tuple[str, ...]) -> None:
    if len(attachments) > MAX_ATTACHMENTS or len(refers_to) > MAX_REFERENCES:
        raise Invalid(f"A message has at most {MAX_ATTACHMENTS} attachments and {MAX_REFERENCES} references.")
    for id_ in refers_to:
        if not REFERENCE.fullmatch(id_):
            raise Invalid("A message refers to messages, replies and quotes, by their ids.")
