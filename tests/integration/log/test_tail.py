"""Following the log live through pauses, restarts, floods and erasures."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from eventsourcing.persistence import Notification

from engine.errors import LogUnavailable, LogWentBackwards
from engine.log import tail as tail_module
from engine.log.recorders import LogApplicationRecorder
from engine.log.tail import Tail
from tests.log_applications import NewFactory, an_event
from tests.nats_server import NatsServer


@pytest.fixture
async def tail(recorder: LogApplicationRecorder, server: NatsServer) -> AsyncIterator[Tail]:
    async with Tail(server.url, recorder.stream.name) as tail:
        yield tail


def record(recorder: LogApplicationRecorder, name: str, count: int) -> None:
    recorder.insert_events([an_event(name, version) for version in range(1, count + 1)])


async def take(pages: AsyncIterator[list[Notification]], count: int) -> list[int]:
    positions: list[int] = []
    async with asyncio.timeout(30):
        while len(positions) < count:
            positions += [event.id for event in await anext(pages)]
    return positions


async def test_what_is_there_and_what_comes_is_yielded_in_order(recorder: LogApplicationRecorder, tail: Tail) -> None:
    await asyncio.to_thread(record, recorder, "a", 5)
    pages = tail.follow(2)
    assert await take(pages, 3) == [3, 4, 5]
    for number in range(10):
        await asyncio.to_thread(record, recorder, f"b.{number}", 1)
        assert await take(pages, 1) == [6 + number]


async def test_an_event_arrives_as_it_was_recorded(recorder: LogApplicationRecorder, tail: Tail) -> None:
    await asyncio.to_thread(recorder.insert_events, [an_event("message.t.1", 1, b"\x00body", "module:Topic")])
    page = await anext(tail.follow(0))
    assert page == list(recorder.select_notifications(None, 10))


async def test_what_has_queued_up_comes_as_one_list(recorder: LogApplicationRecorder, tail: Tail) -> None:
    pages = tail.follow(0)
    await asyncio.to_thread(record, recorder, "a", 1)
    await take(pages, 1)
    await asyncio.to_thread(record, recorder, "b", 900)
    await asyncio.to_thread(record, recorder, "c", 900)
    sizes: list[int] = []
    async with asyncio.timeout(30):
        while sum(sizes) < 1800:
            sizes.append(len(await anext(pages)))
    assert max(sizes) <= 1000
    assert len(sizes) < 900


async def test_a_restart_of_the_server_is_survived(
    recorder: LogApplicationRecorder, server: NatsServer, tail: Tail
) -> None:
    await asyncio.to_thread(record, recorder, "a", 3)
    pages = tail.follow(0)
    assert await take(pages, 3) == [1, 2, 3]
    for turn in range(2):
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(record, recorder, f"b.{turn}", 2)
        assert await take(pages, 2) == [4 + 2 * turn, 5 + 2 * turn]


async def test_a_restart_in_the_middle_of_a_flood_leaves_nothing_out(
    new_factory: NewFactory, server: NatsServer, tail: Tail
) -> None:
    writers = [new_factory("Tzurot").application_recorder() for _ in range(4)]

    def write(number: int) -> None:
        for turn in range(150):
            writers[number % 4].insert_events([an_event(f"a.{number}.{turn}")])

    async def disturb() -> None:
        for _ in range(3):
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)

    pages = tail.follow(0)
    async with asyncio.TaskGroup() as tasks:
        for number in range(8):
            tasks.create_task(asyncio.to_thread(write, number))
        tasks.create_task(disturb())
        positions = await take(pages, 1200)
    assert positions == list(range(1, 1201))


async def test_a_slow_reader_gets_everything_with_little_waiting_in_memory(
    recorder: LogApplicationRecorder, tail: Tail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "MAX_QUEUED_MESSAGES", 50)
    for number in range(3):
        await asyncio.to_thread(record, recorder, f"a.{number}", 1000)
    pages = tail.follow(0)
    positions: list[int] = []
    most_waiting = 0
    while len(positions) < 3000:
        positions += [event.id for event in await asyncio.wait_for(anext(pages), 30)]
        for _ in range(20):
            await asyncio.sleep(0)  # the reader is busy with something else, and the server sends on
        assert tail._session is not None
        most_waiting = max(most_waiting, len(tail._session._queue))
    assert positions == list(range(1, 3001))
    assert 0 < most_waiting <= 50


async def test_messages_that_the_client_drops_are_delivered_after_all(
    recorder: LogApplicationRecorder, tail: Tail
) -> None:
    pages = tail.follow(0)
    await asyncio.to_thread(record, recorder, "a", 1)
    assert await take(pages, 1) == [1]
    session = tail._session
    assert session is not None
    arrived, dropped = session._arrived, 0

    async def dropping(message: object) -> None:
        nonlocal dropped
        if 3 <= dropped < 6:
            dropped += 1
            return
        dropped += 1
        await arrived(message)  # type: ignore[arg-type]

    assert session._subscription is not None
    session._subscription._cb = dropping
    await asyncio.to_thread(record, recorder, "b", 10)
    assert await take(pages, 10) == list(range(2, 12))
    assert tail._session is not session


async def test_the_last_messages_before_silence_are_missed_too(recorder: LogApplicationRecorder, tail: Tail) -> None:
    pages = tail.follow(0)
    await asyncio.to_thread(record, recorder, "a", 1)
    assert await take(pages, 1) == [1]
    session = tail._session
    assert session is not None
    assert session._subscription is not None
    arrived = session._arrived

    async def only_heartbeats(message: object) -> None:
        if getattr(message, "headers", None) and "Status" in message.headers:  # type: ignore[attr-defined]
            await arrived(message)  # type: ignore[arg-type]

    session._subscription._cb = only_heartbeats
    await asyncio.to_thread(record, recorder, "b", 2)
    assert await take(pages, 2) == [2, 3]


async def test_the_last_position_runs_ahead_over_what_is_no_event(new_factory: NewFactory, server: NatsServer) -> None:
    factory = new_factory("Tzurot")
    recorder, snapshots = factory.application_recorder(), factory.aggregate_recorder("snapshots")
    await asyncio.to_thread(record, recorder, "a", 3)
    async with Tail(server.url, "Tzurot") as tail:
        pages = tail.follow(0)
        assert await take(pages, 3) == [1, 2, 3]
        assert await tail.last_position() == 3
        await asyncio.to_thread(snapshots.insert_events, [an_event("a", 3)])
        assert await tail.last_position() == 4
        await asyncio.to_thread(recorder.stream.delete, 4)
        assert await tail.last_position() == 4
        await asyncio.to_thread(record, recorder, "b", 1)
        assert await tail.last_position() == 3
        assert await take(pages, 1) == [5]
        assert await tail.last_position() == 5


async def test_a_position_beyond_the_end_is_refused(recorder: LogApplicationRecorder, tail: Tail) -> None:
    await asyncio.to_thread(record, recorder, "a", 3)
    with pytest.raises(LogWentBackwards):
        await anext(tail.follow(4))


async def test_without_a_server_following_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail_module, "CONNECT_TIMEOUT_S", 0.3)
    async with Tail("nats://user:s3cret@127.0.0.1:1", "Tzurot") as tail:
        with pytest.raises(LogUnavailable) as refused:
            await anext(tail.follow(0))
    assert "s3cret" not in str(refused.value)
