"""Building generations beside the live ones, and taking over. Needs the building lock throughout.

The live generations go on meanwhile. The last steps of a take-over are made while their writer is held back by a lock
on their rows in `tzurot.generation`: it takes as long as a few hundred events do. Readers never wait.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.envelope.key_ring import KeyRing
from engine.replaying import OnProgress, Progress
from projections import generations as control
from projections.catch_up import BATCH_EVENTS, pages
from projections.generations import Connection
from projections.projection import Projection
from projections.source import LogSource
from projections.writing import Target, write, write_in_transaction

_NEAR_EVENTS = 200
"""So close behind the live generation, the rest can be caught up while its writer waits."""


@dataclass(slots=True)
class Builder:
    """Brings generations up to positions of the log, over one connection."""

    connection: Connection
    source: LogSource
    key_ring: KeyRing
    batch_size: int = BATCH_EVENTS
    on_progress: OnProgress | None = None
    events: int = 0
    """How many were applied so far."""
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    async def last_position(self) -> int:
        return await asyncio.to_thread(self.source.last_position)

    async def begin(self, projections: Sequence[Projection]) -> list[Target]:
        return [
            Target(projection, await control.create_generation(self.connection, projection))
            for projection in projections
        ]

    async def catch_up(self, targets: Sequence[Target], upto: int) -> list[Target]:
        """Apply everything up to a position, at which all targets stand afterwards."""
        current = list(targets)
        async for page in pages(self.source, self.key_ring, targets, upto=upto, batch_size=self.batch_size):
            current = await write(self.connection, page.folded, page.upto)
            self.events += page.events
            if self.on_progress is not None:
                self.on_progress(Progress(page.upto, upto, self.events, self.seconds))
        return current

    async def fill(self, targets: Sequence[Target], upto: int) -> list[Target]:
        """Catch up from the beginning, then give the tables what readers need."""
        filled = await self.catch_up(targets, upto)
        for target in filled:
            await control.finish_tables(self.connection, target.projection, target.generation)
        return filled

    async def take_over(self, targets: Sequence[Target]) -> list[Target]:
        """Make the targets live at the position of those they replace, or at their own if that is further."""
        near = list(targets)
        while (ahead := await self._live_position(near)) - min(one.position for one in near) > _NEAR_EVENTS:
            near = await self.catch_up(near, ahead)
        names = [target.projection.name for target in near]
        async with self.connection.transaction():
            locked = await control.lock_generations(self.connection, names)
            upto = max(one.position for one in [*control.live_of(locked).values(), *(each.generation for each in near)])
            async for page in pages(self.source, self.key_ring, near, upto=upto, batch_size=self.batch_size):
                near = await write_in_transaction(self.connection, page.folded, page.upto)
                self.events += page.events
            successors = {target.projection.name: target.generation.schema for target in near}
            await control.put_in_force(self.connection, locked, successors)
        return near

    async def _live_position(self, targets: Sequence[Target]) -> int:
        """Of those that the targets would replace, the furthest; 0 where there are none."""
        live = control.live_of(await control.all_generations(self.connection))
        return max((live[each.projection.name].position for each in targets if each.projection.name in live), default=0)
