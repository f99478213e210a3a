"""The same on a real log: commands append, the tail brings events, and what is erased there is gone here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.domain import Message
from engine.event_log import EventLog, Tzurot
from engine.log.reader import LogReader
from engine.log.tail import Tail
from engine.reading import AuditQuestion
from projections import Projections, open_projections
from projections.source import LogFollower
from tests.fakes.key_ring import KeyRingInMemory
from tests.nats_server import NatsServer

type Running = Callable[[Projections], AbstractAsyncContextManager[Projections]]

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path)
    yield server
    server.stop()


async def hear(log: EventLog, number: int) -> int:
    message = f"message.terminal-1.{number}"

    def first() -> Message:
        return Message.hear(
            message, person="ana", text=f"text {number}", tokens=2, addresses=("lyra",), is_private=True, at=AT
        )

    return (await log.begin(Message, message, first)).position


async def test_events_of_a_real_log_are_followed_across_its_restart_and_replayed(
    database: str, nats_server: NatsServer, key_ring: KeyRingInMemory, running: Running
) -> None:
    log = EventLog(Tzurot(key_ring, nats_url=nats_server.url, name="projected"))
    try:
        with LogReader(nats_server.url, "projected") as reader:
            source = LogFollower(reader, lambda: Tail(nats_server.url, "projected"))
            async with open_projections(database, source, key_ring) as projections, running(projections):
                for number in range(30):
                    position = await hear(log, number)
                await projections.reader.wait_for(position, timeout_s=20)

                nats_server.kill()
                nats_server.start()
                position = await hear(log, 30)
                await projections.reader.wait_for(position, timeout_s=20)
                assert len(await projections.reader.entries(AuditQuestion())) == 31

                message = "message.terminal-1.7"
                erased = await log.change(
                    Message, message, lambda found: found.erase(receipt="r1", reason="asked", at=AT)
                )
                await log.erase_before(message, erased.aggregate.version)
                await projections.reader.wait_for(await log.last_position(), timeout_s=20)

                report = await projections.verify()
                assert report.is_ok
                assert report.projections["history"].rows == 30
                assert (await projections.rebuild(batch_size=7)).projections == report.projections
    finally:
        await log.close()
