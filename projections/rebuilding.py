"""The two commands that replay the log: `rebuild` puts new generations in force, `verify` only compares.

Both replay beside the live generations and compare with them at one position: a snapshot of the live ones is held,
the replay is brought to exactly the position that the snapshot shows, and the hashes of both are taken.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg

from engine.envelope.key_ring import KeyRing
from engine.errors import LogWentBackwards, Refused
from engine.replaying import OnProgress, Rebuilt, Verified
from projections import generations as control
from projections.building import Builder
from projections.catch_up import BATCH_EVENTS
from projections.freeing import looking_less_often
from projections.generations import Connection, Generation
from projections.projection import Projection, code_hash
from projections.source import LogSource
from projections.state_hash import StateHash, state_hash
from projections.writing import Target

_LOCK_PATIENCE_S = 60.0
_PROJECTING_LOCK_PATIENCE_S = 5.0
_LOCK_POLL_S = 0.1

_NOTHING_KEPT = "Nothing was kept since the last rebuild, erasure or edit of a message"


class Rebuilding:
    """Replays for one database."""

    def __init__(
        self, database_url: str, source: LogSource, key_ring: KeyRing, projections: Sequence[Projection]
    ) -> None:
        self._database_url = database_url
        self._source = source
        self._key_ring = key_ring
        self._projections = projections

    async def rebuild(
        self,
        names: Sequence[str] = (),
        *,
        drop_database: bool = False,
        batch_size: int = BATCH_EVENTS,
        on_progress: OnProgress | None = None,
    ) -> Rebuilt:
        """Build new generations from the log and put them in force.

        With `drop_database`, everything is dropped first: Refused while another process projects.
        """
        projections = self._named(() if drop_database else names)
        async with self._builder(batch_size, on_progress, drop_database=drop_database) as builder:
            replayed, targets = await self._replay(builder, projections)
            held, position = replayed.projections, replayed.position
            last = await builder.last_position()
            if last > position:
                targets, position = await builder.catch_up(targets, last), last
                held = await self._hashes(builder.connection, targets)
            await builder.take_over(targets)
            await control.drop_leftovers(builder.connection)
            return Rebuilt(held, builder.events, builder.seconds, position, replayed.differences)

    async def verify(self, *, batch_size: int = BATCH_EVENTS, on_progress: OnProgress | None = None) -> Verified:
        """Build scratch generations up to where the live ones are, compare, and drop them."""
        async with self._builder(batch_size, on_progress) as builder:
            replayed, targets = await self._replay(builder, self._projections)
            for target in targets:
                await control.drop_generation(builder.connection, target.generation)
            missing = [_differs(one.name) for one in self._projections if one.name not in replayed.live]
            return replace(replayed, differences=(*replayed.differences, *missing))

    async def switch_back(self, names: Sequence[str] = (), *, batch_size: int = BATCH_EVENTS) -> tuple[str, ...]:
        """Put the previous generations in force again; returns their schemas.

        Raises Refused where there is none, or where it was made by other code: that release switches back by starting.
        """
        async with self._builder(batch_size, None) as builder:
            known = await control.all_generations(builder.connection)
            targets = [
                Target(projection, self._previous(known, projection))
                for projection in self._named(names)
                if names or control.newest_of(known, projection.name, "previous") is not None
            ]
            if not targets:
                raise Refused(f"{_NOTHING_KEPT}: there is nothing to switch back to.")
            live = control.live_of(known)
            ahead = max(live[target.projection.name].position for target in targets)
            try:
                targets = await builder.take_over(await builder.catch_up(targets, ahead))
            except psycopg.errors.RaiseException:
                raise Refused("Something was erased or edited just now: there is nothing to switch back to.") from None
            await control.drop_leftovers(builder.connection)
            return tuple(target.generation.schema for target in targets)

    def _previous(self, known: Sequence[Generation], projection: Projection) -> Generation:
        previous = control.newest_of(known, projection.name, "previous")
        if previous is None:
            raise Refused(f"{_NOTHING_KEPT} of {projection.name}: there is nothing to switch back to.")
        if previous.code != code_hash(projection):
            raise Refused(f"The previous {projection.name} was made by another release: start that release instead.")
        return previous

    def _named(self, names: Sequence[str]) -> list[Projection]:
        """Those of these names; no names means all."""
        known = {projection.name: projection for projection in self._projections}
        unknown = set(names) - known.keys()
        if unknown:
            raise Refused(f"There is no projection {', '.join(sorted(unknown))}: there are {', '.join(known)}.")
        return [projection for name, projection in known.items() if not names or name in names]

    @asynccontextmanager
    async def _builder(
        self, batch_size: int, on_progress: OnProgress | None, *, drop_database: bool = False
    ) -> AsyncIterator[Builder]:
        async with await control.connect(self._database_url, name="rebuild") as connection:
            await _take_lock(connection, is_projecting_too=drop_database)
            if drop_database:
                await control.drop_everything(connection)
            await control.ensure_control(connection, await asyncio.to_thread(self._source.log_id))
            await control.drop_leftovers(connection)
            with looking_less_often():
                yield Builder(connection, self._source, self._key_ring, batch_size, on_progress)

    async def _replay(self, builder: Builder, projections: Sequence[Projection]) -> tuple[Verified, list[Target]]:
        """New generations, compared with the live ones at the position of the one that is furthest ahead."""
        live = control.live_of(await control.all_generations(builder.connection))
        before = [live[projection.name].position for projection in projections if projection.name in live]
        last = await builder.last_position()
        if max(before, default=0) > last:
            raise LogWentBackwards
        targets = await builder.fill(await builder.begin(projections), min(before, default=last))
        found: dict[str, StateHash] = {}
        held: dict[str, StateHash] = {}
        async with (
            await control.connect(self._database_url, name="snapshot") as snapshot,
            snapshot.transaction(),
        ):
            await snapshot.execute("set transaction isolation level repeatable read, read only")
            live = control.live_of(await control.all_generations(snapshot))
            compared = [live[projection.name] for projection in projections if projection.name in live]
            for position in sorted({generation.position for generation in compared}):
                targets = await builder.catch_up(targets, position)
                for target in targets:
                    name = target.projection.name
                    if name in live and live[name].position == position:
                        found[name] = await state_hash(snapshot, live[name].schema)
                        held[name] = await state_hash(builder.connection, target.generation.schema)
        differences = tuple(_differs(name) for name in found if found[name] != held[name])
        position = min(target.position for target in targets)
        held = await self._hashes(builder.connection, targets, known=held)
        return Verified(held, found, position, differences), targets

    async def _hashes(
        self, connection: Connection, targets: Sequence[Target], known: Mapping[str, StateHash] | None = None
    ) -> dict[str, StateHash]:
        return {
            target.projection.name: (known or {}).get(target.projection.name)
            or await state_hash(connection, target.generation.schema)
            for target in targets
        }


def _differs(name: str) -> str:
    return f"{name} holds something else than the log says"


async def _take_lock(connection: Connection, *, is_projecting_too: bool) -> None:
    try:
        async with asyncio.timeout(_LOCK_PATIENCE_S):
            while not await control.try_building_lock(connection):  # noqa: ASYNC110 -- other processes' locks
                await asyncio.sleep(_LOCK_POLL_S)
    except TimeoutError:
        raise Refused("Another rebuild or verification is going on: wait for it to end.") from None
    if is_projecting_too:
        try:
            async with asyncio.timeout(_PROJECTING_LOCK_PATIENCE_S):
                while not await control.try_projecting_lock(connection):  # noqa: ASYNC110 -- other processes' locks
                    await asyncio.sleep(_LOCK_POLL_S)
        except TimeoutError:
            raise Refused(
                "Tzurot is running on this database: stop it first, or rebuild without dropping the database."
            ) from None
