"""The one process that keeps the live projections up with the log.

    lead ──► bring up to code ──► catch up by pages ──► follow the tail
      ▲                                   ▲                   │
      │   the database was away           └───── a gap ───────┘
      └───────────────────────────────────────────────────────┘

Every process runs this; the one that holds the advisory lock projects, the others try for the lock and only read. The
lock belongs to the connection that writes, so whoever lost it can no longer write. Position and rows are one
transaction: whatever is interrupted is read from the log again.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing

import psycopg
from eventsourcing.persistence import Notification

from engine.envelope.key_ring import KeyRing
from engine.errors import LogUnavailable, LogWentBackwards, Misconfigured
from engine.replaying import OnProgress
from projections import generations as control
from projections.board import Board
from projections.building import Builder
from projections.catch_up import BATCH_EVENTS, pages
from projections.generations import Connection
from projections.projection import Projection, code_hash
from projections.source import LogSource, decode
from projections.sweeping import sweep
from projections.writing import Folded, Target, fold, write

_STAND_BY_S = 0.5
"""How soon after the projecting process died another takes over."""
_IDLE_S = 0.2
"""How soon the position moves past events at the log's end that were erased."""
_RETRY_S = 0.5
_AGAIN_S = 0.02
"""A pause that nobody notices when generations have taken over."""
_QUEUED_LISTS = 64
_DECODE_IN_THREAD_EVENTS = 500
"""So many at once would hold up everything else in this process."""

_log = logging.getLogger(__name__)


class Runner:
    def __init__(
        self,
        database_url: str,
        source: LogSource,
        key_ring: KeyRing,
        projections: Sequence[Projection],
        board: Board,
        *,
        batch_size: int = BATCH_EVENTS,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._database_url = database_url
        self._source = source
        self._key_ring = key_ring
        self._projections = projections
        self._board = board
        self._batch_size = batch_size
        self._on_progress = on_progress
        self.is_leading = False

    async def run(self) -> None:
        """Project until cancelled. Raises LogWentBackwards and Misconfigured; waits for servers that are away."""
        while True:
            try:
                async with await control.connect(self._database_url, name="projections") as connection:
                    while not await control.try_projecting_lock(connection):  # noqa: ASYNC110 -- other processes' locks
                        # to wait inside the database would hold a snapshot there for as long
                        await asyncio.sleep(_STAND_BY_S)
                    await self._lead(connection)
            except (psycopg.OperationalError, LogUnavailable) as error:
                # nothing is lost: the projections resume from the position that was committed with their rows
                _log.warning("The projections pause (%s): trying again in %.1f s", type(error).__name__, _RETRY_S)
                await asyncio.sleep(_RETRY_S)
            finally:
                self.is_leading = False

    async def _lead(self, connection: Connection) -> None:
        await control.ensure_control(connection, await asyncio.to_thread(self._source.log_id))
        await self._bring_up_to_code(connection)
        self.is_leading = True
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(sweep(self._database_url))
                tasks.create_task(self._project(connection))
        except BaseExceptionGroup as both:
            raise both.exceptions[0] from both  # the other one was only cancelled

    async def _project(self, connection: Connection) -> None:
        while True:
            targets = await self._live_targets(connection)
            try:
                targets = await self._catch_up(connection, targets)
                await self._follow(connection, targets)
            except psycopg.errors.RaiseException:
                # rebuilt or switched back meanwhile: nothing of the batch was written, go on with what is live now
                _log.info("Other generations of the projections are in force now")
                await asyncio.sleep(_AGAIN_S)  # whatever the reason, it must not become a spin

    async def _bring_up_to_code(self, connection: Connection) -> None:
        """Have a live generation of this release's code for every projection."""
        live = control.live_of(await control.all_generations(connection))
        for projection in self._projections:
            if projection.name not in live:
                await control.create_generation(connection, projection, state="live")
        outdated = [
            projection
            for projection in self._projections
            if projection.name in live and live[projection.name].code != code_hash(projection)
        ]
        if outdated:
            while not await control.try_building_lock(connection):  # noqa: ASYNC110 -- other processes' locks
                await asyncio.sleep(_STAND_BY_S)
            await self._replace(connection, outdated)
            await control.release_building_lock(connection)

    async def _replace(self, connection: Connection, outdated: Sequence[Projection]) -> None:
        """Build what this release's code makes of the log; what is live stays so until then."""
        await control.drop_leftovers(connection)
        builder = Builder(connection, self._source, self._key_ring, self._batch_size, self._on_progress)
        targets = await builder.fill(await builder.begin(outdated), await builder.last_position())
        await builder.take_over(targets)
        await control.drop_leftovers(connection)

    async def _live_targets(self, connection: Connection) -> list[Target]:
        live = control.live_of(await control.all_generations(connection))
        targets = [Target(projection, live[projection.name]) for projection in self._projections]
        if any(target.generation.code != code_hash(target.projection) for target in targets):
            raise Misconfigured("Another release of Tzurot projects into this database now: stop this one.")
        if max(target.position for target in targets) > await asyncio.to_thread(self._source.last_position):
            raise LogWentBackwards
        self._board.report(min(target.position for target in targets))
        return targets

    async def _catch_up(self, connection: Connection, targets: list[Target]) -> list[Target]:
        """Everything up to the end that the log has now; those that are behind the others first, page by page."""
        last = await asyncio.to_thread(self._source.last_position)
        if last < max(target.position for target in targets):
            raise LogWentBackwards
        current = targets
        async for page in pages(self._source, self._key_ring, targets, upto=last, batch_size=self._batch_size):
            current = await write(connection, page.folded, page.upto)
            self._board.report(page.upto)
        return current

    async def _follow(self, connection: Connection, targets: list[Target]) -> None:
        """Apply events as they come, what has gathered meanwhile in one batch."""
        arrivals: asyncio.Queue[Sequence[Notification]] = asyncio.Queue(_QUEUED_LISTS)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._gather(arrivals, targets[0].position))
                tasks.create_task(self._drain(connection, targets, arrivals))
        except BaseExceptionGroup as both:
            raise both.exceptions[0] from both  # the other one was only cancelled; whoever called decides

    async def _gather(self, arrivals: asyncio.Queue[Sequence[Notification]], after: int) -> None:
        async with aclosing(self._source.follow(after)) as lists:
            async for notifications in lists:
                await arrivals.put(notifications)
        raise LogUnavailable("The log's tail ended.")

    async def _drain(
        self, connection: Connection, targets: list[Target], arrivals: asyncio.Queue[Sequence[Notification]]
    ) -> None:
        while True:
            try:
                async with asyncio.timeout(_IDLE_S):
                    notifications = [*await arrivals.get()]
            except TimeoutError:  # nothing came: what there was may have been erased
                targets = await self._settle(connection, targets)
                continue
            while not arrivals.empty() and len(notifications) < self._batch_size:
                notifications += arrivals.get_nowait()
            new = [notification for notification in notifications if notification.id > targets[0].position]
            if new:
                targets = await write(connection, await self._fold(targets, new), new[-1].id)
                self._board.report(new[-1].id)

    async def _settle(self, connection: Connection, targets: list[Target]) -> list[Target]:
        """With nothing pending, go to the log's end, so that waiting for an erased event ends, too."""
        last = await asyncio.to_thread(self._source.last_position)
        if last < targets[0].position:
            raise LogWentBackwards
        return await self._catch_up(connection, targets) if last > targets[0].position else targets

    async def _fold(self, targets: list[Target], notifications: Sequence[Notification]) -> Folded:
        if len(notifications) < _DECODE_IN_THREAD_EVENTS:
            return fold(targets, decode(notifications, self._key_ring))
        return await asyncio.to_thread(lambda: fold(targets, decode(notifications, self._key_ring)))
