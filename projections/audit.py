"""What happened where, to what, naming whom: an index of the log without anything that was said.

An event says whose it is, or its subject does, or the events before it on its subject do. Tombstones name nobody. An
edit and a tombstone take the lines of the events before them along, as they take the events from the log.
"""

from collections.abc import Sequence

from engine.domain import Event
from engine.domain.avatar import AvatarErased
from engine.domain.ids import memory_id, place_of, reply_of_memory
from engine.domain.memory import MemoryErased
from engine.domain.message import MessageEdited, MessageErased
from engine.domain.place import PlaceActivated
from engine.domain.quote import MessageQuoted, QuoteErased
from engine.domain.reply import ReplyErased
from projections.projection import Projection, Write, code_of, columns
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)

_TOMBSTONES = (MessageErased, ReplyErased, MemoryErased, QuoteErased, AvatarErased)
_SUPERSEDING = (MessageEdited, MessageQuoted, *_TOMBSTONES)
_PERSON_COMES_FIRST = frozenset({"history", "person", "persona", "choice", "preset"})
_NOBODYS = frozenset({"claim", "erasure", "seal", "place", "server", "instance"})


class AuditProjection(Projection):
    name = "audit"
    code = code_of(__file__)
    tables = SQL["tables"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        superseded: dict[str, int] = {}
        nameless: set[str] = set()
        for _, event in facts:
            if isinstance(event, _SUPERSEDING):
                superseded[event.originator_id] = event.originator_version
            if isinstance(event, ReplyErased):
                nameless.add(memory_id(event.originator_id))
        named: dict[str, str] = {}
        rows = [
            _row(position, event, named)
            for position, event in facts
            if event.originator_version >= superseded.get(event.originator_id, 0)
        ]
        writes: list[Write] = []
        if superseded:
            writes.append(Write(SQL["delete_superseded"], [list(superseded), list(superseded.values())]))
        by_subject = [row for row in rows if row[7] is not None]
        by_history = [row for row in rows if row[7] is None]
        writes += [Write(SQL["append"], columns(part)) for part in (by_subject, by_history) if part]
        if nameless:
            writes.append(Write(SQL["delete_persons"], [list(nameless)]))
        return writes


def _row(position: int, event: Event, named: dict[str, str]) -> tuple[object, ...]:
    subject = event.originator_id
    persons = _persons(event, named)
    if persons:
        named[subject] = persons
    return (
        position,
        type(event).__name__,
        subject,
        event.originator_version,
        event.timestamp,
        place_of(subject),
        event.character if isinstance(event, PlaceActivated) else _character(subject),
        persons,
        _concerns(subject),
    )


def _persons(event: Event, named: dict[str, str]) -> str | None:
    """Whom an event names; None where only earlier lines of its subject can tell."""
    if isinstance(event, _TOMBSTONES):
        return ""
    if person := getattr(event, "person", None):
        return str(person)
    kind, _, rest = event.originator_id.partition(".")
    if kind in _PERSON_COMES_FIRST:
        return rest.split(".", 1)[0]
    return "" if kind in _NOBODYS else named.get(_concerns(event.originator_id))


def _concerns(subject: str) -> str:
    return reply_of_memory(subject) if subject.startswith("memory.") else subject


def _character(subject: str) -> str | None:
    match subject.split("."):
        case ["reply" | "memory", _, _, character, _]:
            return character
        case ["history", _, _, character] | ["choice", _, character] | ["character" | "avatar", character]:
            return character
    return None
