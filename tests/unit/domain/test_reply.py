from collections.abc import Callable
from typing import Any

import pytest

from engine.domain import ERASED, Event, Reply
from engine.domain.reply import ReplyState
from tests.builders import (
    AT,
    CHARACTER_TOKEN,
    MESSAGE,
    PERSON_TOKEN,
    REPLY,
    because,
    reply_composed,
    reply_delivered,
    reply_erased,
    reply_failed,
    reply_posted,
    reply_started,
    reply_undeliverable,
    reply_withdrawn,
)
from tests.unit.given import after, given

OPEN = {
    "started": [reply_started()],
    "failed for a while": [reply_started(), reply_failed(is_permanent=False)],
    "started again": [reply_started(), reply_failed(), reply_started(attempt=2)],
}
COMPOSED = [reply_started(), reply_composed()]
FAILED = [reply_started(), reply_failed(is_permanent=True)]
CLOSED = {
    "withdrawn": [reply_started(), reply_withdrawn()],
    "undeliverable": [*COMPOSED, reply_undeliverable()],
    "delivered": [*COMPOSED, reply_delivered()],
    "erased": [*COMPOSED, reply_delivered(), reply_erased()],
}

DECISIONS: dict[str, Callable[[Any], None]] = {
    "start again": lambda it: it.start_again(persona="p", message_version=1, model="m", at=AT),
    "compose": lambda it: it.compose(text="t", tokens=1, because=because(), settings={}, answers_old_text=False, at=AT),
    "fail": lambda it: it.fail(reason="timeout", message="Too slow.", is_permanent=True, at=AT),
    "withdraw": lambda it: it.withdraw(reason="person blocked", at=AT),
    "post": lambda it: it.post(chunk=0, chunks=1, post="p", at=AT),
    "deliver": lambda it: it.deliver(at=AT),
    "give up": lambda it: it.give_up(reason="no permission", message="Give it Manage Webhooks.", at=AT),
}


def of(states: dict[str, list[Event]]) -> Any:
    return pytest.mark.parametrize("past", list(states.values()), ids=list(states))


def test_the_first_attempt_stands_on_the_log_before_the_model_is_called() -> None:
    given().when(
        lambda _: Reply.start(
            REPLY,
            person=PERSON_TOKEN,
            persona="default",
            character=CHARACTER_TOKEN,
            message=MESSAGE,
            message_version=1,
            model="offline",
            at=AT,
        )
    ).then(reply_started(attempt=1))


@of(OPEN)
def test_an_open_reply_is_started_again_and_the_attempt_counted(past: list[Event]) -> None:
    attempt = after(*past).attempt
    reply = (
        given(*past)
        .when(lambda it: it.start_again(persona="captain", message_version=4, model="other", at=AT))
        .then(reply_started(persona="captain", message_version=4, model="other", attempt=attempt + 1))
    )

    assert reply.state is ReplyState.STARTED
    assert reply.failure is None


@of(OPEN)
def test_an_open_reply_is_composed(past: list[Event]) -> None:
    why = because(model="other")
    settings = {"temperature": {"value": 1.0, "source": "instance"}}
    given(*past).when(
        lambda it: it.compose(text="Aye.", tokens=2, because=why, settings=settings, answers_old_text=True, at=AT)
    ).then(reply_composed(text="Aye.", tokens=2, because=why, settings=settings, answers_old_text=True))


@of(OPEN)
def test_an_open_reply_fails_with_what_the_person_is_told(past: list[Event]) -> None:
    attempt = after(*past).attempt
    given(*past).when(
        lambda it: it.fail(reason="rate_limit", message="Busy.", is_permanent=False, retry_after_s=2.5, at=AT)
    ).then(reply_failed(attempt=attempt, message="Busy.", retry_after_s=2.5))


@of(OPEN | {"composed": COMPOSED, "posted in part": [*COMPOSED, reply_posted(chunks=2)], "failed for good": FAILED})
def test_a_reply_that_is_not_delivered_is_withdrawn(past: list[Event]) -> None:
    reply = (
        given(*past)
        .when(lambda it: it.withdraw(reason="message erased", at=AT))
        .then(reply_withdrawn(reason="message erased"))
    )

    assert reply.text is ERASED


def test_chunks_are_posted_in_order() -> None:
    given(*COMPOSED, reply_posted(chunk=0, chunks=2, post="a")).when(
        lambda it: it.post(chunk=1, chunks=2, post="b", at=AT)
    ).then(reply_posted(chunk=1, chunks=2, post="b"))


@pytest.mark.parametrize("chunk", [0, 2])
def test_a_chunk_that_stands_already_or_is_not_next_is_not_posted(chunk: int) -> None:
    given(*COMPOSED, reply_posted(chunk=0, chunks=3)).when(
        lambda it: it.post(chunk=chunk, chunks=3, post="b", at=AT)
    ).then_nothing_happened()


def test_a_reply_is_delivered_once_its_posts_stand() -> None:
    reply = given(*COMPOSED, reply_posted(post="a")).when(lambda it: it.deliver(at=AT)).then(reply_delivered())

    assert reply.posts == ("a",)


def test_the_notice_of_a_failure_is_posted_once() -> None:
    reply = (
        given(*FAILED)
        .when(lambda it: it.post(chunk=0, chunks=1, post="n", at=AT))
        .then(reply_posted(post="n", chunks=1))
    )

    assert (reply.state, reply.posts) == (ReplyState.FAILED, ("n",))
    given(*FAILED, reply_posted(post="n")).when(
        lambda it: it.post(chunk=0, chunks=1, post="m", at=AT)
    ).then_nothing_happened()


@pytest.mark.parametrize("decision", ["start again", "compose", "fail", "deliver"])
def test_a_reply_that_failed_for_good_stays_failed(decision: str) -> None:
    given(*FAILED).when(DECISIONS[decision]).then_nothing_happened()


@of({"composed": COMPOSED, "posted in part": [*COMPOSED, reply_posted(chunks=2)], "failed for good": FAILED})
def test_what_cannot_be_delivered_is_given_up_and_the_log_says_why(past: list[Event]) -> None:
    reply = given(*past).when(DECISIONS["give up"]).then(reply_undeliverable())

    assert (reply.state, reply.is_open) == (ReplyState.UNDELIVERABLE, False)


def test_the_post_that_stands_for_a_chunk_is_the_one_on_the_log() -> None:
    reply = after(*COMPOSED, reply_posted(chunks=2, post="a"))

    assert reply.holds(0, "a")
    assert not reply.holds(0, "b")
    assert not reply.holds(1, "a")


@pytest.mark.parametrize("end", [reply_withdrawn(), reply_undeliverable(), reply_erased()])
def test_no_post_is_to_stay_of_a_reply_that_has_gone(end: Event) -> None:
    assert not after(*COMPOSED, reply_posted(post="a"), end).holds(0, "a")


@of(CLOSED)
@pytest.mark.parametrize("decision", DECISIONS.values(), ids=list(DECISIONS))
def test_nothing_happens_to_a_reply_that_is_over(past: list[Event], decision: Callable[[Any], None]) -> None:
    given(*past).when(decision).then_nothing_happened()


@pytest.mark.parametrize("decision", ["start again", "compose", "fail"])
def test_a_composed_reply_is_neither_composed_anew_nor_failed(decision: str) -> None:
    given(*COMPOSED).when(DECISIONS[decision]).then_nothing_happened()


@of(OPEN)
@pytest.mark.parametrize("decision", ["post", "deliver", "give up"])
def test_a_reply_without_words_is_neither_posted_nor_delivered(past: list[Event], decision: str) -> None:
    given(*past).when(DECISIONS[decision]).then_nothing_happened()


@of(OPEN | {"composed": COMPOSED} | {name: past for name, past in CLOSED.items() if name != "erased"})
def test_a_reply_in_any_state_is_erased(past: list[Event]) -> None:
    reply = (
        given(*past).when(lambda it: it.erase(receipt="r9", at=AT)).then(reply_erased(receipt="r9", message=MESSAGE))
    )

    assert (reply.text, reply.settings, reply.receipt) == (ERASED, ERASED, "r9")


def test_the_tombstone_of_a_reply_names_its_posts_so_that_they_can_be_taken_back() -> None:
    past = [*COMPOSED, reply_posted(chunks=2, post="a"), reply_posted(chunk=1, chunks=2, post="b"), reply_delivered()]
    given(*past).when(lambda it: it.erase(receipt="r9", at=AT)).then(reply_erased(receipt="r9", posts=("a", "b")))

    assert reply_erased(posts=("a", "b")).mutate(None).posts == ("a", "b")


def test_a_reply_is_erased_once() -> None:
    given(*CLOSED["erased"]).when(lambda it: it.erase(receipt="r9", at=AT)).then_nothing_happened()


def test_a_tombstone_alone_is_an_erased_reply_that_knows_its_message() -> None:
    reply = reply_erased(version=5).mutate(None)

    assert (reply.state, reply.message, reply.is_open) == (ReplyState.ERASED, MESSAGE, False)
