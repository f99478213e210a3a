"""What the reactors decide without asking anybody."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from nats.js.api import ConsumerConfig

from engine.event_log import LoggedEvent
from engine.ports import Footer, ModelFailure
from engine.reactors.consumers import differences
from engine.reactors.deliverer import Deliverer, footer_of
from engine.reactors.notices import MOST_OWN_CHARS, SENTENCES, USUAL, notice_of
from engine.reactors.reaction import Attempt
from engine.reactors.turns import Turn, said_just_before
from tests.builders import (
    AT,
    CHARACTER_TOKEN,
    MESSAGE,
    PERSON_TOKEN,
    REPLY,
    because,
    message_heard,
    reply_composed,
    reply_erased,
    reply_failed,
    reply_started,
    reply_withdrawn,
)
from tests.fakes.postman import Postbox
from tests.unit.given import after

HEARD = after(message_heard())
TURN = Turn(MESSAGE, CHARACTER_TOKEN, REPLY, 1, 1, PERSON_TOKEN, "terminal-1")


def turn_of_history(**given: Any) -> Any:
    said: dict[str, Any] = {"id": "m", "kind": "message", "author": PERSON_TOKEN, "text": HEARD.text, "at": AT}
    return SimpleNamespace(**said | given)


# Notices


@pytest.mark.parametrize("reason", [*ModelFailure])
def test_every_failure_of_a_model_has_a_sentence_of_its_own(reason: str) -> None:
    assert notice_of(reply_failed(reason=reason), None, reference=7).startswith(SENTENCES[reason])


@pytest.mark.parametrize("own", [None, "", "  ", 3])
def test_a_reason_without_words_gets_the_usual_ones(own: Any) -> None:
    notice = notice_of(reply_failed(reason="internal", message="It broke."), own, reference=7)

    assert notice == f"{USUAL}\n||It broke. (reference 7)||"


def test_a_characters_own_words_come_first_and_are_cut() -> None:
    notice = notice_of(reply_failed(), "x" * 600, reference=7)

    assert notice.split("\n")[0] == "x" * MOST_OWN_CHARS


# Small print


@pytest.mark.parametrize(("asked_by", "is_automatic"), [("activation", True), ("mention", False), ("reply", False)])
def test_a_reply_that_nobody_asked_for_by_name_is_marked_as_automatic(asked_by: str, *, is_automatic: bool) -> None:
    message = after(message_heard(addresses=("bramble", CHARACTER_TOKEN), asked_by=("mention", asked_by)))
    reply = after(reply_started(), reply_composed(because=because(answered_by="deep-thought")))

    assert footer_of(reply, message) == Footer(model="deep-thought", is_automatic=is_automatic)


def test_where_the_provider_did_not_say_who_answered_the_model_that_was_asked_is_named() -> None:
    reply = after(reply_started(model="asked"), reply_composed(because=because(answered_by="")))

    assert footer_of(reply, HEARD) == Footer(model="asked")


# Said again


@pytest.mark.parametrize(
    ("given", "is_found"),
    [
        ({}, True),
        ({"at": AT - timedelta(seconds=5)}, True),
        ({"at": AT - timedelta(seconds=6)}, False),
        ({"author": "p2"}, False),
        ({"text": "Do you?"}, False),
        ({"kind": "reply"}, False),
    ],
)
def test_only_the_same_words_of_the_same_person_a_moment_ago_may_be_repeated(given: Any, *, is_found: bool) -> None:
    assert said_just_before(TURN, HEARD, [turn_of_history(**given)]) == (["m"] if is_found else [])


# Platforms


@pytest.mark.parametrize(
    "event",
    [reply_composed(), reply_failed(is_permanent=True), reply_withdrawn(), reply_erased(posts=("a",))],
    ids=["composed", "failed", "withdrawn", "erased"],
)
async def test_what_belongs_to_another_platform_is_passed_over(event: Any) -> None:
    postbox = Postbox(platform="elsewhere", tells_failures=True)
    nothing: Any = None  # whoever asked it for anything would fail
    deliverer = Deliverer(
        postbox, log=nothing, awaited=nothing, projected=nothing, posts=nothing, key_ring=nothing, clock=nothing
    )

    await deliverer.react(LoggedEvent(1, event), Attempt())

    assert deliverer.name == "deliverer-elsewhere"
    assert (postbox.posted, postbox.taken_back) == ([], [])


# Consumers


def test_only_what_differs_and_can_be_changed_is_changed() -> None:
    found = ConsumerConfig(ack_wait=30.0, max_ack_pending=7, filter_subjects=["b", "a"], max_deliver=-1)
    wanted = ConsumerConfig(ack_wait=10.0, max_ack_pending=7, filter_subjects=["a", "b"])

    assert differences(found, wanted) == ["ack_wait 30.0 -> 10.0"]
    assert differences(wanted, wanted) == []
