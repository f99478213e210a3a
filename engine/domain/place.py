"""A place: which character answers everything there, until another one does or none.

Nothing that people said is part of it, so all of it is plain: what holds in a place outlives the erasure of the person
who set it.
"""

from datetime import datetime
from typing import Self, override

from engine.domain.event import Aggregate, Event, OpeningEvent
from engine.errors import CannotUndo


class PlaceActivated(OpeningEvent):
    """From now on a character answers everything that is said there; in private, whom the person talks to."""

    character: str
    person: str
    """Who made it so."""
    server: str | None
    """The platform's id of the server that the place belongs to; None in private."""
    undoes: int | None = None
    """The version of the event that this one undoes."""


class PlaceDeactivated(OpeningEvent):
    """No character answers there unasked, also where one does in the place that it is a part of."""

    person: str
    """Who made it so."""
    server: str | None
    """The platform's id of the server that the place belongs to; None in private."""
    inherits: bool = False
    """Nothing is set there any more: what holds in the place that it is a part of holds here, too."""
    undoes: int | None = None
    """The version of the event that this one undoes."""


class Place(Aggregate, kind="place"):
    character: str | None = None
    """The character that answers everything there."""
    server: str | None = None
    inherits: bool = True
    """Whether nothing is set there."""

    @classmethod
    def first_activation(cls, place: str, *, character: str, person: str, server: str | None, at: datetime) -> Self:
        return cls.open(PlaceActivated, id=place, at=at, character=character, person=person, server=server)

    @classmethod
    def first_deactivation(cls, place: str, *, person: str, server: str | None, at: datetime) -> Self:
        """None answers in a part of a place where one does."""
        return cls.open(PlaceDeactivated, id=place, at=at, person=person, server=server)

    def activate(
        self, *, character: str, person: str, server: str | None, at: datetime, undoes: int | None = None
    ) -> None:
        """The character answers there, in place of any other."""
        if (self.character, self.server) != (character, server):
            self.happen(PlaceActivated, at=at, character=character, person=person, server=server, undoes=undoes)

    def deactivate(self, *, person: str, server: str | None, at: datetime, is_part: bool = False) -> None:
        """`is_part` says that it is part of another place, whose character is kept out, too."""
        if self.character is not None or (is_part and self.inherits):
            self.happen(PlaceDeactivated, at=at, person=person, server=server)

    def undo(self, event: Event, *, before: "Place | None", person: str, at: datetime) -> None:
        """Undo just what `event` did; `before` is the place as it was then, None if nothing was set in it."""
        if not isinstance(event, PlaceActivated | PlaceDeactivated):
            raise CannotUndo
        version = event.originator_version
        inherits = before is None or before.inherits
        if before is None or before.character is None:
            if (self.character, self.inherits) != (None, inherits):
                self.happen(
                    PlaceDeactivated, at=at, person=person, server=self.server, inherits=inherits, undoes=version
                )
        else:
            self.activate(character=before.character, person=person, server=self.server, at=at, undoes=version)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case PlaceActivated():
                self.character, self.server, self.inherits = event.character, event.server, False
            case PlaceDeactivated():
                self.character, self.server, self.inherits = None, event.server, event.inherits
