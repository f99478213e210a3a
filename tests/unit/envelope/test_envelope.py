from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from eventsourcing.persistence import StoredEvent

from engine.domain import ERASED, Event
from engine.domain.event import OpeningEvent, Words
from engine.envelope import upcasts
from engine.envelope.envelope import Envelope, seal, unseal
from engine.errors import LogError, ShapeUnknown, WrongKeyRing
from tests.builders import AT, PERSON_TOKEN, builder_of, memory_edited, message_heard, preset_created
from tests.fakes.key_ring import KeyRingInMemory

EVERY = pytest.mark.parametrize("name", list(Event.registered))
SEALING = pytest.mark.parametrize("name", [name for name, kind in Event.registered.items() if kind.sealed_fields])


@pytest.fixture
def ring() -> KeyRingInMemory:
    return KeyRingInMemory()


def texts_in(value: Any) -> set[str]:
    """Every text in a JSON value, names of fields included."""
    match value:
        case str():
            return {value}
        case Mapping():
            return {str(name) for name in value} | {text for part in value.values() for text in texts_in(part)}
        case list() | tuple():
            return {text for part in value for text in texts_in(part)}
    return set()


def changed(stored: StoredEvent, **body: Any) -> StoredEvent:
    return replace(stored, state=orjson.dumps(orjson.loads(stored.state) | body))


@EVERY
def test_every_event_comes_back_from_the_log_as_it_was(name: str, ring: KeyRingInMemory) -> None:
    event = builder_of(Event.registered[name])()
    envelope = Envelope(ring)
    stored = envelope.to_stored_event(event)

    assert envelope.to_domain_event(stored) == event
    assert (stored.originator_id, stored.originator_version, stored.topic) == (event.subject, 1, name)


@EVERY
def test_only_the_plain_part_can_be_read_without_the_ring(name: str, ring: KeyRingInMemory) -> None:
    event_class = Event.registered[name]
    body = orjson.loads(seal(builder_of(event_class)(), ring).state)
    plain = event_class.model_fields.keys() - {"originator_id", "originator_version", "timestamp"}

    assert body["v"] == event_class.shape
    assert body["d"].keys() == plain - event_class.sealed_fields
    assert ("s" in body) == bool(event_class.sealed_fields)


@SEALING
def test_no_sealed_word_is_in_the_bytes(name: str, ring: KeyRingInMemory) -> None:
    event_class = Event.registered[name]
    event = builder_of(event_class)()
    stored = seal(event, ring)
    dumped = event.model_dump(mode="json")
    sealed = {text for field in event_class.sealed_fields for text in texts_in(dumped[field])}
    plain = texts_in({field: value for field, value in dumped.items() if field not in event_class.sealed_fields})

    words = sealed - plain
    assert words, "the builder seals something that would be recognised"
    assert not [word for word in words if f'"{word}"'.encode() in stored.state]


@SEALING
def test_a_destroyed_key_reads_as_erased_everywhere(name: str, ring: KeyRingInMemory) -> None:
    event_class = Event.registered[name]
    event = builder_of(event_class)()
    stored = seal(event, ring)
    ring.destroy(event.model_dump()["person"])
    opened = unseal(stored, ring)

    assert all(getattr(opened, field) is ERASED for field in event_class.sealed_fields)
    assert opened == event.model_copy(update=dict.fromkeys(event_class.sealed_fields, ERASED))


@EVERY
def test_an_event_keeps_its_time_to_the_microsecond(name: str, ring: KeyRingInMemory) -> None:
    at = datetime(2027, 1, 31, 23, 59, 59, 123_456, tzinfo=UTC)

    assert unseal(seal(builder_of(Event.registered[name])(at=at), ring), ring).timestamp == at


def test_each_month_has_a_key_of_its_own(ring: KeyRingInMemory) -> None:
    november, december = (seal(message_heard(at=AT.replace(month=month)), ring) for month in (11, 12))

    assert orjson.loads(november.state)["s"][0] == ring.sealing_key(PERSON_TOKEN, "2026-11").id
    assert orjson.loads(december.state)["s"][0] == ring.sealing_key(PERSON_TOKEN, "2026-12").id


def test_the_same_words_are_sealed_differently_each_time(ring: KeyRingInMemory) -> None:
    one, other = (orjson.loads(seal(message_heard(), ring).state)["s"] for _ in range(2))

    assert one[0] == other[0]
    assert one[1] != other[1]
    assert one[2] != other[2]


def test_that_there_are_no_words_is_sealed_too(ring: KeyRingInMemory) -> None:
    stored = seal(memory_edited(text=None), ring)

    assert b"text" not in stored.state
    assert unseal(stored, ring) == memory_edited(text=None)


@pytest.mark.parametrize(
    "moved",
    [
        {"originator_id": "message.terminal-1.other"},
        {"originator_version": 2},
        {"topic": "MessageEdited"},
    ],
    ids=["to another subject", "to another version", "to another type"],
)
def test_a_sealed_part_that_was_moved_does_not_open(moved: dict[str, Any], ring: KeyRingInMemory) -> None:
    with pytest.raises(LogError, match="changed or moved"):
        unseal(replace(seal(message_heard(), ring), **moved), ring)


def test_a_sealed_part_that_was_changed_does_not_open(ring: KeyRingInMemory) -> None:
    stored = seal(message_heard(), ring)
    key_id, nonce, ciphertext = orjson.loads(stored.state)["s"]
    flipped = ("B" if ciphertext[0] == "A" else "A") + ciphertext[1:]

    with pytest.raises(LogError, match="changed or moved"):
        unseal(changed(stored, s=[key_id, nonce, flipped]), ring)


def test_a_key_of_another_ring_is_the_wrong_ring(ring: KeyRingInMemory) -> None:
    with pytest.raises(WrongKeyRing):
        unseal(seal(message_heard(), ring), KeyRingInMemory())


def test_an_event_of_an_unknown_type_asks_for_an_upgrade(ring: KeyRingInMemory) -> None:
    with pytest.raises(ShapeUnknown, match="MessageSung"):
        unseal(replace(seal(message_heard(), ring), topic="MessageSung"), ring)


@pytest.mark.parametrize("make", [message_heard, preset_created])
def test_a_newer_shape_asks_for_an_upgrade(make: Any, ring: KeyRingInMemory) -> None:
    stored = seal(make(), ring)

    with pytest.raises(ShapeUnknown, match="shape 99"):
        unseal(changed(stored, v=99), ring)


@pytest.fixture
def waved(monkeypatch: pytest.MonkeyPatch) -> type[Event]:
    """An event that has had two shapes before: `hand` was a flag at first, and the mood came last."""
    monkeypatch.setattr(Event, "registered", dict(Event.registered))

    class Waved(OpeningEvent):
        shape = 3
        person: str
        hand: str
        mood: str
        words: Words

    chain = {
        ("Waved", 1): lambda fields: fields | {"hand": "left" if fields["hand"] else "right"},
        ("Waved", 2): lambda fields: fields | {"mood": "merry"},
    }
    monkeypatch.setattr(upcasts, "UPCASTS", chain)
    return Waved


@pytest.mark.parametrize(
    ("shape", "plain", "expected"),
    [
        (1, {"hand": True}, ("left", "merry", "Ahoy!")),
        (2, {"hand": "right"}, ("right", "merry", "Ahoy!")),
        (3, {"hand": "right", "mood": "grim"}, ("right", "grim", "Ahoy!")),
    ],
)
def test_an_old_shape_is_brought_to_todays_step_by_step(
    waved: type[Event], shape: int, plain: dict[str, Any], expected: tuple[str, ...], ring: KeyRingInMemory
) -> None:
    made: Any = waved(
        originator_id="wave.1", originator_version=1, timestamp=AT, person="p1", hand="", mood="", words="Ahoy!"
    )
    opened: Any = unseal(changed(seal(made, ring), v=shape, d={"person": "p1"} | plain), ring)

    assert (opened.hand, opened.mood, opened.words) == expected


def test_an_old_shape_whose_key_was_destroyed_is_erased(waved: type[Event], ring: KeyRingInMemory) -> None:
    made: Any = waved(
        originator_id="wave.1", originator_version=1, timestamp=AT, person="p1", hand="", mood="", words="Ahoy!"
    )
    stored = changed(seal(made, ring), v=1, d={"person": "p1", "hand": True})
    ring.destroy("p1")
    opened: Any = unseal(stored, ring)

    assert (opened.hand, opened.words) == ("left", ERASED)
