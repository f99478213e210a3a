"""A message: what a person said in a place. It is heard once, whatever a gateway sends again."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal, Self, override

from engine.domain.attachment import (
    Attachment,
    perceived_in,
    recordable_attachments,
    with_attachments,
    with_perceived,
)
from engine.domain.event import ERASED, Aggregate, Erased, Event, OpeningEvent, Sealed, Words
from engine.domain.text import recordable
from engine.errors import Invalid

type ErasureReason = Literal["deleted", "asked", "expired"]

type AskedBy = Literal["reply", "activation", "mention", "direct", "command"]
"""What made a message ask a character: it answers one of the character's replies, was said where the character is
active, names it, was said to it in private, or came with a command.
"""


class MessageHeard(OpeningEvent):
    """Someone said something that may be recorded here."""

    shape: ClassVar[int] = 2

    person: str
    text: Words
    tokens: int
    """Tokens of the text and of the words for its attachments, counted once."""
    addresses: tuple[str, ...]
    """The characters it asks for an answer, in the order of asking."""
    is_private: bool
    """Whether only its author and the characters are in the place (a DM, a terminal)."""
    in_reply_to: str | None = None
    attachments: Sealed[tuple[Attachment, ...]] = ()
    refers_to: tuple[str, ...] = ()
    """The ids of the messages, replies and quotes that it brings along, in order."""
    asked_by: tuple[AskedBy, ...] = ()
    """What made it ask each of the addressed characters, in the same order; empty where that was not told."""


class MessageEdited(OpeningEvent):
    """Its author changed the text. Carries the whole message, so that the superseded text can be deleted."""

    shape: ClassVar[int] = 2

    person: str
    text: Words
    tokens: int
    addresses: tuple[str, ...]
    is_private: bool
    heard_at: datetime
    heard_position: int
    """Where on the log it was heard: its place in the history, which the deleted event no longer tells."""
    in_reply_to: str | None = None
    attachments: Sealed[tuple[Attachment, ...]] = ()
    refers_to: tuple[str, ...] = ()
    """The ids of the messages, replies and quotes that it brings along, in order."""
    asked_by: tuple[AskedBy, ...] = ()
    """What made it ask each of the addressed characters, in the same order; empty where that was not told."""


class AttachmentsShown(Event):
    """Models are about to be shown what came with it. Stands before every call, so that each is accounted for."""

    attempt: int
    """Counts the showings since it has its text, from 1."""
    calls: Mapping[str, int]
    """How many of its attachments each model is shown: as many calls at most."""


class AttachmentsDescribed(Event):
    """What was seen and heard in what came with it is known in words, or that none could tell."""

    person: str
    text: Words
    """The text again, as it stood, so that who follows the log has all its words in one event."""
    attachments: Sealed[tuple[Attachment, ...]]
    """All of them, with what was perceived in each."""
    tokens: int
    """Tokens of the text and of the words for its attachments, counted once."""
    models: tuple[str, ...]
    """The models that were asked this time."""


class MessageDeleted(Event):
    """Its author took it back on the platform; its erasure follows."""


class MessageErased(OpeningEvent):
    """The tombstone: the message was erased and stays so when it is heard again."""

    receipt: str
    reason: ErasureReason


class Message(Aggregate, kind="message"):
    person: str = ""
    text: Words = ""
    tokens: int = 0
    addresses: tuple[str, ...] = ()
    is_private: bool = True
    in_reply_to: str | None = None
    attachments: Sealed[tuple[Attachment, ...]] = ()
    refers_to: tuple[str, ...] = ()
    asked_by: tuple[AskedBy, ...] = ()
    heard_at: datetime | None = None
    heard_position: int | None = None
    """Known once it was edited; until then it is where its first event stands."""
    text_version: int = 0
    """The version of the event that gave it its text: what came before that one can go."""
    times_shown: int = 0
    """How often models were shown what came with it, since it has this text."""
    is_deleted: bool = False
    receipt: str | None = None

    @classmethod
    def hear(
        cls,
        message: str,
        *,
        person: str,
        text: str,
        tokens: int,
        addresses: tuple[str, ...],
        is_private: bool,
        at: datetime,
        in_reply_to: str | None = None,
        attachments: tuple[Attachment, ...] = (),
        refers_to: tuple[str, ...] = (),
        asked_by: tuple[AskedBy, ...] = (),
    ) -> Self:
        """`asked_by` is empty, or as long as `addresses`; where a character is named twice, the first counts."""
        if asked_by and len(asked_by) != len(addresses):
            raise Invalid("A message says for each of the characters that it addresses why, or for none.")
        reasons = dict(zip(reversed(addresses), reversed(asked_by), strict=False))
        addresses = tuple(dict.fromkeys(addresses))
        return cls.open(
            MessageHeard,
            id=message,
            at=at,
            person=person,
            text=recordable(text),
            tokens=tokens,
            addresses=addresses,
            is_private=is_private,
            in_reply_to=in_reply_to,
            attachments=recordable_attachments(attachments),
            refers_to=tuple(dict.fromkeys(refers_to)),
            asked_by=tuple(reasons[character] for character in addresses) if asked_by else (),
        )

    @property
    def words(self) -> str:
        """What is read of it: the text, with a line for each attachment. Nothing once it was erased."""
        if isinstance(self.text, Erased):
            return ""
        return self.text if isinstance(self.attachments, Erased) else with_attachments(self.text, self.attachments)

    @property
    def is_gone(self) -> bool:
        """Whether nothing may be answered, shown or remembered of it any more."""
        return self.is_deleted or self.receipt is not None

    def keeping(self, attachments: tuple[Attachment, ...] | None) -> tuple[Attachment, ...] | Erased:
        """What comes with it after an edit that says so (None: as before). What was perceived in one that stays is
        still known.
        """
        if attachments is None or isinstance(self.attachments, Erased):
            return self.attachments
        return with_perceived(recordable_attachments(attachments), perceived_in(self.attachments))

    def edit(
        self,
        *,
        text: str,
        tokens: int,
        heard_position: int,
        at: datetime,
        attachments: tuple[Attachment, ...] | None = None,
        refers_to: tuple[str, ...] | None = None,
    ) -> None:
        """Change the text, and attachments and references where they are given.

        `heard_position` is where its first event stands on the log.
        """
        text = recordable(text)
        brought = self.keeping(attachments)
        refers_to = self.refers_to if refers_to is None else tuple(dict.fromkeys(refers_to))
        if self.is_gone or (text, brought, refers_to) == (self.text, self.attachments, self.refers_to):
            return
        self.happen(
            MessageEdited,
            at=at,
            person=self.person,
            text=text,
            tokens=tokens,
            addresses=self.addresses,
            is_private=self.is_private,
            heard_at=self.heard_at,
            heard_position=self.heard_position or heard_position,
            in_reply_to=self.in_reply_to,
            attachments=brought,
            refers_to=refers_to,
            asked_by=self.asked_by,
        )

    def show(self, *, calls: Mapping[str, int], at: datetime) -> None:
        """Record that models are about to be shown what came with it: how many attachments each, by its name."""
        if not self.is_gone:
            self.happen(AttachmentsShown, at=at, attempt=self.times_shown + 1, calls=calls)

    def describe(self, perceived: Mapping[str, str], *, models: tuple[str, ...], tokens: int, at: datetime) -> None:
        """Record what was perceived in its attachments, by their ids; what is known of one already stays.

        `tokens` are those of its words with that.
        """
        if self.is_gone or isinstance(self.attachments, Erased):
            return
        attachments = with_perceived(self.attachments, perceived)
        if attachments != self.attachments:
            self.happen(
                AttachmentsDescribed,
                at=at,
                person=self.person,
                text=self.text,
                attachments=attachments,
                tokens=tokens,
                models=tuple(dict.fromkeys(models)),
            )

    def delete(self, *, at: datetime) -> None:
        if not self.is_gone:
            self.happen(MessageDeleted, at=at)

    def erase(self, *, receipt: str, reason: ErasureReason, at: datetime) -> None:
        if self.receipt is None:
            self.happen(MessageErased, at=at, receipt=receipt, reason=reason)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case MessageHeard() | MessageEdited():
                self.person, self.text, self.tokens = event.person, event.text, event.tokens
                self.addresses, self.is_private = event.addresses, event.is_private
                self.in_reply_to, self.refers_to = event.in_reply_to, event.refers_to
                self.attachments, self.asked_by = event.attachments, event.asked_by
                self.heard_at, self.text_version, self.times_shown = event.timestamp, event.originator_version, 0
                if isinstance(event, MessageEdited):
                    self.heard_at, self.heard_position = event.heard_at, event.heard_position
            case AttachmentsShown():
                self.times_shown = event.attempt
            case AttachmentsDescribed():
                self.attachments, self.tokens = event.attachments, event.tokens
            case MessageDeleted():
                self.is_deleted, self.text, self.attachments = True, ERASED, ERASED
            case MessageErased():
                self.receipt, self.text, self.person = event.receipt, ERASED, ""
                self.attachments = ERASED
