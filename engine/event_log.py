"""The engine's face on the log: aggregates are found, changed and saved, each in one call that can be awaited.

Commands are carried out and aggregates found on the event loop as long as all goes well (engine/together.py).
Everything else runs on a small pool of threads, since the event sourcing library is synchronous. Appending states the
version it builds on; when somebody else was faster the decision is made again on what is there now. Uniqueness comes
from that alone: two callers who create the same thing end with one thing and one event.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, override

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import IntegrityError, Mapper

from engine.domain import Aggregate, Event
from engine.domain.event import Torn, evolved
from engine.envelope.envelope import Envelope
from engine.envelope.key_ring import KeyRing
from engine.errors import LogUnavailable, NotFound
from engine.log.reader import LogState, log_state
from engine.log.recorders import LogApplicationRecorder
from engine.together import NotFoundQuickly, Together

THREADS = 64
"""How many appends wait for the disk at once; the log coalesces those that wait together."""

MOST_ATTEMPTS = 20
"""How often a decision is made again because somebody else was faster; only a fault takes that many."""


class Tzurot(Application[str]):
    """The event-sourced application: its name is the stream's, its mapper seals."""

    env = {"PERSISTENCE_MODULE": "engine.log"}  # noqa: RUF012 - declared so by the library

    def __init__(self, key_ring: KeyRing, *, nats_url: str, name: str = "Tzurot") -> None:
        self.name = name
        self.key_ring = key_ring
        super().__init__({"NATS_URL": nats_url})
        state = self.log_recorder.stream.state()
        key_ring.belong_to(state.log_id, log_is_empty=state.last_sequence == 0)

    @override
    def construct_mapper(self) -> Mapper[str]:
        return Envelope(self.key_ring)

    def together(self) -> Together | None:
        """What carries commands out together; None on a recorder that cannot take them so."""
        assert isinstance(self.mapper, Envelope)
        return Together(self.log_recorder, self.mapper)

    @property
    def log_recorder(self) -> LogApplicationRecorder:
        assert isinstance(self.recorder, LogApplicationRecorder)
        return self.recorder


@dataclass(frozen=True, slots=True)
class Outcome[A: Aggregate]:
    """What a command led to. `position` is the aggregate's last event; `happened` is False if nothing had to."""

    aggregate: A
    position: int
    happened: bool


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event and where it stands on the log."""

    position: int
    event: Event


class EventLog:
    """Reads and changes aggregates. One per process; `close` it last."""

    def __init__(self, application: Tzurot) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="log")
        self._together = application.together()

    async def close(self) -> None:
        if self._together is not None:
            await self._together.close()
        await asyncio.to_thread(self._threads.shutdown)
        self._application.close()

    async def begin[A: Aggregate](
        self,
        kind: type[A],
        id: str,
        create: Callable[[], A],
        otherwise: Callable[[A], object] = lambda _: None,
    ) -> Outcome[A]:
        """Create what should be new, without reading first; if it is there already, do `otherwise` to it."""

        def decide(found: A | None) -> A:
            if found is None:
                return create()
            otherwise(found)
            return found

        return await self._command(kind, id, decide, is_new=True)

    async def change[A: Aggregate](
        self,
        kind: type[A],
        id: str,
        decide: Callable[[A], object],
        create: Callable[[], A] | None = None,
    ) -> Outcome[A]:
        """Do something to an aggregate; `create` makes it when there is none. Raises NotFound without it."""

        def decide_on(found: A | None) -> A:
            if found is not None:
                decide(found)
                return found
            if create is None:
                raise NotFound
            return create()

        return await self._command(kind, id, decide_on, is_new=False)

    async def save_together(self, *aggregates: Aggregate) -> int:
        """Append the pending events of several aggregates as one: all or none. Raises Conflict.

        Returns the position of the first aggregate's last event.
        """
        first = aggregates[0].id

        def save() -> int:
            try:
                recordings = self._application.save(*aggregates)
            except IntegrityError as error:
                raise Conflict from error
            return next(it.notification.id for it in reversed(recordings) if it.notification.originator_id == first)

        return await self._run(save)

    async def find[A: Aggregate](self, kind: type[A], id: str, *, version: int | None = None) -> A | None:
        """The aggregate as it is, or as it was at a version; None if there is none."""
        if version is None and self._together is not None:
            with contextlib.suppress(NotFoundQuickly):
                found = await self._together.find(id)
                assert found is None or isinstance(found, kind)
                return found
        return await self._run(lambda: self._find(kind, id, version))

    async def find_all(self, *wanted: tuple[type[Aggregate], str, int | None]) -> list[Aggregate | None]:
        """Several at once, each by kind, id and version."""
        return await asyncio.gather(*(self.find(kind, key, version=version) for kind, key, version in wanted))

    async def events_of(self, id: str) -> list[LoggedEvent]:
        """Every event of an aggregate that is there, oldest first."""

        def read() -> list[LoggedEvent]:
            stored = self._application.recorder.select_events(id)
            positions = dict(self._application.log_recorder.sequences(id))
            mapper = self._application.mapper
            events = [mapper.to_domain_event(event) for event in stored]
            return [
                _logged(positions[event.originator_version], event)
                for event in events
                if event.originator_version in positions  # or it was deleted meanwhile
            ]

        return await self._run(read)

    async def first_position(self, id: str) -> int:
        """Where the first event of an aggregate stands that is still there. Raises NotFound."""

        def read() -> int:
            found = self._application.log_recorder.sequences(id)
            if not found:
                raise NotFound(f"There is no {id}.")
            return found[0][1]

        return await self._run(read)

    async def event_at(self, position: int) -> LoggedEvent:
        """The event at a position. Raises NotFound for one that was erased or never was."""
        found = await self.read(after=position - 1, limit=1)
        if not found or found[0].position != position:
            raise NotFound(f"There is no event at position {position}: it was erased, or the log does not reach there.")
        return found[0]

    async def read(self, *, after: int, limit: int) -> list[LoggedEvent]:
        """Events in the order of the log."""

        def read() -> list[LoggedEvent]:
            mapper = self._application.mapper
            notifications = self._application.recorder.select_notifications(after, limit, inclusive_of_start=False)
            return [_logged(found.id, mapper.to_domain_event(found)) for found in notifications]

        return await self._run(read)

    async def last_position(self) -> int:
        return (await self.state()).last_position

    async def state(self) -> LogState:
        """The log in numbers."""
        return await self._run(lambda: log_state(self._application.log_recorder.stream))

    async def erase_before(self, id: str, version: int) -> tuple[int, ...]:
        """Delete an aggregate's events below a version from the log's files; returns their positions."""
        return await self._run(lambda: tuple(self._application.log_recorder.erase(id, version)))

    async def still_readable(self, positions: Iterable[int]) -> int:
        """How many of these positions can still be read."""

        def count() -> int:
            stream = self._application.log_recorder.stream
            return sum(stream.at(position) is not None for position in positions)

        return await self._run(count)

    async def _command[A: Aggregate](
        self, kind: type[A], id: str, decide: Callable[[A | None], A], *, is_new: bool
    ) -> Outcome[A]:
        """Decide and append, with whoever else waits just now; alone where that did not end in an append."""

        def decide_on(found: Aggregate | None) -> Aggregate:
            assert found is None or isinstance(found, kind)
            return decide(found)

        if self._together is None:
            return await self._run(lambda: self._change(kind, id, decide, is_probably_new=is_new))
        carried = await self._together.carry_out(id, decide_on, is_new=is_new)
        if carried is None:
            return await self._run(lambda: self._change(kind, id, decide))
        aggregate, position = carried
        assert isinstance(aggregate, kind)
        return Outcome(aggregate, position, happened=True)

    async def _run[T](self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _find[A: Aggregate](self, kind: type[A], id: str, version: int | None = None) -> A | None:
        for _ in range(MOST_ATTEMPTS):
            try:
                found: Any = self._application.repository.get(id, version=version, projector_func=evolved)
            except AggregateNotFoundError:
                return None
            except Torn:
                if version is not None:
                    return None  # what it was then is being deleted
                continue
            assert isinstance(found, kind)
            return found
        raise LogUnavailable(f"Some of {id} was missing each time that it was read: try again.")

    def _change[A: Aggregate](
        self,
        kind: type[A],
        id: str,
        decide: Callable[[A | None], A],
        *,
        is_probably_new: bool = False,
    ) -> Outcome[A]:
        found = None if is_probably_new else self._find(kind, id)
        for _ in range(MOST_ATTEMPTS):
            aggregate = decide(found)
            if not aggregate.pending_events:
                there = self._application.log_recorder.sequences(id)
                return Outcome(aggregate, there[-1][1] if there else 0, happened=False)
            try:
                recordings = self._application.save(aggregate)
            except IntegrityError:
                found = self._find(kind, id)
                continue
            return Outcome(aggregate, recordings[-1].notification.id, happened=True)
        raise LogUnavailable(f"Others kept changing {id}: nothing was recorded, try again.")


class Conflict(Exception):
    """Somebody else changed one of several things that should change together: decide again."""


def _logged(position: int, event: object) -> LoggedEvent:
    assert isinstance(event, Event)
    return LoggedEvent(position, event)
