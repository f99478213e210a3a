"""A quote: other people's words that a message brings along, and that are not on the log as a message of their own.

It has the id of the message that it repeats (`quote.<place>.<message>`) and is sealed under the key of that message's
author, so what happens to the author's words happens to it: it is edited, deleted and erased with that message. A
forward that does not say whose words it holds is the forwarder's, under the id of the message that forwards them.
"""

from datetime import datetime
from typing import Self, override

from engine.domain.attachment import Attachment, recordable_attachments, with_attachments
from engine.domain.event import ERASED, Aggregate, Erased, Event, OpeningEvent, Sealed, Words
from engine.domain.message import ErasureReason
from engine.domain.text import recordable


class MessageQuoted(OpeningEvent):
    """A message brought these words along. Carries the whole, so that superseded words can be deleted."""

    person: str
    """Whose words they are, or who forwarded them, and whose key seals them."""
    author: Words | None
    """The author's name where it was said; None where it is not known."""
    text: Words
    attachments: Sealed[tuple[Attachment, ...]]
    tokens: int
    """Tokens of the text and of the words for its attachments, counted once."""
    said_at: datetime | None
    is_forward: bool


class QuoteErased(OpeningEvent):
    """The tombstone: the quote was erased and stays so when its message is quoted again."""

    receipt: str
    reason: ErasureReason


class Quote(Aggregate, kind="quote"):
    person: str = ""
    author: Words | None = None
    text: Words = ""
    attachments: Sealed[tuple[Attachment, ...]] = ()
    tokens: int = 0
    said_at: datetime | None = None
    is_forward: bool = False
    receipt: str | None = None

    @classmethod
    def bring(
        cls,
        quote: str,
        *,
        person: str,
        author: str | None,
        text: str,
        attachments: tuple[Attachment, ...],
        tokens: int,
        said_at: datetime | None,
        is_forward: bool,
        at: datetime,
    ) -> Self:
        return cls.open(
            MessageQuoted,
            id=quote,
            at=at,
            person=person,
            author=None if author is None else recordable(author),
            text=recordable(text),
            attachments=recordable_attachments(attachments),
            tokens=tokens,
            said_at=said_at,
            is_forward=is_forward,
        )

    @property
    def words(self) -> str:
        """What is read of it: the text, with a line for each attachment. Nothing once it was erased."""
        if isinstance(self.text, Erased):
            return ""
        return self.text if isinstance(self.attachments, Erased) else with_attachments(self.text, self.attachments)

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it may be shown any more: it was erased, or its author's key was destroyed."""
        return self.receipt is not None or self.text is ERASED

    def edit(self, *, text: str, attachments: tuple[Attachment, ...] | None, tokens: int, at: datetime) -> None:
        """Its author changed the words where they were said. `attachments` None leaves those as they are."""
        text = recordable(text)
        brought = self.attachments if attachments is None else recordable_attachments(attachments)
        if self.is_gone or (text, brought) == (self.text, self.attachments):
            return
        self.happen(
            MessageQuoted,
            at=at,
            person=self.person,
            author=self.author,
            text=text,
            attachments=brought,
            tokens=tokens,
            said_at=self.said_at,
            is_forward=self.is_forward,
        )

    def erase(self, *, receipt: str, reason: ErasureReason, at: datetime) -> None:
        if self.receipt is None:
            self.happen(QuoteErased, at=at, receipt=receipt, reason=reason)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case MessageQuoted():
                self.person, self.author, self.text = event.person, event.author, event.text
                self.attachments, self.tokens = event.attachments, event.tokens
                self.said_at, self.is_forward = event.said_at, event.is_forward
            case QuoteErased():
                self.receipt, self.person = event.receipt, ""
                self.text, self.author, self.attachments = ERASED, None, ERASED
