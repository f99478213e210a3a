"""What undoing an event would do, in fields and in plain words, and what has changed since: pure.

    settings, characters, presets   the changed fields, or whether it is deleted
    pictures                        which one, by its hash
    memory                          its words, or whether it is locked or forgotten
    history                         the epoch, and with it what the character sees

The thing is compared with itself after a trial of the undo, so what is announced is what is done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.domain import Aggregate, Avatar, Event, History, Memory, Place
from engine.domain.avatar import AvatarCleared, AvatarSet
from engine.domain.event import JSON
from engine.domain.history import HistoryCleared, HistoryClearUndone
from engine.domain.memory import MemoryEdited, MemoryForgotten, MemoryLocked, MemoryRestored, MemoryUnlocked
from engine.domain.place import PlaceActivated, PlaceDeactivated
from engine.domain.settable import Created, Deleted, Edited, Restored, Settable
from engine.event_log import LoggedEvent
from engine.reading import Said

HASH_CHARS = 12
"""Enough of a picture's hash to tell it from the others of its character."""


@dataclass(frozen=True, slots=True)
class LaterChange:
    """An event after the undone one that changed some of the same."""

    position: int
    type: str
    at: datetime
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing an event would do, and what has changed since."""

    position: int
    type: str
    subject: str
    about: str
    """The thing's name, the character's of a history, what a memory reads; empty where nothing is known of it."""
    effect: str
    """What it does, in a sentence."""
    restores: Mapping[str, JSON]
    """Field → the value that it gets back; None: it becomes absent, or a history begins with its first message."""
    currently: Mapping[str, JSON]
    later: tuple[LaterChange, ...]
    later_events: int
    said: Said | None = None
    """Of a history: what comes back into view, or leaves it."""

    @property
    def changed_since(self) -> tuple[str, ...]:
        """The fields of the event that others changed after it."""
        return tuple(sorted({name for change in self.later for name in change.fields}))


TOUCHED: Mapping[type[Event], tuple[str, ...]] = {
    Created: ("is_deleted",),
    Deleted: ("is_deleted",),
    Restored: ("is_deleted",),
    MemoryEdited: ("text",),
    MemoryLocked: ("is_locked",),
    MemoryUnlocked: ("is_locked",),
    MemoryForgotten: ("is_forgotten",),
    MemoryRestored: ("is_forgotten",),
    HistoryCleared: ("epoch",),
    HistoryClearUndone: ("epoch",),
    AvatarSet: ("picture",),
    AvatarCleared: ("picture",),
    PlaceActivated: ("character",),
    PlaceDeactivated: ("character",),
}

EFFECTS: Mapping[type[Event], str] = {
    Created: "The {kind} is deleted; undo brings it back.",
    Restored: "The {kind} is deleted again; undo brings it back.",
    Deleted: "The {kind} is there again, as it was.",
    MemoryEdited: "The memory reads again what it read before that edit.",
    MemoryLocked: "The memory is unlocked: it can be edited and forgotten again.",
    MemoryUnlocked: "The memory is locked again: it can be neither edited nor forgotten.",
    MemoryForgotten: "The memory is recalled again.",
    MemoryRestored: "The memory is no longer recalled; it can be restored.",
    AvatarSet: "The character looks again as it did before; `tzurot discord sync` shows it there, too.",
    AvatarCleared: "The character has its picture again; `tzurot discord sync` shows it there, too.",
    PlaceActivated: "The place goes back to the character that answered there before, or to none.",
    PlaceDeactivated: "The character answers again in the place.",
}


def touched_by(event: Event) -> tuple[str, ...]:
    """The fields that an event changes."""
    if isinstance(event, Edited):
        return tuple(event.changes) if isinstance(event.changes, Mapping) else ()
    return next((names for kind, names in TOUCHED.items() if isinstance(event, kind)), ())


def state_of(thing: Aggregate, events: Sequence[LoggedEvent], *, words: str) -> Mapping[str, JSON]:
    """Everything of a thing that an undo may give back; `words` are what a memory reads that nobody put otherwise."""
    match thing:
        case Settable():
            return {**thing.fields, "is_deleted": thing.is_deleted}
        case Memory():
            text = thing.text if isinstance(thing.text, str) else words
            return {"text": text, "is_locked": thing.is_locked, "is_forgotten": thing.is_forgotten}
        case Avatar():
            return {"picture": thing.sha256[:HASH_CHARS] if isinstance(thing.sha256, str) else None}
        case Place():
            return {"character": thing.character}
        case History():
            epoch = _epoch(thing, events)
            return {"epoch": epoch.event.timestamp.isoformat() if epoch else None}
    return {}


def epoch_position(history: History, events: Sequence[LoggedEvent]) -> int:
    """Where what the character sees begins; 0 for its beginning."""
    epoch = _epoch(history, events)
    return epoch.position if epoch else 0


def _epoch(history: History, events: Sequence[LoggedEvent]) -> LoggedEvent | None:
    last = history.clears[-1] if history.clears else None
    return next((one for one in events if one.event.originator_version == last), None)


def later_changes(event: Event, later: Sequence[LoggedEvent]) -> tuple[LaterChange, ...]:
    """Which of these events changed some of what `event` did."""
    names = touched_by(event)
    shared = [(one, tuple(name for name in touched_by(one.event) if name in names)) for one in later]
    return tuple(
        LaterChange(one.position, type(one.event).__name__, one.event.timestamp, fields)
        for one, fields in shared
        if fields
    )


def effect_of(event: Event, *, about: str, said: Said | None, fields: Iterable[str]) -> str:
    """What the undo of an event that changed these fields does, in a sentence."""
    kind = event.subject.partition(".")[0]
    match event:
        case HistoryCleared():
            return f"That clear no longer counts: {_seen(said, about, 'sees {} again', 'sees')}."
        case HistoryClearUndone():
            return f"That clear counts again: {_seen(said, about, 'no longer sees {}', 'loses sight of')}."
        case Edited():
            return f"The {kind} gets back what it had: {', '.join(name.replace('_', ' ') for name in fields)}."
    return next(effect for of, effect in EFFECTS.items() if isinstance(event, of)).format(kind=kind)


def _seen(said: Said | None, name: str, how: str, verb: str) -> str:
    """`said` is None where another clear decides what is seen."""
    if said is None:
        return f"another clear hides the same, so {name} {verb} nothing more"
    counted = [f"{n} {noun if n == 1 else nouns}" for n, noun, nouns in _counts(said) if n]
    if not counted:
        return f"nothing was said before it, so {name} {verb} nothing more"
    return f"{name} {how.format(' and '.join(counted))}"


def _counts(said: Said) -> tuple[tuple[int, str, str], ...]:
    return (said.messages, "message", "messages"), (said.replies, "reply", "replies")
