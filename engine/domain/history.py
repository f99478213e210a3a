"""The epoch of a conversation: what a character sees of it verbatim begins after the last clear that is in force.

Nothing is deleted by clearing. A clear is named by the version of the event that made it; its position on the log is
the epoch. Undo goes as deep as the log, and an undone clear can be put in force again.
"""

from datetime import datetime
from typing import Self, override

from engine.domain.event import Aggregate, Event, OpeningEvent
from engine.errors import CannotUndo


class HistoryCleared(OpeningEvent):
    """What was said before no longer reaches the character verbatim."""

    again: int | None = None
    """The version of the earlier clear that is in force again; None for a new one, whose epoch is its own position."""


class HistoryClearUndone(Event):
    """The epoch is what it was before that clear."""

    undone: int
    """The version of the clear that no longer counts."""


class History(Aggregate, kind="history"):
    clears: tuple[int, ...] = ()
    """The clears in force, oldest first; the last one is the epoch."""

    @classmethod
    def first_clear(cls, history: str, *, at: datetime) -> Self:
        return cls.open(HistoryCleared, id=history, at=at)

    def clear(self, *, at: datetime) -> None:
        self.happen(HistoryCleared, at=at)

    def undo_clear(self, *, at: datetime) -> None:
        """Undo the last clear in force."""
        if not self.clears:
            raise CannotUndo("This history is not cleared: there is nothing to undo.")
        self.happen(HistoryClearUndone, at=at, undone=self.clears[-1])

    def undo(self, event: Event, *, at: datetime) -> None:
        """Undo just what `event` did: a clear no longer counts, an undone clear counts again."""
        match event:
            case HistoryCleared():
                clear = event.again or event.originator_version
                if clear not in self.clears:
                    raise CannotUndo("That clear is undone already.")
                self.happen(HistoryClearUndone, at=at, undone=clear)
            case HistoryClearUndone():
                if event.undone in self.clears:
                    raise CannotUndo("That clear is in force again already.")
                self.happen(HistoryCleared, at=at, again=event.undone)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case HistoryCleared():
                clear = event.again or event.originator_version
                self.clears = tuple(sorted({*self.clears, clear}))
            case HistoryClearUndone():
                self.clears = tuple(clear for clear in self.clears if clear != event.undone)
