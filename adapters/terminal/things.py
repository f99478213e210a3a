"""Characters and presets, sets of fields with an id, a version and an owner: how they are shown, edited and deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override

from rich.console import Group, RenderableType

from adapters.terminal.screen import Result, words
from adapters.terminal.session import Session, acting_for
from adapters.terminal.tables import one_line, pairs, table
from engine.commands.settables import Changed
from engine.domain.character import CharacterFields
from engine.domain.event import JSON
from engine.domain.preset import PresetFields
from engine.domain.settable import Settable
from engine.errors import Invalid, Refused
from engine.reading import FieldsAt

LISTED_CHARS = 80


ORDER = tuple(dict.fromkeys((*CharacterFields.model_fields, *PresetFields.model_fields)))


def in_order(fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """Fields as the forms have them; what else there is follows."""
    known = [name for name in ORDER if name in fields]
    return {name: fields[name] for name in dict.fromkeys((*known, *fields))}


@dataclass(frozen=True)
class Thing(Result):
    """One of them, with all its fields; `position` is the event that made it so, None when it is only looked at."""

    id: str
    version: int
    owner: str
    fields: Mapping[str, JSON]
    is_deleted: bool = False
    position: int | None = None
    sentence: str = ""

    @classmethod
    def seen(cls, found: FieldsAt) -> "Thing":
        return cls(found.id, found.version, found.owner, found.fields, found.is_deleted)

    @classmethod
    def changed[A: Settable](cls, changed: Changed[A], sentence: str) -> "Thing":
        it = changed.thing
        return cls(it.id, it.version, it.person, dict(it.fields), it.is_deleted, changed.position, sentence)

    @override
    def as_json(self) -> dict[str, Any]:
        document = {
            "id": self.id,
            "version": self.version,
            "owner": self.owner,
            "deleted": self.is_deleted,
            "fields": in_order(self.fields),
        }
        return document if self.position is None else {**document, "position": self.position}

    @override
    def __rich__(self) -> RenderableType:
        heading = words(f"{self.sentence} (event {self.position})" if self.position is not None else self.id, "bold")
        if self.is_deleted:
            return heading
        return Group(heading, pairs({name.replace("_", " "): value for name, value in in_order(self.fields).items()}))


@dataclass(frozen=True)
class Things(Result):
    """Several of them."""

    found: tuple[FieldsAt, ...]
    columns: tuple[str, ...]
    nothing: str

    @override
    def as_json(self) -> list[dict[str, Any]]:
        return [Thing.seen(one).as_json() for one in self.found]

    @override
    def __rich__(self) -> RenderableType:
        if not self.found:
            return words(self.nothing)
        rows = [
            tuple(one_line(str(one.fields.get(name, "")), LISTED_CHARS) for name in self.columns) for one in self.found
        ]
        return table([name.replace("_", " ") for name in self.columns], rows)


async def edit_thing[A: Settable](
    kind: type[A], found: FieldsAt, changes: Mapping[str, JSON], person: str, session: Session
) -> Thing:
    """Change fields of what was found. Raises Invalid, Forbidden."""
    if not changes:
        raise Invalid("Say what to change: an option for a field, --set FIELD=VALUE or --clear FIELD.")
    edited = await session.engine.settables.edit(
        kind, found.id, person=acting_for(found.owner, person), changes=changes, at=session.now()
    )
    return Thing.changed(edited, "Edited." if edited.thing.version > found.version else "Nothing had to change.")


async def delete_thing[A: Settable](
    kind: type[A], found: FieldsAt, called: str, person: str, session: Session, *, is_agreed: bool
) -> Thing:
    """Delete what was found, once that is agreed to. Raises Refused, Forbidden."""
    if not is_agreed and not await session.screen.confirmed(f"Delete {called}? Undo brings it back."):
        raise Refused("Nothing was deleted.")
    deleted = await session.engine.settables.delete(
        kind, found.id, person=acting_for(found.owner, person), at=session.now()
    )
    return Thing.changed(deleted, f"Deleted {called}: undo event {deleted.position} to bring it back.")
