"""How characters and presets are shown: sets of fields with an id, a version and an owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override

from rich.console import Group, RenderableType

from adapters.terminal.screen import Result, words
from adapters.terminal.tables import one_line, pairs, table
from engine.commands.settables import Changed
from engine.domain.character import CharacterFields
from engine.domain.event import JSON
from engine.domain.preset import PresetFields
from engine.domain.settable import Settable
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
