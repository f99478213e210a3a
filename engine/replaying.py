"""Rebuilding the projections from the log and comparing them with a replay: what is asked, and what is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is. Positions have gaps where events were erased; `events` counts those that were read."""

    position: int
    last_position: int
    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ProjectionState:
    """What a projection holds. Equal hashes mean equal content, whatever the order and batches it was built in."""

    rows: int
    state_hash: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made, and how fast. `differences` says which of those it replaced held something else, in words:
    rows that were damaged, or words whose key was destroyed.
    """

    projections: Mapping[str, ProjectionState]
    events: int
    seconds: float
    position: int
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """A replay beside the live state, both as of `position`. `differences` says what differs, in words."""

    projections: Mapping[str, ProjectionState]
    live: Mapping[str, ProjectionState]
    position: int
    differences: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        return not self.differences


type OnProgress = Callable[[Progress], None]


class Replay(Protocol):
    """The projections as a whole."""

    async def rebuild(
        self,
        names: tuple[str, ...] = (),
        *,
        drop_database: bool = False,
        batch_size: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Rebuilt:
        """Build new generations beside the live ones and let them take over; no names means all."""
        ...

    async def switch_back(self, names: tuple[str, ...] = (), *, batch_size: int | None = None) -> tuple[str, ...]:
        """Put the generations that the last rebuild replaced in force again; no names means all that are kept.

        Returns the generations' names. Raises Refused where none is kept.
        """
        ...

    async def verify(self, *, on_progress: OnProgress | None = None) -> Verified:
        """Replay into a scratch generation and compare it with the live one."""
        ...

    async def positions(self) -> Mapping[str, int]:
        """How far each live projection is."""
        ...
