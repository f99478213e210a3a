"""A log in memory, for projections that need no server. Events are sealed as on the real one."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Sequence
from typing import override

from eventsourcing.persistence import Notification

from engine.domain import Event
from engine.envelope.envelope import seal
from engine.envelope.key_ring import KeyRing
from projections.source import LogSource


class LogInMemory(LogSource):
    """Positions count from 1; a deleted event leaves a gap, as on the real log."""

    def __init__(self, key_ring: KeyRing, *, log_id: str = "log-in-memory") -> None:
        self._key_ring = key_ring
        self._log_id = log_id
        self._events: list[Notification | None] = []
        self._lock = threading.Lock()
        self._followers: set[asyncio.Event] = set()

    def append(self, *events: Event) -> int:
        """Returns the last event's position."""
        with self._lock:
            for event in events:
                stored = seal(event, self._key_ring)
                self._events.append(
                    Notification(
                        stored.originator_id,
                        stored.originator_version,
                        stored.topic,
                        stored.state,
                        len(self._events) + 1,
                    )
                )
        for follower in self._followers:
            follower.set()
        return len(self._events)

    def append_erased(self, event: Event) -> int:
        """An event that is deleted before anybody reads it."""
        with self._lock:
            seal(event, self._key_ring)
            self._events.append(None)
            return len(self._events)

    def erase_before(self, subject: str, version: int) -> None:
        """Delete a subject's events below a version, as an edit and a tombstone do."""
        with self._lock:
            for index, event in enumerate(self._events):
                if event and event.originator_id == subject and event.originator_version < version:
                    self._events[index] = None

    def lose_everything_after(self, position: int) -> None:
        with self._lock:
            del self._events[position:]

    @override
    def read(self, after: int, limit: int) -> Sequence[Notification]:
        found: list[Notification] = []
        index = after
        with self._lock:
            while index < len(self._events) and len(found) < limit:
                if (event := self._events[index]) is not None:
                    found.append(event)
                index += 1
        return found

    @override
    def last_position(self) -> int:
        return len(self._events)

    @override
    def log_id(self) -> str:
        return self._log_id

    @override
    async def follow(self, after: int) -> AsyncGenerator[Sequence[Notification]]:
        has_more = asyncio.Event()
        self._followers.add(has_more)
        try:
            while True:
                has_more.clear()
                if found := self.read(after, 1_000):
                    after = found[-1].id
                    yield found
                else:
                    await has_more.wait()
        finally:
            self._followers.discard(has_more)
