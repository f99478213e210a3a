from collections.abc import Mapping

import pytest
from eventsourcing.domain import OriginatorIDError, OriginatorVersionError
from pydantic import ValidationError

from engine.domain import ERASED, Aggregate, Event, Message
from engine.domain.event import JSON, OpeningEvent, Sealed, Torn, Words, evolved
from engine.domain.settable import Created, Deleted, Edited, Restored
from engine.errors import ShapeUnknown
from tests.builders import builder_of, message_deleted, message_erased, message_heard, reply_posted, reply_started


@pytest.fixture
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "registered", {})


def test_an_event_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        message_heard().text = "other"


def test_an_event_has_no_fields_but_its_own() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        message_heard(mood="merry")


def test_forms_of_events_are_no_events() -> None:
    forms = {form.__name__ for form in (Event, OpeningEvent, Created, Edited, Deleted, Restored)}

    assert not forms & Event.registered.keys()


@pytest.mark.parametrize("name", Event.registered)
def test_every_event_has_a_builder_and_belongs_to_a_known_aggregate(name: str) -> None:
    event = builder_of(Event.registered[name])()

    assert type(event).__name__ == name
    assert event.subject == event.originator_id
    assert issubclass(Aggregate.of(event.subject), Aggregate)


@pytest.mark.parametrize("name", [name for name, kind in Event.registered.items() if issubclass(kind, OpeningEvent)])
def test_every_opening_event_begins_its_aggregate_at_its_version(name: str) -> None:
    event = builder_of(Event.registered[name])(version=4)
    aggregate = event.mutate(None)

    assert type(aggregate) is Aggregate.of(event.subject)
    assert (aggregate.id, aggregate.version, aggregate.pending_events) == (event.subject, 4, [])


def test_an_event_that_opens_nothing_needs_what_came_before() -> None:
    with pytest.raises(AssertionError):
        message_deleted().mutate(None)


def test_an_event_is_applied_to_its_own_aggregate_in_its_turn() -> None:
    message = message_heard().mutate(None)

    with pytest.raises(OriginatorVersionError):
        message_deleted(version=3).mutate(message)
    with pytest.raises(OriginatorIDError):
        message_deleted(version=2, id="message.terminal-1.other").mutate(message)


@pytest.mark.parametrize("deleted", [{1}, {2}, {1, 2}])
def test_what_is_deleted_below_a_tombstone_is_missed_by_nobody(deleted: set[int]) -> None:
    events = [message_heard(), message_deleted(version=2), message_erased(version=3)]
    whole = evolved(None, events)
    left = evolved(None, [event for event in events if event.originator_version not in deleted])

    assert isinstance(whole, Message)
    assert isinstance(left, Message)
    assert (
        (left.version, left.is_gone, left.receipt) == (whole.version, whole.is_gone, whole.receipt) == (3, True, "r1")
    )


@pytest.mark.parametrize(
    "events",
    [
        [message_deleted(version=2)],
        [message_heard(), reply_posted(version=3)],
        [reply_started(), reply_posted(version=3), reply_posted(version=4)],
    ],
)
def test_what_does_not_stand_by_itself_is_told_from_an_aggregate(events: list[Event]) -> None:
    with pytest.raises(Torn):
        evolved(None, events)


def test_an_aggregate_without_events_is_none() -> None:
    assert evolved(None, []) is None


def test_a_subject_of_an_unknown_kind_asks_for_an_upgrade() -> None:
    with pytest.raises(ShapeUnknown, match="'moon'"):
        Aggregate.of("moon.1")


@pytest.mark.usefixtures("nothing_registered")
def test_sealed_fields_are_found_however_they_are_annotated() -> None:
    class Noted(Event):
        person: str
        plain: str
        words: Words
        words_or_none: Words | None
        mapping_or_none: Sealed[Mapping[str, JSON]] | None = None

    assert Noted.sealed_fields == {"words", "words_or_none", "mapping_or_none"}


@pytest.mark.usefixtures("nothing_registered")
def test_an_event_that_seals_names_the_person_whose_key_seals_it() -> None:
    with pytest.raises(TypeError, match="no `person`"):

        class Whispered(Event):
            text: Words


def test_erased_words_are_no_words() -> None:
    assert not ERASED
    assert str(ERASED) == "[erased]"
    assert message_heard(text=ERASED).model_copy(deep=True).text is ERASED
