"""Answers that get lost and servers that die in the middle: every outcome is known, nothing is lost or doubled."""

import threading
from collections import Counter
from time import monotonic

import pytest
from eventsourcing.persistence import IntegrityError

from engine.errors import LogFull
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import NewFactory, an_event
from tests.nats_server import NatsServer
from tests.tcp_proxy import TcpProxy


@pytest.fixture
def through(new_factory: NewFactory, proxy: TcpProxy) -> LogApplicationRecorder:
    return new_factory("Tzurot", NATS_URL=proxy.url).application_recorder()


def swallow_once(proxy: TcpProxy, marker: bytes) -> None:
    """Swallow the answer to the next thing that a client sends with this marker in it."""

    def rule(data: bytes) -> bool:
        if marker in data:
            proxy.swallow_if = lambda _: False
            return True
        return False

    proxy.swallow_if = rule


def test_a_lost_ack_is_recognised_as_success(through: LogApplicationRecorder, proxy: TcpProxy) -> None:
    through.insert_events([an_event("before")])
    swallow_once(proxy, b"Nats-Msg-Id")
    assert through.insert_events([an_event("a")]) == [2]
    assert proxy.cuts == 1
    assert through.sequences("a") == [(1, 2)]
    assert through.max_notification_id() == 2


def test_a_lost_ack_of_a_later_event_is_recognised_as_success(through: LogApplicationRecorder, proxy: TcpProxy) -> None:
    through.insert_events([an_event("a")])
    swallow_once(proxy, b"Nats-Msg-Id")
    assert through.insert_events([an_event("a", 2)]) == [2]
    assert through.insert_events([an_event("a", 3)]) == [3]
    assert proxy.cuts == 1


def test_a_lost_ack_of_a_batch_is_recognised_as_success(through: LogApplicationRecorder, proxy: TcpProxy) -> None:
    through.insert_events([an_event("before")])
    swallow_once(proxy, b"Nats-Batch-Commit")
    assert through.insert_events([an_event("a"), an_event("a", 2), an_event("b")]) == [2, 3, 4]
    assert proxy.cuts == 1
    assert through.max_notification_id() == 4


def test_success_is_recognised_also_when_another_event_stands_on_it(
    new_factory: NewFactory, through: LogApplicationRecorder, proxy: TcpProxy
) -> None:
    elsewhere = new_factory("Tzurot").application_recorder()
    swallow_once(proxy, b"Nats-Msg-Id")
    resolve = through.appender._own_sequence

    def with_another_on_top(entries: list[object]) -> int:
        elsewhere.insert_events([an_event("a", 2)])
        return resolve(entries)  # type: ignore[arg-type]

    through.appender._own_sequence = with_another_on_top  # type: ignore[method-assign,assignment]
    assert through.insert_events([an_event("a")]) == [1]
    assert through.sequences("a") == [(1, 1), (2, 2)]


def test_a_real_conflict_stays_one_also_after_a_lost_answer(
    new_factory: NewFactory, through: LogApplicationRecorder, proxy: TcpProxy
) -> None:
    new_factory("Tzurot").application_recorder().insert_events([an_event("a", state=b"theirs")])
    swallow_once(proxy, b"Nats-Msg-Id")
    with pytest.raises(IntegrityError):
        through.insert_events([an_event("a", state=b"ours")])
    assert proxy.cuts == 1
    assert [event.state for event in through.select_events("a")] == [b"theirs"]


def test_reads_are_repeated_on_a_new_connection(through: LogApplicationRecorder, proxy: TcpProxy) -> None:
    through.insert_events([an_event("a"), an_event("a", 2)])
    swallow_once(proxy, b"next_by_subj")
    assert len(through.select_events("a")) == 2
    assert proxy.cuts == 1


def test_a_group_of_appends_whose_answer_is_lost_is_known_one_by_one(
    through: LogApplicationRecorder, proxy: TcpProxy
) -> None:
    swallow_once(proxy, b"Nats-Batch-Commit")
    positions: list[int] = []

    def work(number: int) -> None:
        for turn in range(10):
            positions.extend(through.insert_events([an_event(f"a.{number}.{turn}")]) or [])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert proxy.cuts == 1
    assert sorted(positions) == list(range(1, 321))


@pytest.mark.parametrize("events_at_once", [1, 3])
def test_a_server_killed_in_the_middle_of_appends_loses_and_doubles_nothing(
    new_factory: NewFactory, server: NatsServer, events_at_once: int
) -> None:
    recorder = new_factory("Tzurot").application_recorder()
    known: dict[str, list[int]] = {}
    failures: list[BaseException] = []
    has_ended = threading.Event()

    def work(number: int) -> None:
        turn = 0
        while not has_ended.is_set():
            turn += 1
            name = f"a.{number}.{turn}"
            try:
                ids = recorder.insert_events([an_event(name, 1 + i) for i in range(events_at_once)])
            except BaseException as error:  # noqa: BLE001 -- whatever it is, the test shows it
                failures.append(error)
                return
            known[name] = list(ids or [])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        wait_for_more(known, 60)
        server.kill()
        server.start()
    wait_for_more(known, 60)
    has_ended.set()
    for thread in threads:
        thread.join()
    assert failures == []
    recorded: dict[str, list[int]] = {}
    for event in recorder.select_notifications(None, 1_000_000):
        recorded.setdefault(str(event.originator_id), []).append(event.id)
    assert recorded == known
    assert max(Counter(each for ids in recorded.values() for each in ids).values()) == 1


def wait_for_more(known: dict[str, list[int]], more: int) -> None:
    wanted, until = len(known) + more, monotonic() + 60
    waiting = threading.Event()
    while len(known) < wanted:
        assert monotonic() < until, "no append succeeds any more"
        waiting.wait(0.002)


def test_a_second_server_takes_over_where_the_first_does_not_answer(
    new_factory: NewFactory, server: NatsServer
) -> None:
    recorder = new_factory("Tzurot", NATS_URL=f"nats://127.0.0.1:1,{server.url}").application_recorder()
    assert recorder.insert_events([an_event("a")]) == [1]


def test_an_idle_application_carries_on_after_a_restart(recorder: LogApplicationRecorder, server: NatsServer) -> None:
    recorder.insert_events([an_event("a")])
    server.stop()
    server.start()
    assert recorder.insert_events([an_event("a", 2)]) == [2]


def test_what_took_the_last_room_is_success_though_its_ack_was_lost(new_factory: NewFactory, proxy: TcpProxy) -> None:
    factory = new_factory("Tzurot", NATS_URL=proxy.url, TZUROT_LOG_MAX_BYTES="10000")
    recorder = factory.application_recorder()
    swallow_once(proxy, b"Nats-Msg-Id")
    assert recorder.insert_events([an_event("a", state=b"x" * 9000)]) == [1]
    assert proxy.cuts == 1
    with pytest.raises(LogFull):
        recorder.insert_events([an_event("b", state=b"x" * 9000)])


def test_a_subscription_carries_on_through_a_restart(recorder: LogApplicationRecorder, server: NatsServer) -> None:
    recorder.insert_events([an_event("a")])
    with recorder.subscribe(gt=0) as subscription:
        assert next(subscription).id == 1
        for version in (2, 3):
            server.kill()
            server.start()
            recorder.insert_events([an_event("a", version)])
            assert next(subscription).id == version
