"""Undo: an ordinary event that gives back the earlier values of just what an event changed.

It is on the log like any other and can itself be undone. What it will do is shown first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands.places import MAY_NOT_MANAGE
from engine.commands.settables import Settables
from engine.commands.undo_preview import UndoPreview, effect_of, epoch_position, later_changes, state_of, touched_by
from engine.domain import (
    Aggregate,
    Avatar,
    Character,
    Choice,
    Event,
    History,
    Memory,
    Message,
    Person,
    Persona,
    Place,
    Preset,
    Reply,
)
from engine.domain.avatar import AvatarErased
from engine.domain.ids import character_id, reply_of_memory
from engine.domain.memory import MemoryErased
from engine.domain.settable import Settable
from engine.errors import CannotUndo, Forbidden
from engine.event_log import EventLog, LoggedEvent
from engine.reading import Conversations, Said

NEVER: Mapping[str, str] = {
    "message": "What was said cannot be unsaid by undo: edit, delete or erase the message.",
    "reply": "A reply that was made and delivered stays made: erase its message, or ask again.",
    "quote": "What was said cannot be unsaid by undo: delete or erase the message.",
    "incognito": "What was not remembered cannot be remembered afterwards: switch incognito on or off instead.",
    "key": "A key is never stored on the log: enter it again, or remove it.",
    "claim": "A name follows what bears it: undo the change of its bearer.",
    "erasure": "An erasure is never undone: its words no longer exist.",
}
UNDOABLE = (Character, Avatar, Preset, Person, Persona, Choice, Place, History, Memory)

NOTHING_TO_UNDO = "What that event changed has those values already: there is nothing to undo."


@dataclass(frozen=True, slots=True)
class Undone:
    """The event that undid another."""

    position: int
    type: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An event that may be undone, with what it happened to."""

    logged: LoggedEvent
    kind: type[Aggregate]
    before: Aggregate | None
    """The thing as it was before the event."""

    @property
    def event(self) -> Event:
        return self.logged.event

    def apply(self, thing: Aggregate, *, person: str, at: datetime) -> None:
        """Undo just what the event did to the thing."""
        before: Any = self.before
        match thing:
            case Settable() | Place() | Avatar():
                thing.undo(self.event, before=before, person=person, at=at)
            case History():
                thing.undo(self.event, at=at)
            case Memory():
                thing.undo(self.event, before=before or Memory.untouched(self.event.subject, at=at), at=at)


class Undoing:
    def __init__(self, log: EventLog, settables: Settables, conversations: Conversations) -> None:
        self._log = log
        self._settables = settables
        self._conversations = conversations

    async def preview(self, position: int, *, person: str, may_manage: bool = False) -> UndoPreview:
        """What undoing the event at this position would do. Raises CannotUndo, NotFound, Forbidden, Refused.

        `may_manage` says that the person may manage the place, where it is a place's event.
        """
        asked = await self._asked(position, person, may_manage=may_manage)
        event = asked.event
        events = await self._log.events_of(event.subject)
        now, then = await self._log.find_all((asked.kind, event.subject, None), (asked.kind, event.subject, None))
        assert now is not None
        assert then is not None
        asked.apply(then, person=person, at=events[-1].event.timestamp)
        if not then.pending_events:
            raise CannotUndo(NOTHING_TO_UNDO)
        words = await self._words(event.subject) if isinstance(now, Memory) else ""
        currently, restores = (state_of(thing, events, words=words) for thing in (now, then))
        names = touched_by(event)
        about = await self._about(now, words)
        said = await self._said(now, then, events)
        later = [other for other in events if other.position > position]
        return UndoPreview(
            position=position,
            type=type(event).__name__,
            subject=event.subject,
            about=about,
            effect=effect_of(event, about=about, said=said, fields=names),
            restores={name: restores.get(name) for name in names},
            currently={name: currently.get(name) for name in names},
            later=later_changes(event, later),
            later_events=len(later),
            said=said,
        )

    async def undo(self, position: int, *, person: str, at: datetime, may_manage: bool = False) -> Undone:
        """Undo the event at this position. Raises CannotUndo, NotFound, Forbidden, Refused."""
        asked = await self._asked(position, person, may_manage=may_manage)
        subject = asked.event.subject
        if issubclass(asked.kind, Settable):
            happened = (
                await self._settables.alter(
                    asked.kind, subject, lambda it: asked.apply(it, person=person, at=at), person=person, at=at
                )
            ).happened
        else:
            changed = await self._log.change(asked.kind, subject, lambda it: asked.apply(it, person=person, at=at))
            happened = changed.happened
        if not happened:
            raise CannotUndo(NOTHING_TO_UNDO)
        return _undone((await self._log.events_of(subject))[-1])

    async def _asked(self, position: int, person: str, *, may_manage: bool) -> Asked:
        logged = await self._log.event_at(position)
        kind = _undoable_kind(logged.event)
        await self._check_allowed(logged.event, person, may_manage=may_manage)
        before = await self._log.find(kind, logged.event.subject, version=logged.event.originator_version - 1)
        return Asked(logged, kind, before)

    async def _words(self, memory: str) -> str:
        """What was said and is remembered; empty once it was erased."""
        reply = await self._log.find(Reply, reply_of_memory(memory))
        message = await self._log.find(Message, reply.message) if reply is not None else None
        return message.text if message is not None and isinstance(message.text, str) else ""

    async def _about(self, thing: Aggregate, words: str) -> str:
        match thing:
            case Settable():
                return str(thing.fields.get("name", ""))
            case Memory():
                return thing.text if isinstance(thing.text, str) else words
            case Place():
                return ""
            case _:
                token = thing.id.rpartition(".")[2]
                character = await self._log.find(Character, character_id(token))
                return str(character.fields.get("name", token)) if character is not None else token

    async def _said(self, now: Aggregate, then: Aggregate, events: Sequence[LoggedEvent]) -> Said | None:
        """What was said between the epochs of a history as it is and as it would be; None where they are the same."""
        if not isinstance(now, History) or not isinstance(then, History):
            return None
        first, before = sorted((epoch_position(now, events), epoch_position(then, events)))
        if first == before:
            return None
        _, person, persona, character = now.id.split(".")
        return await self._conversations.said_between(
            first, before, person=person, persona=persona, character=character
        )

    async def _check_allowed(self, event: Event, person: str, *, may_manage: bool) -> None:
        """Whose it is, the subject says, or the reply that is remembered, or who made the thing."""
        match event.subject.split("."):
            case ["place", *_]:
                if not may_manage:
                    raise Forbidden(MAY_NOT_MANAGE)
                return
            case ["history" | "person" | "persona" | "choice", owner, *_]:
                is_theirs = owner == person
            case ["memory", *_]:
                reply = await self._log.find(Reply, reply_of_memory(event.subject))
                is_theirs = reply is not None and reply.person == person
            case _:
                thing: Any = await self._log.find(Aggregate.of(event.subject), event.subject)
                is_theirs = thing is not None and thing.person == person
        if not is_theirs:
            raise Forbidden("Only the person whose it is may undo this.")


def _undoable_kind(event: Event) -> type[Aggregate]:
    name = "erasure" if isinstance(event, MemoryErased | AvatarErased) else event.subject.partition(".")[0]
    if name in NEVER:
        raise CannotUndo(NEVER[name])
    kind = Aggregate.of(event.subject)
    if not issubclass(kind, UNDOABLE):
        raise CannotUndo(
            f"Undo gives back settings, characters, presets, histories and memories, nothing of the kind {name}."
        )
    return kind


def _undone(logged: LoggedEvent) -> Undone:
    event = logged.event
    return Undone(logged.position, type(event).__name__, event.subject, event.originator_version)
