"""The table of what becomes of a reply when things cross, cell by cell."""

import inspect
from datetime import timedelta
from typing import Any

import pytest

from engine.domain import ERASED, crossing
from engine.domain.attachment import Attachment
from engine.domain.crossing import (
    Compose,
    EraseReply,
    IncognitoSpan,
    NoReply,
    Nothing,
    Post,
    Withdraw,
    after_generation,
    before_posting,
    before_start,
    is_after_epoch,
    is_remembered,
    is_repeat,
    on_message_gone,
)
from tests.builders import (
    AT,
    CHARACTER_TOKEN,
    MESSAGE,
    attachments_described,
    attachments_shown,
    message_deleted,
    message_edited,
    message_erased,
    message_heard,
    reply_composed,
    reply_delivered,
    reply_erased,
    reply_failed,
    reply_posted,
    reply_started,
    reply_undeliverable,
    reply_withdrawn,
)
from tests.unit.given import after

MAP = Attachment(id="7", name="map.png", kind="image", size_bytes=9, url="https://cdn/map.png")
HEARD = after(message_heard())
EDITED = after(message_heard(), message_edited())
DELETED = after(message_heard(), message_deleted())
ERASED_MESSAGE = after(message_heard(), message_erased())
ERASED_AFTER_DELETION = after(message_heard(), message_deleted(), message_erased())
KEY_DESTROYED = after(message_heard(text=ERASED))

STARTED = after(reply_started())
FAILED_FOR_A_WHILE = after(reply_started(), reply_failed())
FAILED = after(reply_started(), reply_failed(is_permanent=True))
COMPOSED = after(reply_started(), reply_composed())
POSTED_IN_PART = after(reply_started(), reply_composed(), reply_posted(chunk=0, chunks=2, post="a"))
DELIVERED = after(reply_started(), reply_composed(), reply_posted(post="a"), reply_delivered())
TOLD = after(reply_started(), reply_failed(is_permanent=True), reply_posted(post="n"))
UNDELIVERABLE = after(reply_started(), reply_composed(), reply_posted(chunks=2, post="a"), reply_undeliverable())
WITHDRAWN = after(reply_started(), reply_withdrawn())
WITHDRAWN_WITH_WORDS = after(reply_started(), reply_composed(), reply_posted(chunks=2, post="a"), reply_withdrawn())
ERASED_REPLY = after(reply_started(), reply_composed(), reply_delivered(), reply_erased())

gone = pytest.mark.parametrize(
    ("message", "reason"),
    [
        (DELETED, "message deleted"),
        (ERASED_MESSAGE, "message erased"),
        (ERASED_AFTER_DELETION, "message erased"),
        (KEY_DESTROYED, "message erased"),
    ],
    ids=["deleted", "erased", "deleted, then erased", "its key destroyed"],
)
open_replies = pytest.mark.parametrize("reply", [STARTED, FAILED_FOR_A_WHILE], ids=["started", "failed for a while"])


# Not started


def test_not_started_and_nothing_crossed_is_answered() -> None:
    assert before_start(HEARD, is_person_blocked=False) is None


def test_not_started_and_edited_answers_the_new_text() -> None:
    begun_after_the_edit = after(reply_started(message_version=EDITED.version))

    assert before_start(EDITED, is_person_blocked=False) is None
    assert EDITED.text == message_edited().text
    assert after_generation(EDITED, begun_after_the_edit, is_person_blocked=False) == Compose(answers_old_text=False)


@gone
def test_not_started_and_message_gone_gets_no_reply(message: Any, reason: Any) -> None:
    assert before_start(message, is_person_blocked=False) == NoReply(reason)


def test_not_started_and_history_cleared_belongs_to_the_epoch_of_its_message() -> None:
    assert not is_after_epoch(heard=10, epoch=11)


def test_not_started_and_person_blocked_gets_no_reply() -> None:
    assert before_start(HEARD, is_person_blocked=True) == NoReply("person blocked")


@open_replies
def test_an_open_reply_is_begun_again(reply: Any) -> None:
    assert before_start(HEARD, reply, is_person_blocked=False) is None


@pytest.mark.parametrize("reply", [COMPOSED, DELIVERED, FAILED, WITHDRAWN, UNDELIVERABLE, ERASED_REPLY])
def test_a_reply_that_is_made_or_over_is_not_begun_again(reply: Any) -> None:
    assert before_start(HEARD, reply, is_person_blocked=False) == NoReply("already")


# Said again


def again(after_s: float = 2, **given: Any) -> Any:
    return after(message_heard(id=f"{MESSAGE}1", at=AT + timedelta(seconds=after_s), **given))


@pytest.mark.parametrize("reply", [None, STARTED, FAILED_FOR_A_WHILE, COMPOSED, DELIVERED])
def test_what_is_said_again_while_the_first_is_or_will_be_answered_is_a_repeat(reply: Any) -> None:
    assert is_repeat(again(), CHARACTER_TOKEN, [(HEARD, reply)])


@pytest.mark.parametrize("reply", [FAILED, TOLD, WITHDRAWN, UNDELIVERABLE, ERASED_REPLY])
def test_what_is_said_again_after_the_first_got_no_answer_is_answered(reply: Any) -> None:
    assert not is_repeat(again(), CHARACTER_TOKEN, [(HEARD, reply)])


@pytest.mark.parametrize(("after_s", "is_one"), [(0, True), (5, True), (5.01, False), (-5, True), (-5.01, False)])
def test_only_what_comes_within_five_seconds_is_a_repeat(after_s: float, *, is_one: bool) -> None:
    assert is_repeat(again(after_s), CHARACTER_TOKEN, [(HEARD, None)]) is is_one


@pytest.mark.parametrize(
    "message",
    [
        again(person="p2"),
        again(text="Do you?"),
        again(text="Do you remember the lighthouse"),
        again(attachments=(MAP,)),
    ],
    ids=["somebody else", "other words", "nearly the same words", "with an attachment"],
)
def test_another_person_or_other_words_or_attachments_are_no_repeat(message: Any) -> None:
    assert not is_repeat(message, CHARACTER_TOKEN, [(HEARD, None)])


def test_the_same_words_to_another_character_are_no_repeat() -> None:
    assert not is_repeat(again(addresses=("thessaly",)), "thessaly", [(HEARD, None)])
    assert is_repeat(again(addresses=("thessaly", CHARACTER_TOKEN)), CHARACTER_TOKEN, [(HEARD, None)])


@gone
def test_the_same_words_as_those_of_a_message_that_went_are_no_repeat(message: Any, reason: Any) -> None:
    assert not is_repeat(again(), CHARACTER_TOKEN, [(message, None)])


def test_one_that_is_answered_among_those_that_are_not_makes_it_a_repeat() -> None:
    assert is_repeat(again(), CHARACTER_TOKEN, [(HEARD, FAILED), (again(1), None)])
    assert not is_repeat(again(), CHARACTER_TOKEN, [])


# Being generated


@open_replies
def test_being_generated_and_nothing_crossed_is_composed(reply: Any) -> None:
    assert after_generation(HEARD, reply, is_person_blocked=False) == Compose(answers_old_text=False)


@open_replies
def test_being_generated_and_edited_stands_marked_as_of_the_old_text(reply: Any) -> None:
    assert after_generation(EDITED, reply, is_person_blocked=False) == Compose(answers_old_text=True)


@open_replies
def test_being_generated_and_its_pictures_described_is_no_edit(reply: Any) -> None:
    described = after(message_heard(attachments=(MAP,)), attachments_shown(), attachments_described())

    assert after_generation(described, reply, is_person_blocked=False) == Compose(answers_old_text=False)


@gone
@open_replies
def test_being_generated_and_message_gone_is_withdrawn(message: Any, reason: Any, reply: Any) -> None:
    assert after_generation(message, reply, is_person_blocked=False) == Withdraw(reason)
    assert on_message_gone(message, reply) == Withdraw(reason)


def test_being_generated_and_history_cleared_belongs_to_the_epoch_of_its_message() -> None:
    heard, cleared = 10, 12

    assert not is_after_epoch(heard=heard, epoch=cleared)


def test_being_generated_and_incognito_turned_on_is_not_remembered() -> None:
    assert not is_remembered([IncognitoSpan(since=12, until=None)], heard=10, delivered=15)


def test_being_generated_and_person_blocked_is_withdrawn() -> None:
    assert after_generation(HEARD, STARTED, is_person_blocked=True) == Withdraw("person blocked")


def test_a_message_that_went_is_the_reason_before_a_block() -> None:
    assert after_generation(DELETED, STARTED, is_person_blocked=True) == Withdraw("message deleted")


@pytest.mark.parametrize("reply", [COMPOSED, DELIVERED, FAILED, WITHDRAWN, ERASED_REPLY])
@pytest.mark.parametrize("message", [HEARD, EDITED, DELETED])
def test_an_answer_to_what_is_composed_or_over_changes_nothing(message: Any, reply: Any) -> None:
    assert after_generation(message, reply, is_person_blocked=False) == Nothing()


@pytest.mark.parametrize("decision", [before_start, after_generation, before_posting, on_message_gone])
def test_settings_that_change_meanwhile_are_not_even_asked_for(decision: Any) -> None:
    assert set(inspect.signature(decision).parameters) <= {"message", "reply", "is_person_blocked"}


# Composed, not posted


def test_composed_and_nothing_crossed_is_posted() -> None:
    assert before_posting(HEARD, COMPOSED, is_person_blocked=False) == Post(first_chunk=0)


def test_composed_and_edited_is_posted_as_it_is() -> None:
    assert before_posting(EDITED, COMPOSED, is_person_blocked=False) == Post(first_chunk=0)


@gone
def test_composed_and_message_gone_is_withdrawn(message: Any, reason: Any) -> None:
    assert before_posting(message, COMPOSED, is_person_blocked=False) == Withdraw(reason)
    assert on_message_gone(message, COMPOSED) == Withdraw(reason)


def test_composed_and_history_cleared_belongs_to_the_epoch_of_its_message() -> None:
    assert is_after_epoch(heard=10, epoch=9)
    assert is_after_epoch(heard=10, epoch=0)


def test_composed_and_incognito_turned_off_is_not_remembered() -> None:
    assert not is_remembered([IncognitoSpan(since=3, until=12)], heard=10, delivered=15)


def test_composed_and_person_blocked_is_not_posted() -> None:
    assert before_posting(HEARD, COMPOSED, is_person_blocked=True) == Withdraw("person blocked")


def test_posted_in_part_goes_on_where_it_stopped() -> None:
    assert before_posting(HEARD, POSTED_IN_PART, is_person_blocked=False) == Post(first_chunk=1)


@gone
def test_posted_in_part_and_message_gone_takes_back_what_stands(message: Any, reason: Any) -> None:
    assert before_posting(message, POSTED_IN_PART, is_person_blocked=False) == Withdraw(reason, take_back=("a",))
    assert on_message_gone(message, POSTED_IN_PART) == Withdraw(reason, take_back=("a",))


@pytest.mark.parametrize(
    "reply", [STARTED, FAILED_FOR_A_WHILE, TOLD, DELIVERED, WITHDRAWN, UNDELIVERABLE, ERASED_REPLY]
)
@pytest.mark.parametrize("message", [HEARD, DELETED])
def test_what_is_neither_composed_nor_a_failure_untold_is_not_posted(message: Any, reply: Any) -> None:
    assert before_posting(message, reply, is_person_blocked=False) == Nothing()


# Failed for good


def test_failed_and_nothing_crossed_is_told() -> None:
    assert before_posting(HEARD, FAILED, is_person_blocked=False) == Post(first_chunk=0)


@gone
def test_failed_and_message_gone_is_told_to_nobody(message: Any, reason: Any) -> None:
    assert before_posting(message, FAILED, is_person_blocked=False) == Withdraw(reason)
    assert on_message_gone(message, FAILED) == Withdraw(reason)


@gone
def test_told_and_message_gone_takes_the_notice_back(message: Any, reason: Any) -> None:
    assert on_message_gone(message, TOLD) == Withdraw(reason, take_back=("n",))


def test_failed_and_person_blocked_is_told_to_nobody() -> None:
    assert before_posting(HEARD, FAILED, is_person_blocked=True) == Withdraw("person blocked")


# Delivered


@gone
def test_delivered_and_message_gone_is_erased_with_it_and_its_post_taken_back(message: Any, reason: Any) -> None:
    assert on_message_gone(message, DELIVERED) == EraseReply(take_back=("a",))


def test_delivered_and_edited_leaves_the_reply_alone() -> None:
    assert on_message_gone(EDITED, DELIVERED) == Nothing()
    assert EDITED.text == message_edited().text


def test_delivered_and_history_cleared_is_hidden_by_the_epoch() -> None:
    assert not is_after_epoch(heard=10, epoch=20)


def test_delivered_and_incognito_turned_on_keeps_its_state_of_then() -> None:
    assert is_remembered([IncognitoSpan(since=16, until=None)], heard=10, delivered=15)


def test_delivered_and_person_blocked_stays() -> None:
    assert before_posting(HEARD, DELIVERED, is_person_blocked=True) == Nothing()


# What remains


@gone
def test_words_of_a_withdrawn_reply_are_erased_with_the_message(message: Any, reason: Any) -> None:
    assert on_message_gone(message, WITHDRAWN_WITH_WORDS) == EraseReply(take_back=("a",))


@gone
def test_words_of_a_reply_that_could_not_be_delivered_are_erased_with_the_message(message: Any, reason: Any) -> None:
    assert on_message_gone(message, UNDELIVERABLE) == EraseReply(take_back=("a",))


@gone
@pytest.mark.parametrize("reply", [WITHDRAWN, ERASED_REPLY], ids=["withdrawn", "erased"])
def test_a_reply_without_words_needs_no_erasing(message: Any, reason: Any, reply: Any) -> None:
    assert on_message_gone(message, reply) == Nothing()


@pytest.mark.parametrize("reply", [STARTED, COMPOSED, DELIVERED])
def test_a_message_that_is_there_takes_no_reply_with_it(reply: Any) -> None:
    assert on_message_gone(HEARD, reply) == Nothing()


@pytest.mark.parametrize(
    ("since", "until", "remembered"),
    [
        (1, 5, True),
        (1, 9, True),
        (1, 10, False),
        (1, None, False),
        (10, 11, False),
        (12, 13, False),
        (15, None, False),
        (16, None, True),
        (16, 20, True),
    ],
)
def test_incognito_at_any_position_from_heard_to_delivered_is_not_remembered(
    since: int, until: int | None, *, remembered: bool
) -> None:
    assert is_remembered([IncognitoSpan(since, until)], heard=10, delivered=15) is remembered


def test_one_span_among_many_is_enough() -> None:
    spans = [IncognitoSpan(1, 2), IncognitoSpan(11, 12), IncognitoSpan(20, None)]

    assert not is_remembered(spans, heard=10, delivered=15)
    assert is_remembered([], heard=10, delivered=15)


def test_what_cannot_be_known_is_not_remembered() -> None:
    assert not is_remembered(None, heard=10, delivered=15)
    assert not is_remembered([], heard=15, delivered=10)


def test_decisions_are_values() -> None:
    answers = (crossing.Compose, crossing.Post, crossing.Withdraw, crossing.EraseReply, crossing.NoReply)

    assert all(answer.__dataclass_params__.frozen for answer in answers)
