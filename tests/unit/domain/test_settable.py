"""What holds for everything that is a set of fields, shown on a preset and on all kinds where kinds differ."""

from typing import Any

import pytest

from engine.domain import ERASED, Character, Choice, Event, Persona, Preset
from engine.domain.settable import Settable
from engine.errors import CannotUndo, Invalid, NotFound
from tests import builders
from tests.builders import (
    AT,
    CHOICE,
    PERSON_TOKEN,
    PRESET,
    choice_made,
    person_edited,
    person_met,
    preset_created,
    preset_deleted,
    preset_edited,
    preset_restored,
)
from tests.unit.given import after, given

FIELDS = {"name": "Calm", "temperature": 0.4, "seed": 7}


def created(**given_fields: Any) -> Event:
    return preset_created(fields=FIELDS | given_fields)


def edited(**changes: Any) -> Event:
    return preset_edited(changes=changes)


def edit(**changes: Any) -> Any:
    return lambda it: it.edit(person=PERSON_TOKEN, changes=changes, at=AT)


def undo(event: Event, *, before: Settable | None) -> Any:
    return lambda it: it.undo(event, before=before, person=PERSON_TOKEN, at=AT)


def test_a_thing_is_created_without_what_is_not_set() -> None:
    given().when(lambda _: Preset.create(PRESET, person=PERSON_TOKEN, fields=FIELDS | {"top_p": None}, at=AT)).then(
        created()
    )


@pytest.mark.parametrize("kind", [Character, Preset, Persona])
def test_a_thing_is_not_created_without_its_name(kind: type[Settable]) -> None:
    given().when(lambda _: kind.create("x", person=PERSON_TOKEN, fields={"name": None}, at=AT)).then_refused(
        Invalid, "Needed: name"
    )


def test_a_thing_that_needs_no_creation_begins_with_its_first_edit() -> None:
    given().when(lambda _: Choice.first_edit(CHOICE, person=PERSON_TOKEN, changes={"preset": PRESET}, at=AT)).then(
        choice_made()
    )


def test_a_first_edit_keeps_to_the_limits() -> None:
    given().when(lambda _: Choice.first_edit(CHOICE, person=PERSON_TOKEN, changes={"preset": ""}, at=AT)).then_refused(
        Invalid, "preset"
    )


def test_an_edit_says_only_what_changes() -> None:
    preset = given(created()).when(edit(temperature=0.9, seed=7)).then(edited(temperature=0.9))

    assert preset.fields == FIELDS | {"temperature": 0.9}


def test_an_edit_that_changes_nothing_is_no_edit() -> None:
    given(created()).when(edit(temperature=0.4, top_p=None)).then_nothing_happened()


def test_none_clears_a_field() -> None:
    preset = given(created()).when(edit(seed=None)).then(edited(seed=None))

    assert preset.fields == {"name": "Calm", "temperature": 0.4}


def test_what_a_thing_needs_is_not_cleared() -> None:
    given(created()).when(edit(name=None)).then_refused(Invalid, "Needed: name")


@pytest.mark.parametrize("value", ["merry", None], ids=["set", "cleared"])
def test_a_field_that_there_is_not_is_refused_by_name(value: object) -> None:
    given(created()).when(edit(mood=value)).then_refused(Invalid, "mood")


def test_every_wrong_field_is_named() -> None:
    given(created()).when(edit(temperature=3, top_p=-1)).then_refused(Invalid, "temperature: .*; top_p: ")


def test_a_refusal_does_not_repeat_what_was_given() -> None:
    with pytest.raises(Invalid) as refused:
        after(created()).edit(person=PERSON_TOKEN, changes={"reasoning_effort": "my secret"}, at=AT)

    assert "my secret" not in refused.value.message


def test_values_are_kept_as_the_schema_reads_them() -> None:
    given(created()).when(edit(max_tokens="512")).then(edited(max_tokens=512))


def test_what_a_slug_may_be_is_said_in_words_with_an_example() -> None:
    with pytest.raises(Invalid) as refused:
        Character.checked({"slug": "Night Owl"})

    assert refused.value.message == (
        "slug: a slug is 3 to 50 of a-z, 0-9 and single hyphens, a letter first, such as night-owl"
    )
    assert Character.checked({"slug": "night-owl"}) == {"slug": "night-owl"}


@pytest.mark.parametrize("window", [1_000, "1000", 999_999])
def test_a_preset_whose_answer_fills_the_window_is_refused(window: object) -> None:
    longest = int(str(window))
    given(created(max_tokens=longest)).when(edit(context_tokens=window)).then_refused(Invalid, "lower max_tokens")
    given(created(context_tokens=longest)).when(edit(max_tokens=str(longest))).then_refused(Invalid, "lower max_tokens")
    given(created(context_tokens=longest)).when(edit(max_tokens=longest - 1)).then(edited(max_tokens=longest - 1))
    fields = FIELDS | {"context_tokens": window, "max_tokens": window}
    with pytest.raises(Invalid, match="leave no room"):
        Preset.create(PRESET, person=PERSON_TOKEN, fields=fields, at=AT)


LIMITS: dict[str, tuple[type[Settable], str, list[Any], list[Any]]] = {
    "a preset's temperature": (Preset, "temperature", [0, 2], [-0.1, 2.1, float("nan")]),
    "a preset's top p": (Preset, "top_p", [0, 1], [-0.1, 1.1]),
    "a preset's frequency penalty": (Preset, "frequency_penalty", [-2, 2], [-2.1, 2.1]),
    "a preset's presence penalty": (Preset, "presence_penalty", [-2, 2], [-2.1, 2.1]),
    "a preset's answer": (Preset, "max_tokens", [1, 1_000_000], [0, 1_000_001]),
    "a preset's seed": (Preset, "seed", [-(2**63), 2**63 - 1], [2**63, -(2**63) - 1, 1.5]),
    "a preset's stops": (Preset, "stop", [[], ["x"] * 16], [["x"] * 17, "x"]),
    "a preset's effort": (Preset, "reasoning_effort", ["none", "xhigh"], ["huge"]),
    "a preset's context": (Preset, "context_tokens", [1_000, 10_000_000], [999, 10_000_001]),
    "a preset's history": (Preset, "history_messages", [0, 1_000], [-1, 1_001]),
    "a preset's memories": (Preset, "memory_limit", [0, 100], [-1, 101]),
    "a preset's name": (Preset, "name", ["x", "x" * 100], ["", "x" * 101]),
    "a preset's description": (Preset, "description", ["x" * 200], ["x" * 201]),
    "a preset's model": (Preset, "model", ["x", "x" * 255], ["", "x" * 256]),
    "a character's name": (Character, "name", ["x", "x" * 100], ["", "x" * 101]),
    "a character's slug": (
        Character,
        "slug",
        ["abc", "a-b-c", "a1-2", "a" * 50],
        ["ab", "a" * 51, "1ab", "-ab", "ab-", "a--b", "Abc", "a_b", "abc\n", "äbc"],
    ),
    "a character's tone": (Character, "tone", ["x", "x" * 255], ["", "x" * 256]),
    "a character's examples": (Character, "examples", ["x", "x" * 4_000], ["", "x" * 4_001]),
    "a character's error message": (Character, "error_message", ["x" * 1_000], ["", "x" * 1_001]),
    "a character's preset": (Character, "preset", ["x" * 200], ["x" * 201]),
    "a persona's name": (Persona, "name", ["x", "x" * 100], ["", "x" * 101]),
    "a persona's pronouns": (Persona, "pronouns", ["x" * 100], ["x" * 101]),
    "a persona's text": (Persona, "about", ["x" * 4_000], ["x" * 4_001]),
    "a choice's persona": (Choice, "persona", ["x", "x" * 200], ["", "x" * 201]),
}


@pytest.mark.parametrize(("kind", "name", "fitting", "wrong"), LIMITS.values(), ids=list(LIMITS))
def test_limits_hold_on_both_sides(kind: type[Settable], name: str, fitting: list[Any], wrong: list[Any]) -> None:
    for value in fitting:
        assert kind.checked({name: value}) == {name: value}
    for value in wrong:
        with pytest.raises(Invalid, match=name):
            kind.checked({name: value})


def test_a_thing_is_deleted_and_restored_as_it_was() -> None:
    given(created()).when(lambda it: it.delete(at=AT)).then(preset_deleted())
    preset = given(created(), preset_deleted()).when(lambda it: it.restore(at=AT)).then(preset_restored())

    assert (preset.fields, preset.is_deleted) == (FIELDS, False)


def test_a_thing_is_deleted_once_and_restored_once() -> None:
    given(created(), preset_deleted()).when(lambda it: it.delete(at=AT)).then_nothing_happened()
    given(created()).when(lambda it: it.restore(at=AT)).then_nothing_happened()


def test_a_deleted_thing_is_not_edited() -> None:
    given(created(), preset_deleted()).when(edit(seed=8)).then_refused(NotFound, "restore it first")


@pytest.mark.parametrize("kind", ["character", "preset", "persona"])
def test_each_kind_has_its_own_four_events(kind: str) -> None:
    create, *rest = (getattr(builders, f"{kind}_{what}") for what in ("created", "edited", "deleted", "restored"))
    change, delete, restore = (builder() for builder in rest)

    given(create()).when(lambda it: it.edit(person=PERSON_TOKEN, changes=change.changes, at=AT)).then(change)
    given(create()).when(lambda it: it.delete(at=AT)).then(delete)
    given(create(), delete).when(lambda it: it.restore(at=AT)).then(restore)


def test_undo_gives_back_just_the_fields_that_the_event_changed() -> None:
    change = preset_edited(changes={"temperature": 0.9}, version=2)
    preset = (
        given(created(), change, edited(seed=8))
        .when(undo(change, before=after(created())))
        .then(preset_edited(changes={"temperature": 0.4}, undoes=2))
    )

    assert preset.fields == FIELDS | {"seed": 8}


def test_undo_overrides_what_others_made_of_the_same_field_since() -> None:
    change = preset_edited(changes={"temperature": 0.9}, version=2)
    given(created(), change, edited(temperature=1.5)).when(undo(change, before=after(created()))).then(
        preset_edited(changes={"temperature": 0.4}, undoes=2)
    )


def test_undo_clears_a_field_that_was_not_there_before() -> None:
    change = preset_edited(changes={"top_p": 0.5}, version=2)
    given(created(), change).when(undo(change, before=after(created()))).then(
        preset_edited(changes={"top_p": None}, undoes=2)
    )


def test_undo_gives_back_a_field_that_was_cleared() -> None:
    change = preset_edited(changes={"seed": None}, version=2)
    given(created(), change).when(undo(change, before=after(created()))).then(
        preset_edited(changes={"seed": 7}, undoes=2)
    )


def test_an_undo_is_undone() -> None:
    change = preset_edited(changes={"temperature": 0.9}, version=2)
    undone = preset_edited(changes={"temperature": 0.4}, undoes=2, version=3)
    given(created(), change, undone).when(undo(undone, before=after(created(), change))).then(
        preset_edited(changes={"temperature": 0.9}, undoes=3)
    )


def test_undoing_what_has_its_earlier_value_again_changes_nothing() -> None:
    change = preset_edited(changes={"temperature": 0.9}, version=2)
    given(created(), change, edited(temperature=0.4)).when(
        undo(change, before=after(created()))
    ).then_nothing_happened()


def test_undoing_a_first_edit_takes_the_choice_back() -> None:
    made = choice_made()
    choice = given(made).when(undo(made, before=None)).then(choice_made(changes={"preset": None}, undoes=1))

    assert choice.fields == {}


def test_undoing_a_creation_deletes_and_undoing_that_restores() -> None:
    creation, deletion = created(), preset_deleted()
    given(creation).when(undo(creation, before=None)).then(deletion)
    given(creation, deletion).when(undo(deletion, before=after(creation))).then(preset_restored())


def test_undoing_a_restoration_deletes_again() -> None:
    past = [created(), preset_deleted(), preset_restored()]
    given(*past).when(undo(past[-1], before=after(*past[:-1]))).then(preset_deleted())


def test_an_edit_of_a_deleted_thing_is_not_undone() -> None:
    change = preset_edited(changes={"temperature": 0.9}, version=2)
    given(created(), change, preset_deleted()).when(undo(change, before=after(created()))).then_refused(
        NotFound, "restore it first"
    )


def test_what_was_erased_is_not_undone() -> None:
    change = preset_edited(changes=ERASED, version=2)
    given(created(), change).when(undo(change, before=after(created()))).then_refused(CannotUndo, "erased")


def test_that_a_person_was_met_is_not_undone() -> None:
    given(person_met()).when(undo(person_met(), before=None)).then_refused(CannotUndo, "stays")


def test_a_thing_whose_fields_were_erased_has_none() -> None:
    assert after(preset_created(fields=ERASED)).fields == {}
    assert after(created(), preset_edited(changes=ERASED)).fields == FIELDS


def test_a_person_is_edited_in_a_time_zone_that_there_is() -> None:
    given(person_met()).when(edit(timezone="Europe/Berlin")).then(person_edited())
    given(person_met()).when(edit(timezone="Middle/Earth")).then_refused(Invalid, "Europe/Berlin")


def test_a_person_is_blocked_and_let_in_again() -> None:
    blocked = person_edited(changes={"is_blocked": True})
    given(person_met()).when(edit(is_blocked=True)).then(blocked)
    given(person_met(), blocked).when(edit(is_blocked=None)).then(person_edited(changes={"is_blocked": None}))


def test_a_thing_stays_its_makers_whoever_edits_it() -> None:
    assert after(created(), preset_edited(person="p2")).person == PERSON_TOKEN
    assert after(choice_made(person="p2")).person == "p2"


def test_an_undo_of_what_a_thing_needs_is_refused() -> None:
    change = preset_edited(changes={"name": "Wild"}, version=2)
    given(created(), change).when(undo(change, before=after(preset_created(fields=ERASED)))).then_refused(
        Invalid, "Needed: name"
    )
