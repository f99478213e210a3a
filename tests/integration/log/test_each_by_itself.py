"""Events that are recorded together but have nothing to do with one another: each one's outcome is its own."""

import threading

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from engine.errors import EventTooLarge, LogUnavailable
from engine.log.lane import BATCH_FROM
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import NewFactory, an_event
from tests.nats_server import NatsServer
from tests.tcp_proxy import TcpProxy

FEW, MANY = BATCH_FROM // 2, 4 * BATCH_FROM


@pytest.mark.parametrize("count", [1, FEW, MANY])
def test_each_is_recorded_and_gets_its_own_position(recorder: LogApplicationRecorder, count: int) -> None:
    outcomes = recorder.insert_each([an_event(f"a{number}") for number in range(count)])
    assert outcomes == list(range(1, count + 1))
    assert [recorder.sequences(f"a{number}") for number in range(count)] == [[(1, at)] for at in range(1, count + 1)]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_conflict_touches_none_of_the_others(recorder: LogApplicationRecorder, count: int) -> None:
    recorder.insert_events([an_event("a1"), an_event("a1", 2)])
    recorder.heads.drop(f"{recorder.stream.name}.ev.a1")
    outcomes = recorder.insert_each([an_event(f"a{number}") for number in range(count)])
    assert isinstance(outcomes[1], IntegrityError)
    assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == list(range(3, count + 2))
    assert len(recorder.select_events("a1")) == 2


def test_a_version_that_does_not_follow_touches_none_of_the_others(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a")])
    outcomes = recorder.insert_each([an_event("b"), an_event("a", 3), an_event("c")])
    assert isinstance(outcomes[1], IntegrityError)
    assert [outcomes[0], outcomes[2]] == [2, 3]


def test_one_that_is_too_large_touches_none_of_the_others(recorder: LogApplicationRecorder) -> None:
    large = StoredEvent("large", 1, "topic", b"x" * recorder.stream.pool.max_payload_bytes)
    first, refused, last = recorder.insert_each([an_event("a"), large, an_event("b")])
    assert isinstance(refused, EventTooLarge)
    assert (first, last) == (1, 2)


@pytest.mark.parametrize(("count", "marker"), [(FEW, b"Nats-Msg-Id"), (MANY, b"Nats-Batch-Commit")])
def test_lost_acks_are_recognised_as_success(
    new_factory: NewFactory, proxy: TcpProxy, count: int, marker: bytes
) -> None:
    through = new_factory("Tzurot", NATS_URL=proxy.url).application_recorder()
    through.insert_events([an_event("before")])

    def once(data: bytes) -> bool:
        if marker in data:
            proxy.swallow_if = lambda _: False
            return True
        return False

    proxy.swallow_if = once
    outcomes = through.insert_each([an_event(f"a{number}") for number in range(count)])
    assert proxy.cuts == 1
    assert sorted(map(str, outcomes)) == sorted(map(str, range(2, count + 2)))
    assert through.max_notification_id() == count + 1


def test_a_server_that_is_killed_meanwhile_leaves_no_outcome_open(
    server: NatsServer, recorder: LogApplicationRecorder
) -> None:
    recorder.insert_events([an_event("before")])
    server.kill()
    restarting = threading.Thread(target=server.start)
    restarting.start()
    outcomes = recorder.insert_each([an_event(f"a{number}") for number in range(MANY)])
    restarting.join()
    assert sorted(map(str, outcomes)) == sorted(map(str, range(2, MANY + 2)))


def test_when_no_server_comes_back_each_is_told_so(server: NatsServer, new_factory: NewFactory) -> None:
    recorder = new_factory("Tzurot").application_recorder()
    recorder.stream.pool.deadline_s = 0.2
    server.kill()
    outcomes = recorder.insert_each([an_event("a"), an_event("b")])
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable, LogUnavailable]


def test_several_are_read_together_as_each_by_itself(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a"), an_event("b"), an_event("a", 2)])
    recorder.insert_events([an_event("long", version) for version in range(1, 601)])
    recorder.insert_events([an_event("long", version) for version in range(601, 1201)])
    ids = ["a", "missing", "long", "b"]
    assert recorder.select_each(ids) == [list(recorder.select_events(id_)) for id_ in ids]
    assert [len(events) for events in recorder.select_each(ids)] == [2, 0, 1200, 1]
