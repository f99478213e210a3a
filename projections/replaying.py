"""Replays as the engine knows them: its words for what a rebuild made and what a comparison found."""

import time
from collections.abc import Mapping
from typing import override

from engine.replaying import OnProgress, Progress, ProjectionState, Rebuilt, Replay, Verified
from projections import building
from projections.catch_up import BATCH_EVENTS
from projections.opening import Projections
from projections.state_hash import StateHash


class Replaying(Replay):
    def __init__(self, projections: Projections) -> None:
        self._projections = projections

    @override
    async def rebuild(
        self,
        names: tuple[str, ...] = (),
        *,
        drop_database: bool = False,
        batch_size: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Rebuilt:
        report = await self._projections.rebuild(
            names or None,
            drop_database=drop_database,
            batch_size=batch_size or BATCH_EVENTS,
            on_progress=reported_to(on_progress) if on_progress else None,
        )
        return Rebuilt(_states(report.projections), report.events, report.seconds, report.position)

    @override
    async def verify(self, *, on_progress: OnProgress | None = None) -> Verified:
        report = await self._projections.verify(on_progress=reported_to(on_progress) if on_progress else None)
        differences = tuple(f"{name} holds something else than the log says" for name in report.differences)
        return Verified(_states(report.projections), _states(report.live), report.position, differences)

    @override
    async def positions(self) -> Mapping[str, int]:
        return await self._projections.positions()


def reported_to(on_progress: OnProgress) -> building.OnProgress:
    """Tells of a build's progress in the engine's words."""
    started = time.monotonic()

    def report(progress: building.Progress) -> None:
        on_progress(Progress(progress.position, progress.upto, progress.events, time.monotonic() - started))

    return report


def _states(hashes: Mapping[str, StateHash]) -> dict[str, ProjectionState]:
    return {name: ProjectionState(found.rows, found.state_hash) for name, found in hashes.items()}
