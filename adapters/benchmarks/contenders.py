"""Who is measured against whom: the engine on its log, the same commands on the library's recorders, bare publishing.

Every contender is given the same commands. The engine's are whole: load, decide, seal, append durably. What the bare
publisher sends is sealed beforehand, so that it does nothing but append the same bytes.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, override

import nats
from eventsourcing.application import Application
from nats.aio.client import Client
from psycopg.conninfo import conninfo_to_dict

from adapters.benchmarks.workload import Compose, complete, first_event, last_event
from engine.commands.erasing import Erasing
from engine.commands.messages import Hear, Messages
from engine.commands.recording import Recording
from engine.domain import Event, Reply
from engine.envelope.envelope import seal
from engine.envelope.key_ring import KeyRing
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.event_log import EventLog, Tzurot
from engine.log.connection import REQUEST_TIMEOUT_S
from engine.ports import TokenCounter

type Job = Callable[[], Awaitable[object]]

POSTGRES_CONNECTIONS = 32
"""As many as the engine has threads: the library's pool must not be what is measured."""


class Contender(Protocol):
    """Makes of commands what is timed; whatever that needs to be there is done before."""

    @property
    def name(self) -> str: ...

    async def hearing(self, said: Sequence[Hear]) -> list[Job]: ...

    async def composing(self, answers: Sequence[Compose], *, started_here: bool) -> list[Job]:
        """Compose replies that were started by the same process or, which has them loaded, by another one."""
        ...


class OnRecorder(Tzurot):
    """The engine's application on one of the library's own recorders: same aggregates, same envelope."""

    def __init__(self, key_ring: KeyRing, env: dict[str, str]) -> None:
        self.name = "Bench"
        self.key_ring = key_ring
        Application.__init__(self, {"ORIGINATOR_ID_TYPE": "text", **env})

    @override
    def together(self) -> None:
        """The library's recorders take commands one by one, each on a thread of its own."""
        return


def on_postgres(key_ring: KeyRing, database_url: str) -> OnRecorder:
    return OnRecorder(key_ring, postgres_environment(database_url))


def postgres_environment(database_url: str) -> dict[str, str]:
    """The library's environment for a database."""
    found = conninfo_to_dict(database_url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(found["dbname"]),
        "POSTGRES_HOST": str(found["host"]),
        "POSTGRES_PORT": str(found["port"]),
        "POSTGRES_USER": str(found["user"]),
        "POSTGRES_PASSWORD": str(found["password"]),
        "POSTGRES_POOL_SIZE": str(POSTGRES_CONNECTIONS),
    }


def on_sqlite(key_ring: KeyRing, file: Path) -> OnRecorder:
    return OnRecorder(
        key_ring, {"PERSISTENCE_MODULE": "adapters.benchmarks.durable_sqlite", "SQLITE_DBNAME": str(file)}
    )


@dataclass(frozen=True, slots=True)
class Commands:
    """Whole commands, on whichever recorder is below. `elsewhere` knows nothing of what `log` has in memory."""

    name: str
    log: EventLog
    elsewhere: EventLog
    key_ring: SqliteKeyRing
    tokens: TokenCounter

    async def hearing(self, said: Sequence[Hear]) -> list[Job]:
        messages = Messages(self.log, self.tokens, Erasing(self.log, self.key_ring), Recording(self.log, self.key_ring))
        return [lambda each=each: messages.hear(each) for each in said]  # type: ignore[misc]

    async def composing(self, answers: Sequence[Compose], *, started_here: bool) -> list[Job]:
        starting = self.log if started_here else self.elsewhere
        for answer in answers:
            await starting.begin(Reply, answer.reply, answer.start)
        return [
            lambda each=each: self.log.change(Reply, each.reply, lambda reply: complete(reply, each, self.tokens))  # type: ignore[misc]
            for answer in answers
            for each in (answer,)
        ]


@dataclass(frozen=True, slots=True)
class BarePublishing:
    """nats-py's `js.publish`, of bytes that are ready to be sent, under the same conditions."""

    name: str
    client: Client
    stream: str
    key_ring: KeyRing
    tokens: TokenCounter

    async def hearing(self, said: Sequence[Hear]) -> list[Job]:
        return [self._publishing(first_event(each, self.tokens)) for each in said]

    async def composing(self, answers: Sequence[Compose], *, started_here: bool) -> list[Job]:  # noqa: ARG002 - no load
        return [self._publishing(last_event(answer, self.tokens)) for answer in answers]

    def _publishing(self, event: Event) -> Job:
        stored = seal(event, self.key_ring)
        jetstream = self.client.jetstream(timeout=REQUEST_TIMEOUT_S)
        subject = f"{self.stream}.bare.{event.originator_id}"
        headers = {
            "Nats-Msg-Id": f"{'0' * 24}.{stored.originator_version}.{event.originator_id}",
            "Nats-Expected-Last-Subject-Sequence": "0",
            "V": str(stored.originator_version),
            "T": stored.topic,
        }
        return lambda: jetstream.publish(subject, stored.state, headers=headers)


async def connect_bare(nats_url: str) -> Client:
    return await nats.connect(nats_url)
