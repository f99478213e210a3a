"""When things cross: what becomes of a reply whose message changed, went, or whose person was blocked meanwhile.

    while a reply is…       message edited          message deleted or erased     person blocked
    not started             answer the new text     no reply                      no reply
    being generated         stands, as of the old   withdrawn                     withdrawn
    composed, not posted    posted as it is         withdrawn                     withdrawn
    delivered               nothing                 erased, its posts taken back  nothing
    failed for good         its notice is posted    withdrawn, notice taken back  withdrawn

The log's order decides, no clock. Each function is asked with message and reply as they are on the log at that moment,
and answers with what has to be done; who asks does it. Settings are no part of these questions: a reply keeps those
that it started with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from engine.domain.event import Erased
from engine.domain.message import Message
from engine.domain.reply import Reply, ReplyState, WithdrawalReason

REPEATS_WITHIN = timedelta(seconds=5)
"""The same words again so soon are a slip of a finger or of a client, not another question."""

type NoReplyReason = WithdrawalReason | Literal["already"]


@dataclass(frozen=True, slots=True)
class NoReply:
    """No model is called. "already" means that there is nothing left to do for this reply."""

    reason: NoReplyReason


@dataclass(frozen=True, slots=True)
class Compose:
    """What the model said becomes the reply."""

    answers_old_text: bool


@dataclass(frozen=True, slots=True)
class Post:
    """The reply goes out, from chunk `first_chunk` on: those before it stand on the platform already."""

    first_chunk: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The reply is not shown; `take_back` are the posts of it that stand on the platform already."""

    reason: WithdrawalReason
    take_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EraseReply:
    """The reply's words go with its message's; `take_back` are its posts."""

    take_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing has to be done: it is done, or no longer wanted, or not yet possible."""


@dataclass(frozen=True, slots=True)
class IncognitoSpan:
    """The positions from turning incognito on to turning it off; `until` is None while it lasts."""

    since: int
    until: int | None


def before_start(message: Message, reply: Reply | None = None, *, is_person_blocked: bool) -> NoReply | None:
    """Whether a model is called at all; None says yes. `reply` is what an earlier attempt left, if there was one."""
    if reply is not None and not reply.is_open:
        return NoReply("already")
    reason = _why_not(message, is_person_blocked=is_person_blocked)
    return NoReply(reason) if reason else None


def is_repeat(message: Message, character: str, earlier: Sequence[tuple[Message, Reply | None]]) -> bool:
    """Whether a message says again to a character what its author said to it a moment ago, and is answered there.

    `earlier` are messages of the same place that stand before it on the log, each with the character's reply to it,
    None while that has not begun. One whose reply failed or was withdrawn counts for nothing: this one is answered.
    """
    return any(
        _says_the_same(message, other) and character in other.addresses and (reply is None or _answers(reply))
        for other, reply in earlier
    )


def after_generation(message: Message, reply: Reply, *, is_person_blocked: bool) -> Compose | Withdraw | Nothing:
    """What becomes of a model's answer, which is of the old text if the message was edited since."""
    if not reply.is_open:
        return Nothing()
    reason = _why_not(message, is_person_blocked=is_person_blocked)
    return Withdraw(reason) if reason else Compose(answers_old_text=message.text_version > reply.message_version)


def before_posting(message: Message, reply: Reply, *, is_person_blocked: bool) -> Post | Withdraw | Nothing:
    """What becomes of a composed reply, or of the notice that none will come, which is told once."""
    is_untold = reply.has_failed_for_good and not reply.posts
    if not (reply.state is ReplyState.COMPOSED or is_untold):
        return Nothing()
    reason = _why_not(message, is_person_blocked=is_person_blocked)
    return Withdraw(reason, take_back=reply.posts) if reason else Post(first_chunk=len(reply.posts))


def on_message_gone(message: Message, reply: Reply) -> Withdraw | EraseReply | Nothing:
    """What becomes of a reply once its message was deleted or erased.

    A withdrawn reply that had been composed still has its words on the log, and they are about the message: asked
    again after the withdrawal, the answer is to erase them.
    """
    reason = _why_gone(message)
    if reason is None:
        return Nothing()
    if reply.is_open or reply.state is ReplyState.COMPOSED or reply.has_failed_for_good:
        return Withdraw(reason, take_back=reply.posts)
    has_words = reply.because is not None and reply.state is not ReplyState.ERASED
    return EraseReply(take_back=reply.posts) if has_words else Nothing()


def is_after_epoch(*, heard: int, epoch: int) -> bool:
    """Whether history shows a message and its reply: both go by the position at which the message was heard, so a
    clear that comes while the reply is made hides the reply with its message. `epoch` is 0 without a clear.
    """
    return heard > epoch


def is_remembered(spans: Sequence[IncognitoSpan] | None, *, heard: int, delivered: int) -> bool:
    """Whether a delivered reply becomes a memory: no incognito at any position from heard to delivered.

    Spans that are unknown (None) may hold one that covers it, so nothing is remembered.
    """
    if spans is None or delivered < heard:
        return False
    return not any(span.since <= delivered and (span.until is None or span.until >= heard) for span in spans)


def _says_the_same(message: Message, other: Message) -> bool:
    if message.heard_at is None or other.heard_at is None or other.is_gone or other.person != message.person:
        return False
    is_soon = abs(message.heard_at - other.heard_at) <= REPEATS_WITHIN
    said, said_before = ((it.text, it.attachments, it.refers_to) for it in (message, other))
    return is_soon and said == said_before


def _answers(reply: Reply) -> bool:
    return reply.is_open or reply.state in (ReplyState.COMPOSED, ReplyState.DELIVERED)


def _why_not(message: Message, *, is_person_blocked: bool) -> WithdrawalReason | None:
    return _why_gone(message) or ("person blocked" if is_person_blocked else None)


def _why_gone(message: Message) -> WithdrawalReason | None:
    """A message whose key was destroyed is as good as erased: there are no words to answer."""
    if message.is_deleted and message.receipt is None:
        return "message deleted"
    return "message erased" if message.receipt is not None or isinstance(message.text, Erased) else None
