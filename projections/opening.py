"""The way in for the composition root."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import override

from engine.envelope.key_ring import KeyRing
from engine.replaying import OnProgress, Rebuilt, Replay, Verified
from projections import generations as control
from projections.audit import AuditProjection
from projections.awaited import AwaitedProjection
from projections.board import Board
from projections.catch_up import BATCH_EVENTS
from projections.characters import CharactersProjection
from projections.history import HistoryProjection
from projections.memory import MemoryProjection
from projections.people import PeopleProjection
from projections.places import PlacesProjection
from projections.posts import PostsProjection
from projections.presets import PresetsProjection
from projections.projection import Projection
from projections.reader import Reader
from projections.rebuilding import Rebuilding
from projections.runner import Runner
from projections.snapshot import Snapshots
from projections.source import LogSource
from projections.usage import UsageProjection
from projections.waiting import Waiting

ALL: tuple[Projection, ...] = (
    HistoryProjection(),
    MemoryProjection(),
    CharactersProjection(),
    PresetsProjection(),
    PeopleProjection(),
    AuditProjection(),
    AwaitedProjection(),
    PlacesProjection(),
    PostsProjection(),
    UsageProjection(),
)


class Projections(Replay):
    """The projections of one log in one database."""

    def __init__(self, database_url: str, runner: Runner, rebuilding: Rebuilding, reader: Reader, board: Board) -> None:
        self._database_url = database_url
        self._runner = runner
        self._rebuilding = rebuilding
        self._board = board
        self.reader = reader

    @property
    def is_leading(self) -> bool:
        """Whether this process is the one that projects."""
        return self._runner.is_leading

    async def run(self) -> None:
        """Keep the projections up with the log, or stand by while another process does. Runs until cancelled.

        Raises LogWentBackwards and Misconfigured, which only an operator can put right.
        """
        await self._runner.run()

    @override
    async def rebuild(
        self,
        names: Sequence[str] = (),
        *,
        drop_database: bool = False,
        batch_size: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Rebuilt:
        """Replay the log into new generations and put them in force; readers notice nothing."""
        if drop_database:
            self._board.forget()
        return await self._rebuilding.rebuild(
            names, drop_database=drop_database, batch_size=batch_size or BATCH_EVENTS, on_progress=on_progress
        )

    @override
    async def switch_back(self, names: Sequence[str] = (), *, batch_size: int | None = None) -> tuple[str, ...]:
        """Put the generations that the last rebuild replaced in force again; returns their schemas."""
        return await self._rebuilding.switch_back(names, batch_size=batch_size or BATCH_EVENTS)

    @override
    async def verify(self, *, on_progress: OnProgress | None = None) -> Verified:
        """Replay the log into scratch generations, compare with the live ones, and drop them again."""
        return await self._rebuilding.verify(on_progress=on_progress)

    @override
    async def positions(self) -> Mapping[str, int]:
        """How far the live generation of each projection is; empty before the first."""
        async with await control.connect(self._database_url, name="positions") as connection:
            if not await control.has_control(connection):
                return {}
            live = control.live_of(await control.all_generations(connection))
            return {name: generation.position for name, generation in live.items()}


@asynccontextmanager
async def open_projections(
    database_url: str,
    source: LogSource,
    key_ring: KeyRing,
    *,
    projections: Sequence[Projection] = ALL,
    batch_size: int = BATCH_EVENTS,
    on_progress: OnProgress | None = None,
) -> AsyncIterator[Projections]:
    """Projections for as long as the context is open. `on_progress` tells of builds that starting makes necessary."""
    board = Board()
    runner = Runner(database_url, source, key_ring, projections, board, batch_size=batch_size, on_progress=on_progress)
    waiting = Waiting(database_url, board, lambda: runner.is_leading)
    snapshots = Snapshots(database_url)
    await snapshots.open()
    try:
        rebuilding = Rebuilding(database_url, source, key_ring, projections)
        yield Projections(database_url, runner, rebuilding, Reader(snapshots, waiting.reached), board)
    finally:
        await waiting.close()
        await snapshots.close()
