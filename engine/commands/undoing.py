"""Undo: an ordinary event that gives back the earlier values of just what an event changed.

It is on the log like any other and can itself be undone. What it will do is shown first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands.settables import Settables
from engine.domain import Aggregate, Character, Choice, Event, History, Memory, Person, Persona, Preset, Reply
from engine.domain.event import JSON
from engine.domain.ids import reply_of_memory
from engine.domain.settable import Edited, Settable
from engine.errors import CannotUndo, Forbidden
from engine.event_log import EventLog, LoggedEvent

NEVER: Mapping[str, str] = {
    "message": "What was said cannot be unsaid by undo: edit, delete or erase the message.",
    "reply": "A reply that was made and delivered stays made: erase its message, or ask again.",
    "claim": "A name follows what bears it: undo the change of its bearer.",
    "erasure": "An erasure is never undone: its words no longer exist.",
}
UNDOABLE_SETTABLES = (Character, Preset, Person, Persona, Choice)


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing an event would do, and what has changed since."""

    position: int
    type: str
    subject: str
    restores: Mapping[str, JSON]
    """Field → the value that it gets back; None: it becomes absent."""
    currently: Mapping[str, JSON]
    changed_since: tuple[str, ...]
    """The fields of the event that others changed after it."""
    later_events: int


@dataclass(frozen=True, slots=True)
class Undone:
    """The event that undid another."""

    position: int
    type: str
    subject: str
    version: int


class Undoing:
    def __init__(self, log: EventLog, settables: Settables) -> None:
        self._log = log
        self._settables = settables

    async def preview(self, position: int, *, person: str) -> UndoPreview:
        """What undoing the event at this position would do. Raises CannotUndo, NotFound, Forbidden."""
        logged = await self._log.event_at(position)
        event = logged.event
        kind = _undoable_kind(event)
        await self._check_allowed(event, person)
        events = await self._log.events_of(event.subject)
        later = [other.event for other in events if other.position > position]
        before, now = await self._log.find_all(
            (kind, event.subject, event.originator_version - 1), (kind, event.subject, None)
        )
        restores, currently, changed_since = _differences(event, before, now, later)
        return UndoPreview(
            position, type(event).__name__, event.subject, restores, currently, changed_since, len(later)
        )

    async def undo(self, position: int, *, person: str, at: datetime) -> Undone:
        """Undo the event at this position. Raises CannotUndo, NotFound, Forbidden."""
        logged = await self._log.event_at(position)
        event = logged.event
        kind = _undoable_kind(event)
        await self._check_allowed(event, person)
        before = await self._log.find(kind, event.subject, version=event.originator_version - 1)
        if issubclass(kind, Settable):
            happened = await self._undo_settable(kind, event, before, person=person, at=at)
        elif kind is History:
            happened = (await self._log.change(History, event.subject, lambda it: it.undo(event, at=at))).happened
        else:
            earlier = before if isinstance(before, Memory) else Memory.untouched(event.subject, at=at)
            outcome = await self._log.change(Memory, event.subject, lambda it: it.undo(event, before=earlier, at=at))
            happened = outcome.happened
        if not happened:
            raise CannotUndo("What that event changed has those values already: there is nothing to undo.")
        return _undone((await self._log.events_of(event.subject))[-1])

    async def _check_allowed(self, event: Event, person: str) -> None:
        """Whose it is, the subject says, or the reply that is remembered, or who made the thing."""
        match event.subject.split("."):
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

    async def _undo_settable(
        self, kind: type[Settable], event: Event, before: Aggregate | None, *, person: str, at: datetime
    ) -> bool:
        earlier: Any = before
        changed = await self._settables.alter(
            kind,
            event.subject,
            lambda it: it.undo(event, before=earlier, person=person, at=at),
            person=person,
            at=at,
        )
        return changed.happened


def _undoable_kind(event: Event) -> type[Aggregate]:
    name = event.subject.partition(".")[0]
    if name in NEVER:
        raise CannotUndo(NEVER[name])
    kind = Aggregate.of(event.subject)
    if not (issubclass(kind, UNDOABLE_SETTABLES) or kind in (History, Memory)):
        raise CannotUndo
    return kind


def _differences(
    event: Event, before: Aggregate | None, now: Aggregate | None, later: list[Event]
) -> tuple[dict[str, JSON], dict[str, JSON], tuple[str, ...]]:
    if not isinstance(event, Edited) or not isinstance(event.changes, Mapping) or not isinstance(now, Settable):
        return {}, {}, ()
    earlier = before.fields if isinstance(before, Settable) else {}
    restores = {name: earlier.get(name) for name in event.changes}
    currently = {name: now.fields.get(name) for name in event.changes}
    since = {
        name
        for other in later
        if isinstance(other, Edited) and isinstance(other.changes, Mapping)
        for name in other.changes
    }
    return restores, currently, tuple(sorted(since & restores.keys()))


def _undone(logged: LoggedEvent) -> Undone:
    event = logged.event
    return Undone(logged.position, type(event).__name__, event.subject, event.originator_version)
