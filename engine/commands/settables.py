"""Characters, presets, personas, people and choices: created, edited, deleted, restored.

Names that must be unique are claimed in the same atomic append as what bears them. A name that is changed or deleted
is set free in the append that does so.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.commands.recording import Recording
from engine.domain import Aggregate, Character, Choice, Claim, Person, Persona, Preset
from engine.domain.event import JSON
from engine.domain.ids import character_id, choice_id, claim_id, person_id, persona_id, preset_id
from engine.domain.settable import Settable
from engine.envelope.key_ring import KeyRing
from engine.errors import AlreadyExists, Forbidden, LogUnavailable, NotFound
from engine.event_log import Conflict, EventLog, Outcome

MOST_ATTEMPTS = 5
ID_HEX_CHARS = 12
"""48 bits: a thousand collisions short of one at a million characters."""


@dataclass(frozen=True, slots=True)
class Changed[A: Settable]:
    """A thing as it is now, and where its last event stands."""

    thing: A
    position: int
    happened: bool = True


class Settables:
    def __init__(self, log: EventLog, key_ring: KeyRing, recording: Recording) -> None:
        self._log = log
        self._key_ring = key_ring
        self._recording = recording

    async def create_character(
        self, *, owner: str, fields: Mapping[str, JSON], at: datetime, token: str | None = None
    ) -> Changed[Character]:
        """Make a character; its slug is unique in the instance. `token` fixes the id of one that comes with us."""
        id_ = character_id(token or self._new_token("character", owner, str(fields.get("slug")), at))
        return await self._create(Character.create(id_, person=owner, fields=fields, at=at), at)

    async def create_preset(self, *, owner: str, fields: Mapping[str, JSON], at: datetime) -> Changed[Preset]:
        """Make a preset; its name is unique among its owner's."""
        id_ = preset_id(owner, self._new_token("preset", owner, str(fields.get("name")), at))
        return await self._create(Preset.create(id_, person=owner, fields=fields, at=at), at)

    async def edit[A: Settable](
        self,
        kind: type[A],
        id: str,
        *,
        person: str,
        changes: Mapping[str, JSON],
        at: datetime,
    ) -> Changed[A]:
        """Change fields of a thing that its person owns; those not named stay."""
        return await self.alter(
            kind, id, lambda it: it.edit(person=person, changes=changes, at=at), person=person, at=at
        )

    async def delete[A: Settable](self, kind: type[A], id: str, *, person: str, at: datetime) -> Changed[A]:
        return await self.alter(kind, id, lambda it: it.delete(at=at), person=person, at=at)

    async def restore[A: Settable](self, kind: type[A], id: str, *, person: str, at: datetime) -> Changed[A]:
        return await self.alter(kind, id, lambda it: it.restore(at=at), person=person, at=at)

    async def meet(self, person: str, *, name: str, at: datetime) -> int:
        """Someone spoke for the first time: they and their default persona exist from now on, under this name.

        Raises NotRecorded for someone who asked for that.
        """
        await asyncio.to_thread(self._recording.check, person)
        name = " ".join(name.split())[:100] or "Someone"

        def create[A: Settable](kind: type[A], id_: str) -> A:
            self._recording.check(person)  # once more: it may have been asked for since
            return kind.create(id_, person=person, fields={"name": name}, at=at)

        await self._log.begin(Person, person_id(person), lambda: create(Person, person_id(person)))
        met = await self._log.begin(Persona, persona_id(person), lambda: create(Persona, persona_id(person)))
        return met.position

    async def choose(
        self, *, person: str, character: str, changes: Mapping[str, JSON], at: datetime
    ) -> Outcome[Choice]:
        """What a person wants of one character; None takes a choice back."""
        id_ = choice_id(person, character)
        return await self._log.change(
            Choice,
            id_,
            lambda found: found.edit(person=person, changes=changes, at=at),
            create=lambda: Choice.first_edit(id_, person=person, changes=changes, at=at),
        )

    async def alter[A: Settable](
        self,
        kind: type[A],
        id: str,
        decide: Callable[[A], object],
        *,
        person: str,
        at: datetime,
    ) -> Changed[A]:
        """Let `decide` change a thing, and move its claims with its name. Raises NotFound, Forbidden."""
        for _ in range(MOST_ATTEMPTS):
            thing = await self._log.find(kind, id)
            if thing is None:
                raise NotFound
            if thing.person != person:
                raise Forbidden("Only its owner may change it.")
            before, wish = self._claimed_by(thing), thing.fields.get("is_not_recorded")
            decide(thing)
            if thing.fields.get("is_not_recorded") != wish:
                raise Forbidden("Whether someone is recorded is neither edited nor undone: they ask for it themselves.")
            if not thing.pending_events:
                return Changed(thing, (await self._log.events_of(id))[-1].position, happened=False)
            moves = await self._move_claims(id, before, self._claimed_by(thing), at)
            try:
                return Changed(thing, await self._log.save_together(thing, *moves))
            except Conflict:
                continue
        raise LogUnavailable("Others kept changing it: nothing was recorded, try again.")

    async def _create[A: Settable](self, thing: A, at: datetime) -> Changed[A]:
        thing.check_whole(thing.fields)
        events = list(thing.pending_events)
        for _ in range(MOST_ATTEMPTS):
            claims = await self._move_claims(thing.id, None, self._claimed_by(thing), at)
            thing.pending_events[:] = events
            try:
                return Changed(thing, await self._log.save_together(thing, *claims))
            except Conflict:
                if await self._log.find(type(thing), thing.id) is not None:
                    raise AlreadyExists from None
        raise LogUnavailable("Others kept taking the name: nothing was recorded, try again.")

    async def _move_claims(self, by: str, before: str | None, after: str | None, at: datetime) -> list[Aggregate]:
        """The claims that a change of name takes and sets free."""
        if before == after:
            return []
        claims: list[Aggregate] = []
        if after is not None:
            taken = await self._log.find(Claim, after)
            if taken is None:
                taken = Claim.first(after, by=by, at=at)
            elif taken.by not in (None, by):
                raise AlreadyExists("That name is taken: choose another.")
            else:
                taken.take(by=by, at=at)
            claims.append(taken)
        if before is not None and (released := await self._log.find(Claim, before)) is not None:
            released.release(by=by, at=at)
            claims.append(released)
        return claims

    def _claimed_by(self, thing: Settable) -> str | None:
        """The claim that a thing's name stands on; none once it is deleted."""
        match thing:
            case Character() if not thing.is_deleted and thing.fields.get("slug"):
                return claim_id("slug", self._key_ring.keyed_hash("slug", str(thing.fields["slug"])))
            case Preset() if not thing.is_deleted and thing.fields.get("name"):
                name = f"{thing.person}\0{str(thing.fields['name']).casefold()}"
                return claim_id("preset", self._key_ring.keyed_hash("preset name", name))
        return None

    def _new_token(self, kind: str, owner: str, name: str, at: datetime) -> str:
        return self._key_ring.keyed_hash(f"{kind} id", f"{owner}\0{name}\0{at.isoformat()}")[:ID_HEX_CHARS]
