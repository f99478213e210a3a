"""Which character answers everything in a place.

Whoever asks for it must be allowed to manage the place, which its platform knows and the adapter passes on, and to
talk to the character, which is looked up here.
"""

from dataclasses import dataclass
from datetime import datetime

from engine.domain import Character, Place
from engine.domain.ids import character_id, place_subject
from engine.errors import Forbidden, NotFound
from engine.event_log import EventLog

MAY_NOT_MANAGE = "You may not manage this place: ask someone who may."
NO_SUCH_CHARACTER = "There is no such character that you may talk to."
"""The same for one that is not there and one that is somebody else's: a refusal must not tell which."""


@dataclass(frozen=True, slots=True)
class Activation:
    """What holds in a place now, and what the command changed."""

    place: str
    """The place's token."""
    character: str | None
    """The character that answers everything there."""
    replaced: str | None
    """The other character that did so before."""
    position: int
    happened: bool
    """False if it was so already."""


class Places:
    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def activate(
        self,
        place: str,
        *,
        character: str,
        person: str,
        server: str | None,
        may_manage: bool,
        at: datetime,
    ) -> Activation:
        """The character answers everything in the place, instead of any other. Raises Forbidden.

        In private `server` is None, `may_manage` is True, and it is the character that the person talks to.
        """
        if not may_manage:
            raise Forbidden(MAY_NOT_MANAGE)
        asked = await self._log.find(Character, character_id(character))
        if asked is None or not asked.may_be_asked_by(person):
            raise Forbidden(NO_SUCH_CHARACTER)
        before: str | None = None

        def activate(found: Place) -> None:
            nonlocal before
            before = found.character
            found.activate(character=character, person=person, server=server, at=at)

        subject = place_subject(place)
        outcome = await self._log.change(
            Place,
            subject,
            activate,
            create=lambda: Place.first_activation(subject, character=character, person=person, server=server, at=at),
        )
        replaced = before if before != character else None
        return Activation(place, outcome.aggregate.character, replaced, outcome.position, outcome.happened)

    async def deactivate(
        self,
        place: str,
        *,
        person: str,
        server: str | None,
        may_manage: bool,
        at: datetime,
        is_part: bool = False,
    ) -> Activation:
        """No character answers there unasked. Raises Forbidden.

        `is_part` says that the place is part of another, as a thread is of a channel: then this also keeps the
        character out that is active there.
        """
        if not may_manage:
            raise Forbidden(MAY_NOT_MANAGE)
        before: str | None = None

        def deactivate(found: Place) -> None:
            nonlocal before
            before = found.character
            found.deactivate(person=person, server=server, at=at, is_part=is_part)

        subject = place_subject(place)
        create = None
        if is_part:
            create = lambda: Place.first_deactivation(subject, person=person, server=server, at=at)  # noqa: E731
        try:
            outcome = await self._log.change(Place, subject, deactivate, create=create)
        except NotFound:  # nothing was ever set there: it is as it should be
            return Activation(place, None, None, 0, happened=False)
        return Activation(place, None, before, outcome.position, outcome.happened)
