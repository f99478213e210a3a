"""A reply: one character's answer to one message.

    ReplyStarted ──► ReplyComposed ──► ReplyPosted (each chunk) ──► ReplyDelivered
         │  ▲              │
         │  └─ again, after a crash or a passing failure: every call to a model is on the log
         ├──► ReplyFailed        with a reason that the person can read; posted as a notice where a platform wants it
         └──► ReplyWithdrawn     what it answers has gone, or was answered a moment ago

    composed or failed, and no post can stand ──► ReplyUndeliverable

However often it is asked for, a reply is composed once and delivered once: the state says so, not a window of time.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal, Self, override

from engine.domain.because import Because
from engine.domain.event import ERASED, JSON, Aggregate, Event, OpeningEvent, Sealed, Words
from engine.domain.text import recordable

type WithdrawalReason = Literal["message deleted", "message erased", "person blocked", "repeat"]


class ReplyState(StrEnum):
    STARTED = "started"
    COMPOSED = "composed"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class ReplyStarted(OpeningEvent):
    """A model is about to be called. Stands before every call, so that each is accounted for."""

    person: str
    persona: str
    character: str
    message: str
    message_version: int
    attempt: int
    model: str


class ReplyComposed(Event):
    """The model answered, and what it said is the reply."""

    shape: ClassVar[int] = 2

    person: str
    text: Words
    tokens: int
    answers_old_text: bool
    """The message was edited while the answer was made: it stands, marked as of the old text."""
    because: Because
    settings: Sealed[Mapping[str, JSON]]
    """Each setting in force as {"value": ..., "source": layer}."""


class ReplyPosted(Event):
    """One chunk stands on the platform: of the reply, or of the notice that none will come."""

    chunk: int
    chunks: int
    post: str


class ReplyDelivered(Event):
    """Every chunk stands on the platform: from here on the reply can be remembered."""


class ReplyFailed(Event):
    """No answer came. `message` is what the person is told: our own words, never the provider's."""

    attempt: int
    reason: str
    message: str
    is_permanent: bool
    retry_after_s: float | None = None


class ReplyWithdrawn(Event):
    """What it answered is gone, so it is not shown."""

    reason: WithdrawalReason


class ReplyUndeliverable(Event):
    """It could not be put where it was asked for, and is not tried again: nothing waits for it any more."""

    reason: str
    message: str
    """For the operator: what stood in the way, in our own words."""


class ReplyErased(OpeningEvent):
    """The tombstone of a reply."""

    receipt: str
    message: str
    posts: tuple[str, ...] = ()
    """The platform's ids of its posts, so that they can be taken back."""


class Reply(Aggregate, kind="reply"):
    state: ReplyState = ReplyState.STARTED
    person: str = ""
    persona: str = ""
    character: str = ""
    message: str = ""
    message_version: int = 0
    attempt: int = 0
    model: str = ""
    text: Words = ""
    tokens: int = 0
    because: Because | None = None
    settings: Sealed[Mapping[str, JSON]] = ERASED
    answers_old_text: bool = False
    settled_at: datetime | None = None
    """When it was composed, or failed."""
    posts: tuple[str, ...] = ()
    failure: ReplyFailed | None = None
    withdrawn_for: WithdrawalReason | None = None
    obstacle: str | None = None
    """What stood in the way of delivering it."""
    receipt: str | None = None

    @classmethod
    def start(
        cls,
        reply: str,
        *,
        person: str,
        persona: str,
        character: str,
        message: str,
        message_version: int,
        model: str,
        at: datetime,
    ) -> Self:
        return cls.open(
            ReplyStarted,
            id=reply,
            at=at,
            person=person,
            persona=persona,
            character=character,
            message=message,
            message_version=message_version,
            attempt=1,
            model=model,
        )

    @property
    def is_open(self) -> bool:
        """Whether an answer may still come."""
        passing_failure = self.failure is not None and not self.failure.is_permanent
        return self.state is ReplyState.STARTED or (self.state is ReplyState.FAILED and passing_failure)

    @property
    def has_failed_for_good(self) -> bool:
        """Whether no answer will come, and a notice of that may be posted."""
        return self.state is ReplyState.FAILED and not self.is_open

    def holds(self, chunk: int, post: str) -> bool:
        """Whether this post is the one that stands for a chunk, and is to stay."""
        is_wanted = self.state in (ReplyState.COMPOSED, ReplyState.DELIVERED) or self.has_failed_for_good
        return is_wanted and len(self.posts) > chunk and self.posts[chunk] == post

    def start_again(self, *, persona: str, message_version: int, model: str, at: datetime) -> None:
        if self.is_open:
            self.happen(
                ReplyStarted,
                at=at,
                person=self.person,
                persona=persona,
                character=self.character,
                message=self.message,
                message_version=message_version,
                attempt=self.attempt + 1,
                model=model,
            )

    def compose(
        self,
        *,
        text: str,
        tokens: int,
        because: Because,
        settings: Mapping[str, JSON],
        answers_old_text: bool,
        at: datetime,
    ) -> None:
        if self.is_open:
            self.happen(
                ReplyComposed,
                at=at,
                person=self.person,
                text=recordable(text),
                tokens=tokens,
                because=because,
                settings=settings,
                answers_old_text=answers_old_text,
            )

    def fail(
        self,
        *,
        reason: str,
        message: str,
        is_permanent: bool,
        at: datetime,
        retry_after_s: float | None = None,
    ) -> None:
        if self.is_open:
            self.happen(
                ReplyFailed,
                at=at,
                attempt=self.attempt,
                reason=reason,
                message=message,
                is_permanent=is_permanent,
                retry_after_s=retry_after_s,
            )

    def withdraw(self, *, reason: WithdrawalReason, at: datetime) -> None:
        if self.is_open or self.state is ReplyState.COMPOSED or self.has_failed_for_good:
            self.happen(ReplyWithdrawn, at=at, reason=reason)

    def post(self, *, chunk: int, chunks: int, post: str, at: datetime) -> None:
        if (self.state is ReplyState.COMPOSED or self.has_failed_for_good) and chunk == len(self.posts):
            self.happen(ReplyPosted, at=at, chunk=chunk, chunks=chunks, post=post)

    def deliver(self, *, at: datetime) -> None:
        if self.state is ReplyState.COMPOSED:
            self.happen(ReplyDelivered, at=at)

    def give_up(self, *, reason: str, message: str, at: datetime) -> None:
        """Record that it cannot be delivered, whatever part of it stands already."""
        if self.state is ReplyState.COMPOSED or self.has_failed_for_good:
            self.happen(ReplyUndeliverable, at=at, reason=reason, message=message)

    def erase(self, *, receipt: str, at: datetime) -> None:
        if self.state is not ReplyState.ERASED:
            self.happen(ReplyErased, at=at, receipt=receipt, message=self.message, posts=self.posts)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case ReplyStarted():
                self.state, self.failure = ReplyState.STARTED, None
                self.person, self.persona, self.character = event.person, event.persona, event.character
                self.message, self.message_version = event.message, event.message_version
                self.attempt, self.model = event.attempt, event.model
            case ReplyComposed():
                self.state, self.text, self.tokens = ReplyState.COMPOSED, event.text, event.tokens
                self.because, self.settings = event.because, event.settings
                self.answers_old_text, self.settled_at = event.answers_old_text, event.timestamp
            case ReplyPosted():
                self.posts = (*self.posts, event.post)
            case ReplyDelivered():
                self.state = ReplyState.DELIVERED
            case ReplyFailed():
                self.state, self.failure, self.settled_at = ReplyState.FAILED, event, event.timestamp
            case ReplyWithdrawn():
                self.state, self.text, self.withdrawn_for = ReplyState.WITHDRAWN, ERASED, event.reason
            case ReplyUndeliverable():
                self.state, self.obstacle = ReplyState.UNDELIVERABLE, event.message
            case ReplyErased():
                self.state, self.receipt = ReplyState.ERASED, event.receipt
                self.text, self.settings = ERASED, ERASED
                self.message, self.posts = event.message, event.posts
