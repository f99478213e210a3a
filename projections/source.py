"""Where projections get their events from: the log, seen as pages and as a live tail.

The real one is made of `engine.log` (LogFollower below); tests bring one in memory.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import NamedTuple, Protocol

from eventsourcing.persistence import Notification

from engine.domain import Event
from engine.envelope.envelope import unseal
from engine.envelope.key_ring import KeyRing
from engine.log.reader import LogReader
from engine.log.tail import Tail


class LogSource(Protocol):
    """A log to project. The first three methods block and are called from threads."""

    def read(self, after: int, limit: int) -> Sequence[Notification]:
        """Up to `limit` events after a position, in order; none only at the log's end."""
        ...

    def last_position(self) -> int:
        """The log's last position, 0 for an empty log; there need not be an event at it any more."""
        ...

    def log_id(self) -> str:
        """What tells this log from any other."""
        ...

    def follow(self, after: int) -> AsyncGenerator[Sequence[Notification]]:
        """Events after a position as they come, in order, for ever."""
        ...


class Fact(NamedTuple):
    """An event and where it stands on the log."""

    position: int
    event: Event


def decode(notifications: Sequence[Notification], key_ring: KeyRing) -> list[Fact]:
    """Open every event once, for all projections."""
    return [Fact(notification.id, unseal(notification, key_ring)) for notification in notifications]


class LogFollower(LogSource):
    """The log as `engine.log` reads and follows it; each following has a connection of its own."""

    def __init__(self, reader: LogReader, tail: Callable[[], Tail]) -> None:
        self._reader = reader
        self._tail = tail

    def read(self, after: int, limit: int) -> Sequence[Notification]:
        return self._reader.read(after, limit)

    def last_position(self) -> int:
        return self._reader.state().last_position

    def log_id(self) -> str:
        return self._reader.state().log_id

    async def follow(self, after: int) -> AsyncGenerator[Sequence[Notification]]:
        async with self._tail() as tail:
            async for page in tail.follow(after):
                yield page
