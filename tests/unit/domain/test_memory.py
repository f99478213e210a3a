from collections.abc import Callable
from typing import Any

import pytest

from engine.domain import ERASED, Event, Memory
from engine.domain.memory import MAX_MEMORY_CHARS
from engine.errors import CannotUndo, Invalid, NotFound, Refused
from tests.builders import (
    AT,
    MEMORY,
    PERSON_TOKEN,
    memory_edited,
    memory_erased,
    memory_forgotten,
    memory_locked,
    memory_restored,
    memory_unlocked,
)
from tests.unit.given import after, given


def untouched() -> Memory:
    return Memory.untouched(MEMORY, at=AT)


def first(decide: Callable[[Memory], Any]) -> Callable[[object], Memory]:
    """Do something with a memory that nobody has touched yet."""

    def decision(_: object) -> Memory:
        memory = untouched()
        decide(memory)
        return memory

    return decision


def edit(text: str | None) -> Callable[[Memory], None]:
    return lambda it: it.edit(person=PERSON_TOKEN, text=text, at=AT)


@pytest.mark.parametrize(
    ("decide", "happened"),
    [
        (lambda it: it.forget(at=AT), memory_forgotten()),
        (lambda it: it.lock(at=AT), memory_locked()),
        (edit("The lighthouse was red."), memory_edited()),
        (lambda it: it.erase(receipt="r1", at=AT), memory_erased()),
    ],
    ids=["forgotten", "locked", "edited", "erased"],
)
def test_whatever_is_done_first_begins_what_is_known_of_a_memory(decide: Any, happened: Event) -> None:
    given().when(first(decide)).then(happened)


@pytest.mark.parametrize(
    "decide",
    [lambda it: it.restore(at=AT), lambda it: it.unlock(at=AT), edit(None)],
    ids=["restored", "unlocked", "as it was said"],
)
def test_an_untouched_memory_is_neither_restored_nor_unlocked_nor_set_back(decide: Any) -> None:
    given().when(first(decide)).then_nothing_happened()


@pytest.mark.parametrize("event", [memory_edited(), memory_locked(), memory_forgotten(), memory_erased()])
def test_the_same_is_read_from_the_log_whether_it_began_untouched_or_not(event: Event) -> None:
    assert vars(event.mutate(untouched())) == vars(event.mutate(None))


def test_a_memory_is_forgotten_once() -> None:
    given(memory_forgotten()).when(lambda it: it.forget(at=AT)).then_nothing_happened()


def test_a_forgotten_memory_is_restored() -> None:
    memory = given(memory_forgotten()).when(lambda it: it.restore(at=AT)).then(memory_restored())

    assert not memory.is_forgotten


def test_a_memory_is_edited_and_set_back_to_what_was_said() -> None:
    memory = given(memory_edited(text="Red.")).when(edit(None)).then(memory_edited(text=None))

    assert memory.text is None


def test_an_edit_to_the_same_text_is_no_edit() -> None:
    given(memory_edited(text="Red.")).when(edit("Red.")).then_nothing_happened()


@pytest.mark.parametrize("text", ["", "x" * (MAX_MEMORY_CHARS + 1)], ids=["empty", "too long"])
def test_an_edited_memory_has_a_text_of_some_length(text: str) -> None:
    given(memory_edited()).when(edit(text)).then_refused(Invalid, f"1 to {MAX_MEMORY_CHARS}")


def test_the_longest_text_fits() -> None:
    longest = "x" * MAX_MEMORY_CHARS
    given(memory_edited()).when(edit(longest)).then(memory_edited(text=longest))


@pytest.mark.parametrize("decide", [lambda it: it.forget(at=AT), edit("Blue.")], ids=["forgotten", "edited"])
def test_a_locked_memory_is_neither_forgotten_nor_edited(decide: Any) -> None:
    given(memory_locked()).when(decide).then_refused(Refused, "unlock it first")


def test_a_locked_memory_is_locked_once_and_unlocked_once() -> None:
    given(memory_locked()).when(lambda it: it.lock(at=AT)).then_nothing_happened()
    given(memory_locked()).when(lambda it: it.unlock(at=AT)).then(memory_unlocked())
    given(memory_locked(), memory_unlocked()).when(lambda it: it.unlock(at=AT)).then_nothing_happened()


def test_a_locked_memory_is_erased_all_the_same() -> None:
    memory = (
        given(memory_edited(), memory_locked())
        .when(lambda it: it.erase(receipt="r9", at=AT))
        .then(memory_erased(receipt="r9"))
    )

    assert (memory.receipt, memory.text) == ("r9", None)


@pytest.mark.parametrize(
    "decide",
    [
        lambda it: it.forget(at=AT),
        lambda it: it.lock(at=AT),
        lambda it: it.erase(receipt="r9", at=AT),
    ],
    ids=["forgotten", "locked", "erased"],
)
def test_nothing_happens_to_an_erased_memory(decide: Any) -> None:
    given(memory_erased()).when(decide).then_nothing_happened()


def test_an_erased_memory_that_was_locked_is_not_unlocked() -> None:
    given(memory_locked(), memory_erased()).when(lambda it: it.unlock(at=AT)).then_nothing_happened()


def test_an_erased_memory_gets_no_new_words() -> None:
    given(memory_erased()).when(edit("Red.")).then_refused(NotFound, "erased")


def test_an_erased_memory_is_not_restored() -> None:
    given(memory_forgotten(), memory_erased()).when(lambda it: it.restore(at=AT)).then_refused(
        CannotUndo, "no longer exist"
    )


@pytest.mark.parametrize(
    ("past", "happened"),
    [
        ([memory_forgotten()], memory_restored()),
        ([memory_forgotten(), memory_restored()], memory_forgotten()),
        ([memory_locked()], memory_unlocked()),
        ([memory_locked(), memory_unlocked()], memory_locked()),
        ([memory_edited(text="Red.")], memory_edited(text=None)),
        ([memory_edited(text="Red."), memory_edited(text="Blue.")], memory_edited(text="Red.")),
        ([memory_edited(text=ERASED), memory_edited(text="Blue.")], memory_edited(text=None)),
    ],
    ids=["forgotten", "restored", "locked", "unlocked", "first edit", "second edit", "edit whose earlier was erased"],
)
def test_undo_gives_back_what_was_before_the_event(past: list[Event], happened: Event) -> None:
    before = after(*past[:-1]) or untouched()
    given(*past).when(lambda it: it.undo(past[-1], before=before, at=AT)).then(happened)


def test_undoing_an_edit_keeps_what_else_changed_since() -> None:
    edited = memory_edited(text="Red.")
    memory = (
        given(edited, memory_forgotten())
        .when(lambda it: it.undo(edited, before=untouched(), at=AT))
        .then(memory_edited(text=None))
    )

    assert memory.is_forgotten


def test_an_erasure_is_never_undone() -> None:
    erased = memory_erased()
    given(erased).when(lambda it: it.undo(erased, before=untouched(), at=AT)).then_refused(CannotUndo, "never")
