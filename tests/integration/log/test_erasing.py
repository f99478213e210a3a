"""Erasing on a real server: the bytes are gone, the subject stays taken, reading and appending go on."""

import pytest
from eventsourcing.persistence import IntegrityError, ProgrammingError

from engine.log.reader import LogReader
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import an_event
from tests.nats_server import NatsServer


def holds(server: NatsServer, needle: bytes) -> bool:
    return any(needle in file.read_bytes() for file in server.store.rglob("*") if file.is_file())


def test_erased_bytes_are_gone_from_the_store(recorder: LogApplicationRecorder, server: NatsServer) -> None:
    recorder.insert_events([an_event("a", 1, b"SECRET-ONE"), an_event("a", 2, b"SECRET-TWO")])
    recorder.insert_events([an_event("b", 1, b"NEIGHBOUR")])
    recorder.insert_events([an_event("a", 3, b"TOMBSTONE")])
    assert holds(server, b"SECRET-ONE")
    assert recorder.erase("a", before_version=3) == [1, 2]
    for _ in range(2):
        assert not holds(server, b"SECRET-")
        assert holds(server, b"NEIGHBOUR")
        assert holds(server, b"TOMBSTONE")
        server.stop()
        server.start()
    assert recorder.sequences("a") == [(3, 4)]


def test_what_is_left_is_read_and_appended_to_as_ever(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a", version) for version in (1, 2, 3)])
    recorder.erase("a", before_version=3)
    assert recorder.select_events("a") == [an_event("a", 3)]
    assert recorder.select_events("a", gt=1) == [an_event("a", 3)]
    assert recorder.select_events("a", lte=2) == []
    assert recorder.select_events("a", desc=True, limit=1) == [an_event("a", 3)]
    assert recorder.insert_events([an_event("a", 4)]) == [4]
    assert recorder.select_events("a") == [an_event("a", 3), an_event("a", 4)]


def test_what_was_erased_cannot_be_created_again(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a"), an_event("a", 2)])
    recorder.erase("a", before_version=2)
    with pytest.raises(IntegrityError):
        recorder.insert_events([an_event("a")])


def test_the_last_event_is_never_erased(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a"), an_event("a", 2)])
    with pytest.raises(ProgrammingError, match="last event"):
        recorder.erase("a", before_version=3)
    assert recorder.sequences("a") == [(1, 1), (2, 2)]


def test_erasing_twice_or_nothing_is_harmless(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a"), an_event("a", 2)])
    assert recorder.erase("a", before_version=2) == [1]
    assert recorder.erase("a", before_version=2) == []
    assert recorder.erase("unknown", before_version=2) == []
    assert recorder.stream.delete(1) is False


def test_gaps_in_positions_are_read_over(recorder: LogApplicationRecorder, server: NatsServer) -> None:
    recorder.insert_events([an_event("a", version) for version in range(1, 31)])
    recorder.insert_events([an_event("b", version) for version in range(1, 11)])
    recorder.erase("a", before_version=30)
    expected = list(range(30, 41))
    assert [event.id for event in recorder.select_notifications(None, 100)] == expected
    assert [event.id for event in recorder.select_notifications(1, 3)] == expected[:3]
    assert [event.id for event in recorder.select_notifications(5, 2, stop=30)] == [30]
    with LogReader(server.url, recorder.stream.name) as reader:
        assert [event.id for event in reader.read(0, 100)] == expected
        assert [event.id for event in reader.read(34, 2)] == [35, 36]
        assert reader.read(40, 5) == []
        assert reader.event_at(3) is None
        event = reader.event_at(31)
        assert event is not None
        assert (event.originator_id, event.originator_version) == ("b", 1)
