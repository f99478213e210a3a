"""Whether what a person says may be recorded.

The wish is noted where every process looks before it seals (engine/envelope/refusals.py), put on the log, and noted
again, all before it is acknowledged; so whatever is heard after that is refused, in any process. Taking the wish back
goes the other way round and gives way to a new one.
"""

import asyncio
from datetime import datetime

from engine.domain import Person
from engine.domain.event import JSON
from engine.domain.ids import person_id
from engine.envelope.refusals import Refusals
from engine.errors import LogUnavailable, NotRecorded
from engine.event_log import EventLog, Outcome

MOST_ATTEMPTS = 5


class Recording:
    def __init__(self, log: EventLog, refusals: Refusals) -> None:
        self._log = log
        self._refusals = refusals

    def check(self, person: str) -> None:
        """Raises NotRecorded for one who asked not to be recorded. To be asked right before something is sealed."""
        if self._refusals.refused(person):
            raise NotRecorded

    def is_refused(self, person: str) -> bool:
        return self._refusals.refused(person) > 0

    async def stop(self, person: str, *, at: datetime) -> Outcome[Person]:
        """Nothing that they say from now on is recorded, wherever it is heard. What was recorded stays."""
        await asyncio.to_thread(self._refusals.refuse, person)
        outcome = await self._change(person, is_not_recorded=True, at=at)
        await asyncio.to_thread(
            self._refusals.refuse, person
        )  # whoever took back an earlier wish meanwhile gives way to this one
        return outcome

    async def resume(self, person: str, *, at: datetime) -> Outcome[Person]:
        """What they say may be recorded again."""
        outcome = await self._change(person, is_not_recorded=None, at=at)
        for _ in range(MOST_ATTEMPTS):
            refused = await asyncio.to_thread(self._refusals.refused, person)
            now = await self._log.find(Person, person_id(person))
            is_wished_anew = now is not None and now.fields.get("is_not_recorded") is True
            if is_wished_anew or not refused:
                return outcome
            if await asyncio.to_thread(self._refusals.allow, person, refused=refused):
                return outcome
        raise LogUnavailable("They kept asking not to be recorded: it stays so.")

    async def _change(self, person: str, *, is_not_recorded: JSON, at: datetime) -> Outcome[Person]:
        changes = {"is_not_recorded": is_not_recorded}
        return await self._log.change(
            Person,
            person_id(person),
            lambda it: it.edit(person=person, changes=changes, at=at),
            create=lambda: Person.first_edit(person_id(person), person=person, changes=changes, at=at),
        )
