"""How reactors hold on to the log's server, and what they do with what they have in hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import APIError, NotFoundError

from engine.domain import Message
from engine.envelope.envelope import Envelope
from engine.event_log import EventLog, LoggedEvent, Tzurot
from engine.log.subjects import stream_name
from engine.reactors import subscription
from engine.reactors.reaction import Attempt
from engine.reactors.subscription import Following, following
from tests.engine_at_work import until
from tests.fakes.key_ring import KeyRingInMemory
from tests.nats_server import NatsServer

NAME = "Following"
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Slow:
    """A reactor that takes its time."""

    takes_s: float = 0.0
    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    name: str = "slow"
    kinds: tuple[str, ...] = ("message",)
    formerly: str | None = None

    async def react(self, logged: LoggedEvent, attempt: Attempt) -> None:
        self.began.append(logged.event.subject)
        await asyncio.sleep(self.takes_s)
        self.ended.append(logged.event.subject)

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        raise AssertionError("nothing is given up here") from error


@pytest.fixture
def key_ring() -> KeyRingInMemory:
    return KeyRingInMemory()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    yield server
    server.kill()


@pytest.fixture
async def log(server: NatsServer, key_ring: KeyRingInMemory) -> AsyncIterator[EventLog]:
    log = EventLog(await asyncio.to_thread(Tzurot, key_ring, nats_url=server.url, name=NAME))
    yield log
    await log.close()


@pytest.fixture
def followed(server: NatsServer, key_ring: KeyRingInMemory) -> Following:
    return Following(server.url, stream_name(NAME), Envelope(key_ring))


async def hear(log: EventLog, *messages: str) -> list[str]:
    def saying(message: str) -> Callable[[], Message]:
        return lambda: Message.hear(message, person="p", text="Hello.", tokens=1, addresses=(), is_private=True, at=AT)

    for message in messages:
        await log.begin(Message, message, saying(message))
    return list(messages)


async def test_events_that_wait_for_their_turn_are_not_handed_out_twice(log: EventLog, followed: Following) -> None:
    slow = Slow(takes_s=0.4)
    messages = await hear(log, *(f"message.here.{number}" for number in range(5)))
    with (
        patch.object(subscription, "ACK_WAIT_S", 0.5),
        patch.object(subscription, "HEARTBEAT_S", 0.1),
        patch.object(subscription, "MOST_AT_ONCE", 1),
    ):
        async with following(followed, slow):
            await until(lambda: len(slow.ended) == len(messages))
    assert sorted(slow.began) == messages


async def test_a_server_that_was_away_finds_the_reactors_still_listening(
    log: EventLog, followed: Following, server: NatsServer
) -> None:
    slow = Slow()
    async with following(followed, slow):
        before = await hear(log, "message.here.before")
        await until(lambda: slow.ended == before)
        server.kill()
        server.start()
        after = await hear(log, "message.here.after")
        await until(lambda: set(slow.ended) == {*before, *after})


async def test_reactors_leave_a_server_that_is_away(log: EventLog, followed: Following, server: NatsServer) -> None:
    slow = Slow()
    async with following(followed, slow):
        heard = await hear(log, "message.here.1")
        await until(lambda: slow.ended == heard)
        server.kill()
    assert slow.began == heard


async def test_what_does_not_end_in_time_is_handed_back_and_done_by_the_next(
    log: EventLog, followed: Following
) -> None:
    stuck, next_one = Slow(takes_s=3_600.0), Slow()
    messages = await hear(log, "message.here.1")
    with patch.object(subscription, "LEAVING_S", 0.05):
        async with following(followed, stuck):
            await until(lambda: stuck.began == messages)
    async with following(followed, next_one):
        await until(lambda: next_one.ended == messages)
    assert stuck.ended == []


async def settings_of(server: NatsServer, consumer: str) -> ConsumerConfig:
    client = await nats.connect(server.url)
    try:
        return (await client.jetstream().consumer_info(stream_name(NAME), consumer)).config
    finally:
        await client.close()


async def test_a_consumer_made_by_an_older_release_gets_the_settings_of_this_one_and_goes_on_where_it_was(
    log: EventLog, followed: Following, server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    older, newer = Slow(), Slow(kinds=("message", "reply"))
    with patch.object(subscription, "ACK_WAIT_S", 90.0), patch.object(subscription, "MOST_PENDING", 7):
        async with following(followed, older):
            before = await hear(log, "message.here.before")
            await until(lambda: older.ended == before)
    assert (await settings_of(server, "slow")).max_ack_pending == 7
    async with following(followed, newer):
        after = await hear(log, "message.here.after")
        await until(lambda: newer.ended == after)
    found = await settings_of(server, "slow")
    assert (found.ack_wait, found.max_ack_pending) == (subscription.ACK_WAIT_S, subscription.MOST_PENDING)
    assert found.filter_subjects == [f"{stream_name(NAME)}.ev.{kind}.>" for kind in newer.kinds]
    (said,) = [record.message for record in caplog.records if record.name == "engine.reactors.consumers"]
    assert "ack_wait 90.0 -> 10.0" in said
    assert "max_ack_pending 7 -> 1024" in said


async def test_a_consumer_whose_settings_are_right_is_left_alone(
    log: EventLog, followed: Following, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        async with following(followed, Slow()):
            pass
    assert [record for record in caplog.records if record.name == "engine.reactors.consumers"] == []


async def test_a_consumer_of_another_name_begins_where_the_former_one_stopped_and_that_one_is_gone(
    log: EventLog, followed: Following, server: NatsServer
) -> None:
    older, newer, newest = Slow(name="older"), Slow(name="newer", formerly="older"), Slow(name="new", formerly="older")
    async with following(followed, older):
        before = await hear(log, "message.here.before")
        await until(lambda: older.ended == before)
    between = await hear(log, "message.here.between")
    async with following(followed, newer, newest):
        after = await hear(log, "message.here.after")
        await until(lambda: newer.ended == [*between, *after] == newest.ended)
    with pytest.raises(NotFoundError):
        await settings_of(server, "older")


async def test_a_consumer_whose_settings_the_server_does_not_change_goes_on_with_them_and_it_is_said_what_to_do(
    log: EventLog, followed: Following, caplog: pytest.LogCaptureFixture
) -> None:
    heard = await hear(log, "message.here.1")
    older, newer = Slow(), Slow()
    with patch.object(subscription, "ACK_WAIT_S", 90.0):
        async with following(followed, older):
            await until(lambda: older.ended == heard)

    async def refuse(*_: object, **__: object) -> None:
        raise APIError(code=400, err_code=10012, description="no")

    with patch.object(JetStreamContext, "add_consumer", refuse):
        async with following(followed, newer):
            heard = await hear(log, "message.here.2")
            await until(lambda: newer.ended == heard)
    (said,) = [record.message for record in caplog.records if record.name == "engine.reactors.consumers"]
    assert "delete the consumer" in said
    assert "10012" in said
