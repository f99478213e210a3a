"""The quick way of an event loop: whatever happens to an append on it, its outcome is known, and its own."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent

from engine.errors import EventTooLarge, LogFull, LogUnavailable
from engine.log import loop_connection
from engine.log.appending import Appender
from engine.log.coalescing import BATCH_FROM
from engine.log.express import MAX_LOADED_EVENTS, Express, Outcome
from engine.log.lately import MAX_EVENTS, Lately, Loaded
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import NewFactory, an_event
from tests.nats_server import NatsServer
from tests.tcp_proxy import TcpProxy

ONE, FEW, MANY = 1, BATCH_FROM // 2, 4 * BATCH_FROM
WORDS = "words"
SINGLE, BATCH = b"Nats-Msg-Id", b"Nats-Batch-Commit"


@asynccontextmanager
async def express_of(recorder: LogApplicationRecorder) -> AsyncIterator[Express]:
    with ThreadPoolExecutor() as threads:
        express = Express(recorder, threads, is_plain=lambda event: event.topic != WORDS)
        yield express
        await express.close()


@pytest.fixture
async def express(recorder: LogApplicationRecorder) -> AsyncIterator[Express]:
    async with express_of(recorder) as express:
        yield express


@pytest.fixture
def through(new_factory: NewFactory, proxy: TcpProxy) -> LogApplicationRecorder:
    return new_factory("Tzurot", NATS_URL=proxy.url).application_recorder()


@pytest.fixture
async def express_through(through: LogApplicationRecorder) -> AsyncIterator[Express]:
    """Connected: what a test swallows is not its sign-in."""
    async with express_of(through) as express:
        await express.load(["nothing"])
        yield express


async def append(express: Express, *events: StoredEvent, after: int | Loaded = 0) -> list[Outcome]:
    before = Loaded([], after) if isinstance(after, int) else after
    told: dict[object, Outcome] = {}
    await express.append(
        [(event, before) for event in events],
        lambda event, outcome: told.update({event.originator_id: outcome}),
    )
    return [told[event.originator_id] for event in events]


def some(count: int) -> list[StoredEvent]:
    return [an_event(f"a{number}") for number in range(count)]


def once(proxy: TcpProxy, marker: bytes) -> None:
    """Swallow the answer to the next thing that a client sends with this marker in it, and cut."""

    def rule(data: bytes) -> bool:
        if marker in data:
            proxy.swallow_if = lambda _: False
            return True
        return False

    proxy.swallow_if = rule


def settled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collects how many appends at a time went the careful way."""
    counts: list[int] = []
    settle_each = Appender.settle_each

    def counted(self: Appender, troubled: list[object]) -> object:
        counts.append(len(troubled))
        return settle_each(self, troubled)  # type: ignore[arg-type]

    monkeypatch.setattr(Appender, "settle_each", counted)
    return counts


@pytest.mark.parametrize("count", [ONE, FEW, MANY])
async def test_each_is_recorded_and_gets_its_own_position_without_a_thread(
    recorder: LogApplicationRecorder, express: Express, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = settled(monkeypatch)
    assert await append(express, *some(count)) == list(range(1, count + 1))
    assert [recorder.sequences(f"a{number}") for number in range(count)] == [[(1, at)] for at in range(1, count + 1)]
    assert careful == []


@pytest.mark.parametrize("count", [ONE, FEW, MANY])
async def test_a_conflict_touches_none_of_the_others(
    recorder: LogApplicationRecorder, express: Express, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.insert_events([an_event("a0"), an_event("a0", 2)])
    careful = settled(monkeypatch)
    outcomes = await append(express, *some(count))
    assert isinstance(outcomes[0], IntegrityError)
    assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == list(range(3, count + 2))
    assert len(recorder.select_events("a0")) == 2
    assert careful == [1]


async def test_an_event_builds_on_the_one_that_was_loaded(express: Express) -> None:
    await append(express, an_event("a"))
    [found] = await express.load(["a"])
    assert found == Loaded([an_event("a")], 1)
    assert await append(express, an_event("a", 2), after=found) == [2]
    [conflict] = await append(express, an_event("a", 2, state=b"too late"), after=found)
    assert isinstance(conflict, IntegrityError)


async def test_what_is_nobodys_words_is_remembered_until_something_else_stands_on_it(
    new_factory: NewFactory, recorder: LogApplicationRecorder, express: Express
) -> None:
    assert express.lately("a") is None
    await append(express, an_event("a"))
    found = express.lately("a")
    assert found == Loaded([an_event("a")], 1)
    assert await append(express, an_event("a", 2), after=found) == [2]
    assert express.lately("a") == Loaded([an_event("a"), an_event("a", 2)], 2)
    recorder.insert_events([an_event("a", 3)])
    assert express.lately("a") is None
    [loaded] = await express.load(["a"])
    assert express.lately("a") == loaded == Loaded([an_event("a"), an_event("a", 2), an_event("a", 3)], 3)
    new_factory("Tzurot").application_recorder().insert_events([an_event("a", 4)])
    [conflict] = await append(express, an_event("a", 4), after=loaded)
    assert isinstance(conflict, IntegrityError)
    assert express.lately("a") is None


async def test_what_someone_said_is_not_remembered(express: Express) -> None:
    await append(express, an_event("a"))
    await append(express, an_event("a", 2, topic=WORDS), after=express.lately("a") or 0)
    assert express.lately("a") is None
    await express.load(["a"])
    assert express.lately("a") is None


def test_only_so_many_are_remembered_and_no_long_ones() -> None:
    lately = Lately(max_aggregates=2)
    for number in range(3):
        lately.put(f"a{number}", Loaded([an_event(f"a{number}")], 1 + number))
    assert [lately.get(f"a{number}") is not None for number in range(3)] == [False, True, True]
    lately.put("a2", Loaded([an_event("a2", version) for version in range(1, MAX_EVENTS + 2)], 9))
    assert lately.get("a2") is None


async def test_one_that_is_too_large_touches_none_of_the_others(
    recorder: LogApplicationRecorder, express: Express
) -> None:
    large = an_event("large", state=b"x" * recorder.stream.pool.max_payload_bytes)
    first, refused, last = await append(express, an_event("a"), large, an_event("b"))
    assert isinstance(refused, EventTooLarge)
    assert (first, last) == (1, 2)


@pytest.mark.parametrize(("count", "marker"), [(ONE, SINGLE), (FEW, SINGLE), (MANY, BATCH)])
async def test_lost_acks_are_recognised_as_success(
    express_through: Express, through: LogApplicationRecorder, proxy: TcpProxy, count: int, marker: bytes
) -> None:
    through.insert_events([an_event("before")])
    once(proxy, marker)
    outcomes = await append(express_through, *some(count))
    assert proxy.cuts == 1
    assert sorted(map(str, outcomes)) == sorted(map(str, range(2, count + 2)))
    assert through.max_notification_id() == count + 1


async def test_a_lost_ack_of_a_later_event_is_recognised_as_success(
    express_through: Express, through: LogApplicationRecorder, proxy: TcpProxy
) -> None:
    await append(express_through, an_event("a"))
    once(proxy, SINGLE)
    assert await append(express_through, an_event("a", 2), after=1) == [2]
    assert await append(express_through, an_event("a", 3), after=2) == [3]
    assert proxy.cuts == 1
    assert through.sequences("a") == [(1, 1), (2, 2), (3, 3)]


async def test_a_real_conflict_stays_one_also_after_a_lost_answer(
    new_factory: NewFactory, express_through: Express, proxy: TcpProxy
) -> None:
    elsewhere = new_factory("Tzurot").application_recorder()
    elsewhere.insert_events([an_event("a", state=b"theirs")])
    once(proxy, SINGLE)
    [conflict] = await append(express_through, an_event("a", state=b"ours"))
    assert isinstance(conflict, IntegrityError)
    assert proxy.cuts == 1
    assert [event.state for event in elsewhere.select_events("a")] == [b"theirs"]


async def test_an_idle_connection_that_was_cut_is_made_anew(
    express: Express, recorder: LogApplicationRecorder, server: NatsServer
) -> None:
    assert await append(express, an_event("a")) == [1]
    server.stop()
    server.start()
    assert await append(express, an_event("a", 2), after=1) == [2]
    assert recorder.sequences("a") == [(1, 1), (2, 2)]


@pytest.mark.parametrize("count", [ONE, MANY])
async def test_what_is_sent_into_a_cut_connection_is_stored_once(
    express_through: Express, through: LogApplicationRecorder, proxy: TcpProxy, count: int
) -> None:
    connection = express_through._connection
    assert connection is not None
    assert connection._transport is not None
    connection._transport.abort()  # what is written from now on goes nowhere, and nobody knows it yet
    assert sorted(map(str, await append(express_through, *some(count)))) == sorted(map(str, range(1, count + 1)))
    assert through.max_notification_id() == count


async def test_a_server_that_is_slow_stores_what_it_was_sent_twice_once(
    through: LogApplicationRecorder, proxy: TcpProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = settled(monkeypatch)
    goes_on = threading.Event()

    def held(data: bytes) -> bool:
        if SINGLE in data:
            proxy.swallow_if = lambda _: False
            goes_on.wait(30)
        return False

    proxy.swallow_if = held
    monkeypatch.setattr(loop_connection, "REQUEST_TIMEOUT_S", 0.05)
    async with express_of(through) as express:
        assert await append(express, an_event("a")) == [1]
        goes_on.set()  # only now does the server get the first attempt
        monkeypatch.undo()
        assert await append(express, an_event("a", 2), after=1) == [2]
    assert careful == [1]
    assert through.sequences("a") == [(1, 1), (2, 2)]


async def test_what_took_the_last_room_is_success_though_its_ack_was_lost(
    new_factory: NewFactory, proxy: TcpProxy
) -> None:
    recorder = new_factory("Tzurot", NATS_URL=proxy.url, TZUROT_LOG_MAX_BYTES="10000").application_recorder()
    async with express_of(recorder) as express:
        await express.load(["nothing"])
        once(proxy, SINGLE)
        assert await append(express, an_event("a", state=b"x" * 9000)) == [1]
        assert proxy.cuts == 1
        [full] = await append(express, an_event("b", state=b"x" * 9000))
        assert isinstance(full, LogFull)


async def test_a_server_that_is_killed_meanwhile_leaves_no_outcome_open(
    server: NatsServer, recorder: LogApplicationRecorder, express: Express
) -> None:
    await append(express, an_event("before"))
    server.kill()
    restarting = asyncio.create_task(asyncio.to_thread(server.start))
    outcomes = await append(express, *some(MANY))
    await restarting
    assert sorted(map(str, outcomes)) == sorted(map(str, range(2, MANY + 2)))
    assert recorder.max_notification_id() == MANY + 1


async def test_a_server_killed_again_and_again_in_the_middle_of_appends_loses_and_doubles_nothing(
    server: NatsServer, recorder: LogApplicationRecorder, express: Express
) -> None:
    known: dict[str, int] = {}
    has_ended = asyncio.Event()
    has_more = asyncio.Condition()

    async def work(number: int) -> None:
        turn = 0
        while not has_ended.is_set():
            turn += 1
            names = [f"a.{number}.{turn}.{each}" for each in range(3)]
            outcomes = await append(express, *(an_event(name) for name in names))
            for name, outcome in zip(names, outcomes, strict=True):
                assert isinstance(outcome, int), outcome
                known[name] = outcome
            async with has_more:
                has_more.notify_all()

    async def more_are_known() -> None:
        wanted = len(known) + 60
        async with asyncio.timeout(60), has_more:
            await has_more.wait_for(lambda: len(known) >= wanted)

    async with asyncio.TaskGroup() as workers:
        for number in range(8):
            workers.create_task(work(number))
        for _ in range(3):
            await more_are_known()
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        await more_are_known()
        has_ended.set()
    recorded = {str(event.originator_id): event.id for event in recorder.select_notifications(None, 1_000_000)}
    assert recorded == known


async def test_when_no_server_comes_back_each_is_told_so(
    server: NatsServer, recorder: LogApplicationRecorder, express: Express
) -> None:
    recorder.stream.pool.deadline_s = 0.2
    server.kill()
    outcomes = await append(express, an_event("a"), an_event("b"))
    assert [type(outcome) for outcome in outcomes] == [LogUnavailable, LogUnavailable]
    assert await express.load(["a"]) == [None]


async def test_several_are_loaded_together_as_each_by_itself(
    recorder: LogApplicationRecorder, express: Express
) -> None:
    recorder.insert_events([an_event("a"), an_event("b"), an_event("a", 2)])
    recorder.insert_events([an_event("long", version) for version in range(1, MAX_LOADED_EVENTS + 1)])
    ids = ["a", "missing", "long", "b"]
    loaded = await express.load(ids)
    assert [found.events if found else None for found in loaded] == [list(recorder.select_events(id_)) for id_ in ids]
    assert [found.sequence if found else None for found in loaded] == [3, 0, MAX_LOADED_EVENTS + 3, 2]


async def test_what_is_very_long_or_does_not_arrive_whole_is_left_to_be_loaded_otherwise(
    express_through: Express, through: LogApplicationRecorder, proxy: TcpProxy
) -> None:
    through.insert_events([an_event("long", version) for version in range(1, MAX_LOADED_EVENTS + 2)])
    through.insert_events([an_event("short")])
    [long, short] = await express_through.load(["long", "short"])
    assert long is None
    assert short is not None
    once(proxy, b"next_by_subj")
    assert await express_through.load(["short", "missing"]) == [None, None]
    assert proxy.cuts == 1
    assert await express_through.load(["short"]) == [short]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n",
        b'INFO {"tls_required": true}\r\n',
        b"INFO {}\r\n-ERR 'Authorization Violation'\r\n",
        b"",
    ],
    ids=["no nats-server", "a broken handshake", "a refused sign-in", "nothing at all"],
)
async def test_whoever_else_answers_there_is_no_connection(
    recorder: LogApplicationRecorder,
    express: Express,
    answer: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop_connection, "CONNECT_TIMEOUT_S", 0.2)

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(respond, "127.0.0.1", 0)
    async with listening:
        host, port = listening.sockets[0].getsockname()
        address = recorder.stream.pool.addresses[0]
        assert await loop_connection.connect(type(address)(host, port)) is None
