"""Things that are a set of fields which people create, edit, delete and restore: characters, presets, personas, people.

A field that is absent is inherited from the next layer. An edit carries only what it changes; `None` in it makes the
field absent. So undoing an edit gives back the earlier values of just those fields, whatever else changed since.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Self, override

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.domain.event import JSON, Aggregate, Erased, Event, OpeningEvent, Sealed
from engine.domain.text import recordable
from engine.errors import CannotUndo, Invalid, NotFound

RAISED = "Value error, "
"""What pydantic puts before the message of a check of ours."""


class Fields(BaseModel):
    """The fields that a kind of thing has, with their limits; all optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Created(OpeningEvent):
    """It came to be, with these fields."""

    person: str
    """Whose it is, and whose key seals the fields."""
    fields: Sealed[Mapping[str, JSON]]


class Edited(OpeningEvent):
    """Some of its fields changed."""

    person: str
    """Who changed it, and whose key seals the changes."""
    changes: Sealed[Mapping[str, JSON]]
    undoes: int | None = None
    """The version of the event that this one undoes."""


class Deleted(Event):
    """It is no longer there to be used; what it was stays on the log."""


class Restored(Event):
    """It is there again, as it was."""


class Settable(Aggregate):
    """A set of fields. Subclasses name their fields' limits and their four events."""

    schema: ClassVar[type[Fields]]
    created: ClassVar[type[Created] | None] = None
    edited: ClassVar[type[Edited]]
    deleted: ClassVar[type[Deleted] | None] = None
    restored: ClassVar[type[Restored] | None] = None

    person: str = ""
    fields: Mapping[str, JSON] = MappingProxyType({})
    is_deleted: bool = False

    @classmethod
    def create(cls, id: str, *, person: str, fields: Mapping[str, JSON], at: datetime) -> Self:
        assert cls.created is not None
        cls.check_whole(fields)
        return cls.open(cls.created, id=id, at=at, person=person, fields=cls.checked(fields, whole=True))

    @classmethod
    def first_edit(cls, id: str, *, person: str, changes: Mapping[str, JSON], at: datetime) -> Self:
        """Begin a thing that needs no creation, such as what a person chose for a character."""
        cls.check_whole(changes)
        return cls.open(cls.edited, id=id, at=at, person=person, changes=cls.checked(changes))

    @classmethod
    def checked(cls, changes: Mapping[str, JSON], *, whole: bool = False) -> dict[str, JSON]:
        """The changes as the schema reads them. Raises Invalid, naming each field and its limit."""
        given = {name: _recordable(value) for name, value in changes.items() if value is not None}
        try:
            parsed = cls.schema.model_validate(given).model_dump(mode="json", include=set(given))
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or cls.__name__.lower()}: {problem['msg'].removeprefix(RAISED)}"
                for problem in error.errors()
            )
            raise Invalid(problems) from None
        cleared: dict[str, JSON] = {} if whole else {name: None for name, value in changes.items() if value is None}
        unknown = cleared.keys() - cls.schema.model_fields.keys()
        if unknown:
            raise Invalid(f"There is no field {', '.join(sorted(unknown))}.")
        return parsed | cleared

    def edit(self, *, person: str, changes: Mapping[str, JSON], at: datetime, undoes: int | None = None) -> None:
        """Change fields; those that have that value already are left out, and if none is left nothing happens."""
        if self.is_deleted:
            raise NotFound("It is deleted: restore it first.")
        checked = self.checked(changes)
        changed = {name: value for name, value in checked.items() if self.fields.get(name) != value}
        if changed:
            self.check_whole({**self.fields, **changed})
            self.happen(self.edited, at=at, person=person, changes=changed, undoes=undoes)

    @classmethod
    def check_whole(cls, fields: Mapping[str, JSON]) -> None:
        """Refuse a combination of fields that is wrong as a whole."""
        cls.checked({name: value for name, value in fields.items() if value is not None}, whole=True)

    def delete(self, *, at: datetime) -> None:
        assert self.deleted is not None
        if not self.is_deleted:
            self.happen(self.deleted, at=at)

    def restore(self, *, at: datetime) -> None:
        assert self.restored is not None
        if self.is_deleted:
            self.happen(self.restored, at=at)

    def undo(self, event: Event, *, before: Self | None, person: str, at: datetime) -> None:
        """Undo just what `event` did; `before` is the thing as it was then, None if it was not there."""
        match event:
            case Edited():
                if isinstance(event.changes, Erased):
                    raise CannotUndo("What that event changed was erased.")
                earlier = {name: before.fields.get(name) if before else None for name in event.changes}
                self.edit(person=person, changes=earlier, at=at, undoes=event.originator_version)
            case Created() | Restored():
                if self.deleted is None:
                    raise CannotUndo("It came to be by itself and stays: only its fields can be changed.")
                self.delete(at=at)
            case Deleted():
                self.restore(at=at)

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case Created():
                self.person = event.person
                self.fields = event.fields if isinstance(event.fields, Mapping) else {}
            case Edited():
                self.person = self.person or event.person
                if isinstance(event.changes, Mapping):
                    merged = {**self.fields, **event.changes}
                    self.fields = {name: value for name, value in merged.items() if value is not None}
            case Deleted() | Restored():
                self.is_deleted = isinstance(event, Deleted)


def require(fields: Mapping[str, JSON], *names: str) -> None:
    """Refuse fields that lack what a thing cannot be without."""
    missing = [name for name in names if not fields.get(name)]
    if missing:
        raise Invalid(f"Needed: {', '.join(missing)}.")


def _recordable(value: JSON) -> JSON:
    match value:
        case str():
            return recordable(value)
        case list():
            return [_recordable(part) for part in value]
        case _:
            return value
