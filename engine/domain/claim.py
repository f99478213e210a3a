"""A claim makes a name unique: it is appended in one atomic batch with what bears the name."""

from datetime import datetime
from typing import Self, override

from engine.domain.event import Aggregate, Event, OpeningEvent
from engine.errors import AlreadyExists


class Claimed(OpeningEvent):
    """The name belongs to `by` from now on."""

    by: str
    """The id of what bears the name."""


class ClaimReleased(Event):
    """The name is free again."""


class Claim(Aggregate, kind="claim"):
    by: str | None = None

    @classmethod
    def first(cls, claim: str, *, by: str, at: datetime) -> Self:
        return cls.open(Claimed, id=claim, at=at, by=by)

    def take(self, *, by: str, at: datetime) -> None:
        if self.by == by:
            return
        if self.by is not None:
            raise AlreadyExists
        self.happen(Claimed, at=at, by=by)

    def release(self, *, by: str, at: datetime) -> None:
        if self.by == by:
            self.happen(ClaimReleased, at=at)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case Claimed():
                self.by = event.by
            case ClaimReleased():
                self.by = None
