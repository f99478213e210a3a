from typing import Any

from engine.domain import Place
from tests.builders import AT, CHARACTER_TOKEN, PERSON_TOKEN, PLACE_SUBJECT, place_activated, place_deactivated
from tests.unit.given import after, given

BY: dict[str, Any] = {"person": PERSON_TOKEN, "server": "s1", "at": AT}


def test_a_character_is_activated_in_a_place() -> None:
    given().when(lambda _: Place.first_activation(PLACE_SUBJECT, character=CHARACTER_TOKEN, **BY)).then(
        place_activated()
    )


def test_the_same_again_changes_nothing() -> None:
    given(place_activated()).when(lambda it: it.activate(character=CHARACTER_TOKEN, **BY)).then_nothing_happened()


def test_another_character_replaces_the_active_one() -> None:
    place = (
        given(place_activated())
        .when(lambda it: it.activate(character="finn", **BY))
        .then(place_activated(character="finn"))
    )
    assert place.character == "finn"


def test_a_place_is_deactivated_once() -> None:
    given(place_activated()).when(lambda it: it.deactivate(**BY)).then(place_deactivated())
    given(place_activated(), place_deactivated()).when(lambda it: it.deactivate(**BY)).then_nothing_happened()


def test_a_part_of_a_place_is_kept_free_of_what_is_active_there() -> None:
    given().when(lambda _: Place.first_deactivation(PLACE_SUBJECT, **BY)).then(place_deactivated())


def test_undoing_an_activation_gives_back_who_was_active_before() -> None:
    first, second = place_activated(), place_activated(character="finn", version=2)
    before = after(first)
    given(first, second).when(lambda it: it.undo(second, before=before, person=PERSON_TOKEN, at=AT)).then(
        place_activated(undoes=2)
    )


def test_undoing_the_first_activation_leaves_nobody_active() -> None:
    first = place_activated()
    given(first).when(lambda it: it.undo(first, before=None, person=PERSON_TOKEN, at=AT)).then(
        place_deactivated(undoes=1, inherits=True)
    )


def test_undoing_a_deactivation_activates_again() -> None:
    first, second = place_activated(), place_deactivated(version=2)
    before = after(first)
    given(first, second).when(lambda it: it.undo(second, before=before, person=PERSON_TOKEN, at=AT)).then(
        place_activated(undoes=2)
    )


def test_undoing_the_activation_of_a_part_that_was_kept_free_keeps_it_free() -> None:
    first, second = place_deactivated(), place_activated(version=2)
    before = after(first)
    given(first, second).when(lambda it: it.undo(second, before=before, person=PERSON_TOKEN, at=AT)).then(
        place_deactivated(undoes=2)
    )


def test_a_part_in_which_nothing_is_set_any_more_can_be_kept_free_again() -> None:
    nothing_set = place_deactivated(inherits=True)
    given(nothing_set).when(lambda it: it.deactivate(**BY)).then_nothing_happened()
    given(nothing_set).when(lambda it: it.deactivate(**BY, is_part=True)).then(place_deactivated())
