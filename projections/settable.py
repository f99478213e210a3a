"""The tables of things that people create, edit, delete and restore: one row for each version, none ever overwritten.

Characters, presets and people each have a table of their own; what happens to the rows is the same in all of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.domain.event import JSON, Erased, Event
from engine.domain.settable import Created, Deleted, Edited, Restored
from engine.reading import FieldsAt
from projections.projection import Write, columns, json_text
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)
ANY_BY_ID = SQL["any_by_id"]


class Change(NamedTuple):
    """One change of a thing, as the statement takes it."""

    id: str
    version: int
    position: int
    person: str
    changes: str
    """A JSON object."""
    removed: str
    """The names of the fields that become absent; they have no spaces."""
    is_deleted: bool | None
    """None where that stays as it is."""


class SettableTable:
    """The statements for one table, and what events of some kinds of things come to in it."""

    def __init__(self, table: str, *kinds: str) -> None:
        self._sql = {name: text.replace(b"{table}", table.encode()) for name, text in SQL.items()}
        self._prefixes = tuple(f"{kind}." for kind in kinds)

    @property
    def tables(self) -> bytes:
        return self._sql["tables"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        ours = [(position, event) for position, event in facts if event.originator_id.startswith(self._prefixes)]
        created = [
            (event.originator_id, event.originator_version, event.person, json_text(_known(event.fields)), position)
            for position, event in ours
            if isinstance(event, Created)
        ]
        writes = [Write(self._sql["create"], columns(created))] if created else []
        return writes + self.change([change for fact in ours if (change := _change(*fact)) is not None])

    def change(self, changes: Sequence[Change]) -> list[Write]:
        """The statements for changes in their order: as few as go without one that has the same thing twice."""
        rounds: list[list[Change]] = []
        earlier: Counter[str] = Counter()
        for change in changes:
            if earlier[change.id] == len(rounds):
                rounds.append([])
            rounds[earlier[change.id]].append(change)
            earlier[change.id] += 1
        return [Write(self._sql["change"], columns(round_)) for round_ in rounds]


def named_in(event: Event) -> Mapping[str, JSON]:
    """The fields that an event sets or clears, as far as they are known."""
    match event:
        case Created():
            return _known(event.fields)
        case Edited():
            return _known(event.changes)
    return {}


def _change(position: int, event: Event) -> Change | None:
    match event:
        case Edited():
            return change_of(position, event, person=event.person, changes=_known(event.changes))
        case Deleted() | Restored():
            return change_of(position, event, person="", changes={}, is_deleted=isinstance(event, Deleted))
    return None


def change_of(
    position: int, event: Event, *, person: str, changes: Mapping[str, JSON], is_deleted: bool | None = None
) -> Change:
    """What an event changes; `None` makes a field absent."""
    return Change(
        event.originator_id,
        event.originator_version,
        position,
        person,
        json_text({name: value for name, value in changes.items() if value is not None}),
        " ".join(name for name, value in changes.items() if value is None),
        is_deleted,
    )


def _known(fields: Mapping[str, JSON] | Erased) -> Mapping[str, JSON]:
    """What was erased stands as nothing."""
    return {} if isinstance(fields, Erased) else dict(fields)


FIELDS = ("id", "version", "fields", "owner", "is_deleted")


def fields_at(row: Mapping[str, Any], *, prefix: str = "") -> FieldsAt:
    """The thing in a row; `prefix` stands before its columns' names where the row holds several."""
    return FieldsAt(**{name: row[prefix + name] for name in FIELDS})
