"""What was erased, on whose wish, and the proof that it is gone. It says nothing of what it was."""

from datetime import datetime
from typing import Self, override

from engine.domain.event import Aggregate, Event, OpeningEvent


class ErasureCompleted(OpeningEvent):
    """The words are gone from the log; a second reading found none of them."""

    subjects: tuple[str, ...]
    positions: tuple[int, ...]
    """The positions whose events were deleted."""
    remaining: int
    """How many of those positions could still be read afterwards: 0, or the erasure is not complete."""


class Erasure(Aggregate, kind="erasure"):
    subjects: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    remaining: int = 0

    @classmethod
    def complete(
        cls,
        erasure: str,
        *,
        subjects: tuple[str, ...],
        positions: tuple[int, ...],
        remaining: int,
        at: datetime,
    ) -> Self:
        return cls.open(
            ErasureCompleted, id=erasure, at=at, subjects=subjects, positions=positions, remaining=remaining
        )

    def complete_again(
        self, *, subjects: tuple[str, ...], positions: tuple[int, ...], remaining: int, at: datetime
    ) -> None:
        """It was asked for again: what that found in addition is added, and if it found nothing, nothing happens."""
        subjects = tuple(dict.fromkeys((*self.subjects, *subjects)))
        positions = tuple(sorted({*self.positions, *positions}))
        if (subjects, positions, remaining) != (self.subjects, self.positions, self.remaining):
            self.happen(ErasureCompleted, at=at, subjects=subjects, positions=positions, remaining=remaining)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case ErasureCompleted():
                self.subjects, self.positions, self.remaining = (
                    event.subjects,
                    event.positions,
                    event.remaining,
                )
