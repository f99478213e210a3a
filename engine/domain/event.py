"""What every event is: frozen, past tense, with a plain part and a sealed part.

A field annotated `Sealed[...]` holds what people said or named. It leaves the process only encrypted under the key of
`person` and the month of `timestamp` (engine/envelope), and reads as `ERASED` once that key was destroyed. All other
fields are plain: ids, numbers, flags.

An **opening** event may begin its aggregate: it needs nothing that came before. The creation of a thing is one, but
also an edit that carries the whole and the tombstone that an erasure leaves, so that what came before either can be
deleted from the log without a gap that matters.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, ClassVar, Final, Self, TypeAliasType, Union, get_args, get_origin, override

from eventsourcing.domain import BaseAggregate, CanMutateAggregate
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from engine.errors import ShapeUnknown

type JSON = str | int | float | bool | list[JSON] | dict[str, JSON] | None


class Erased:
    """Stands where words stood whose key was destroyed."""

    @override
    def __str__(self) -> str:
        return "[erased]"

    @override
    def __repr__(self) -> str:
        return "ERASED"

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> Self:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.is_instance_schema(cls, serialization=core_schema.to_string_ser_schema(when_used="json"))


ERASED: Final = Erased()


class _SealedMark:
    pass


SEALED: Final = _SealedMark()

type Sealed[T] = Annotated[T | Erased, SEALED]
type Words = Sealed[str]


def _is_sealed(annotation: Any) -> bool:
    """Whether a field's annotation is `Sealed[...]`, alone or as part of a union."""
    if isinstance(annotation, TypeAliasType):
        return _is_sealed(annotation.__value__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return SEALED in annotation.__metadata__
    if isinstance(origin, TypeAliasType):
        return _is_sealed(origin.__value__)
    return origin in (Union, UnionType) and any(_is_sealed(part) for part in get_args(annotation))


class Event(BaseModel, CanMutateAggregate[str]):
    """One fact. `originator_id` is its aggregate's id and subject, `originator_version` counts from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)

    shape: ClassVar[int] = 1
    """Version of the event's shape; a changed shape counts up and engine/envelope/upcasts.py translates the old one."""

    sealed_fields: ClassVar[frozenset[str]] = frozenset()
    registered: ClassVar[dict[str, type["Event"]]] = {}

    originator_id: str
    originator_version: int
    timestamp: datetime

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.sealed_fields = frozenset(
            name for name, field in cls.model_fields.items() if SEALED in field.metadata or _is_sealed(field.annotation)
        )
        if cls.sealed_fields and "person" not in cls.model_fields:
            raise TypeError(f"{cls.__name__} seals {set(cls.sealed_fields)} but has no `person` whose key seals it")
        for base in cls.__mro__[1:]:
            Event.registered.pop(base.__name__, None)  # what has subclasses is a form of events, not an event
        Event.registered[cls.__name__] = cls

    @property
    def subject(self) -> str:
        return self.originator_id

    @override
    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)

    @override
    def _as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields}


class OpeningEvent(Event):
    """An event that can begin its aggregate."""

    @override
    def mutate(self, aggregate: Any) -> Any:
        if aggregate is not None:
            return super().mutate(aggregate)
        aggregate = Aggregate.of(self.originator_id).blank(self)
        self.apply(aggregate)
        return aggregate


class Aggregate(BaseAggregate[str]):
    """A thing whose events share a subject. Subclasses name their `kind`, the first token of their ids.

    `evolve` is the one place where an aggregate's state changes. Everything else decides: it looks at the state, and
    either triggers one event, or refuses with an error from engine/errors.py, or does nothing because nothing needs
    to happen. The time comes in with the command.
    """

    kinds: ClassVar[dict[str, type["Aggregate"]]] = {}

    def __init_subclass__(cls, *, kind: str | None = None) -> None:
        super().__init_subclass__()
        if kind is not None:
            Aggregate.kinds[kind] = cls

    @classmethod
    def of(cls, subject: str) -> type["Aggregate"]:
        """The aggregate class that a subject belongs to."""
        kind = subject.partition(".")[0]
        if kind not in cls.kinds:
            raise ShapeUnknown(f"The log holds a {kind!r}, a kind that this release does not know: upgrade Tzurot.")
        return cls.kinds[kind]

    @classmethod
    def blank(cls, opening: Event) -> Self:
        """An aggregate about to be given its first event."""
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(opening.originator_id, opening.originator_version, opening.timestamp)
        return aggregate

    @classmethod
    def open(cls, event_class: type[OpeningEvent], *, id: str, at: datetime, **fields: Any) -> Self:
        """Begin a new aggregate with its first event."""
        event = event_class(originator_id=id, originator_version=cls.INITIAL_VERSION, timestamp=at, **fields)
        aggregate: Self = event.mutate(None)
        aggregate.pending_events.append(event)
        return aggregate

    def happen(self, event_class: type[Event], *, at: datetime, **fields: Any) -> None:
        """Record that something happened to this aggregate."""
        self.trigger_event(event_class, timestamp=at, **fields)

    def evolve(self, event: Event) -> None:
        """Take the event's consequence into the state."""
        raise NotImplementedError


class Torn(Exception):
    """Of an aggregate's events only some were read that do not stand by themselves: others were just being deleted."""


def evolved(aggregate: Aggregate | None, events: Iterable[Event]) -> Aggregate | None:
    """The aggregate after these events of it, oldest first; None without any.

    What is deleted is deleted below an opening event, one after the other, and whoever does it may die in between.
    What is still there before a gap therefore tells nothing: the aggregate begins at the opening event behind it.
    Raises Torn if there is none among the events, because it was appended after they were read.
    """
    is_torn = False
    for event in events:
        if aggregate is not None and event.originator_version == aggregate.version + 1:
            aggregate = event.mutate(aggregate)
        elif isinstance(event, OpeningEvent):
            aggregate, is_torn = event.mutate(None), False
        else:
            aggregate, is_torn = None, True
    if is_torn:
        raise Torn
    return aggregate
