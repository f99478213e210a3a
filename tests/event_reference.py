"""docs/reference/events.md, made from the code: `python -m tests.event_reference` writes it, a test compares it."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel

from engine.domain import Aggregate, Because, Erased, Event
from engine.domain.attachment import Attachment
from engine.domain.because import Used, UsedMemory, UsedReference, UsedTurn
from engine.domain.event import OpeningEvent
from engine.domain.settable import Fields, Settable

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "events.md"

SUBJECTS: Mapping[str, str] = {
    "message": "message.<place>.<message>",
    "reply": "reply.<place>.<message>.<character>.<n>",
    "quote": "quote.<place>.<message>",
    "history": "history.<person>.<persona>.<character>",
    "memory": "memory.<place>.<message>.<character>.<n>",
    "character": "character.<character>",
    "avatar": "avatar.<character>",
    "preset": "preset.<owner>.<preset>",
    "person": "person.<person>",
    "persona": "persona.<person>.<persona>",
    "choice": "choice.<person>.<character>",
    "place": "place.<place>",
    "claim": "claim.<kind>.<hash>",
    "erasure": "erasure.<receipt>",
}
"""Every kind of aggregate in the order of telling; a kind that is missing here fails."""

INTRODUCTION = """\
# Events

<!-- Written by `python -m tests.event_reference` from the code. Change the docstrings there, not this page. -->

Everything that happens is one of these events on the log. Each stands on the subject of its aggregate, below the
log's own prefix, with the aggregate's version, counted from 1, and the time (`timestamp`) at which it happened.

A **sealed** field holds what people said or named. It is encrypted under the key of `person` and of the event's month,
and reads as *erased* for ever once that key was destroyed. Every other field is plain: ids, numbers, flags.

An event marked **opening** can begin its aggregate: whatever came before it on its subject may be gone.

Ids are made of letters, digits and `-`; any other character is written as `_` and the hexadecimal digits of its
bytes. A person's id is a keyed hash: without the key ring it names nobody.
"""

WORDS_OF: Mapping[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "yes or no",
    datetime: "time",
    NoneType: "nothing",
    Because: "[because](#because)",
    Used: "[used](#used)",
    UsedTurn: "[used turn](#used-turn)",
    UsedMemory: "[used memory](#used-memory)",
    UsedReference: "[used reference](#used-reference)",
    Attachment: "[attachment](#attachment)",
}

COMMONLY: Mapping[str, str] = {
    "person": "Whose words these are, and whose key seals them.",
    "text": "The words.",
    "tokens": "Tokens of the text, counted once.",
    "addresses": "The characters it asks for an answer, in the order of asking.",
    "is_private": "Whether only its author and the characters are in the place.",
    "in_reply_to": "The id of the message or reply that it answers.",
    "attachments": "What came with it besides the text.",
    "said_at": "When it was said, where that is known.",
    "is_forward": "Whether it was forwarded, without saying whose words they are.",
    "reason": "What it was erased for.",
    "heard_at": "When it was heard first.",
    "receipt": "The erasure's receipt: `erasure.<receipt>` holds the proof.",
    "persona": "The persona that the person wears.",
    "character": "The character that answers.",
    "message": "The id of the message that is answered.",
    "message_version": "The version of the message that the model is shown.",
    "attempt": "Counts the calls to a model, from 1.",
    "model": "The model that is asked.",
    "chunk": "Counts the chunks of the reply, from 0.",
    "chunks": "How many chunks the reply has.",
    "post": "The platform's id of the post.",
    "is_permanent": "Whether no further attempt follows.",
    "retry_after_s": "Seconds that the provider asks to wait.",
    "subjects": "The subjects whose words are gone.",
    "fields": "Its fields by name, see above.",
    "changes": "The changed fields by name, see above; nothing clears a field.",
    "timezone": "An IANA time zone such as Europe/Berlin.",
    "preset": "The id of a preset.",
}
"""What a field means wherever its class says nothing else."""

BOUNDS: Mapping[str, str] = {
    "ge": "at least {:,}",
    "gt": "more than {:,}",
    "le": "at most {:,}",
    "lt": "less than {:,}",
    "max_length": "at most {:,} {unit}",
    "pattern": "`{}`",
}


BECAUSE: tuple[tuple[type[BaseModel], str], ...] = (
    (Because, "Because"),
    (Used, "Used"),
    (UsedTurn, "Used turn"),
    (UsedReference, "Used reference"),
    (UsedMemory, "Used memory"),
)


def event_reference() -> str:
    """The whole page."""
    parts = [INTRODUCTION, "\n".join(_contents())]
    parts += [part for kind, subject in SUBJECTS.items() for part in _aggregate(kind, subject)]
    parts += ["## What `because` holds", inspect.getdoc(Because) or ""]
    for model, title in BECAUSE:
        parts += [f"### {title}"] if model is Because else [f"### {title}", _meaning(model)]
        parts.append(_table(model, tuple(model.model_fields)))
    parts += ["## Attachment", _meaning(Attachment), _table(Attachment, tuple(Attachment.model_fields))]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def events_of(kind: str) -> list[type[Event]]:
    """The events of a kind of aggregate, in the order in which they are defined."""
    aggregate = Aggregate.kinds[kind]
    if issubclass(aggregate, Settable):
        four = (aggregate.created, aggregate.edited, aggregate.deleted, aggregate.restored)
        return [event for event in four if event is not None]
    return [event for event in Event.registered.values() if event.__module__ == aggregate.__module__]


def _contents() -> Iterator[str]:
    yield "| aggregate | subject | events |\n| --- | --- | --- |"
    for kind, subject in SUBJECTS.items():
        events = ", ".join(f"[{event.__name__}](#{event.__name__.lower()})" for event in events_of(kind))
        yield f"| [{kind}](#{kind}) | `{subject}` | {events} |"


def _aggregate(kind: str, subject: str) -> Iterator[str]:
    aggregate = Aggregate.kinds[kind]
    yield f"## {kind.capitalize()}"
    yield f"Subject: `{subject}`"
    if issubclass(aggregate, Settable):
        yield f"{_meaning(aggregate.schema)} Each field may be absent, and is then inherited from the next layer:"
        yield _table(aggregate.schema, tuple(aggregate.schema.model_fields), with_limits=True)
    else:
        yield inspect.getdoc(inspect.getmodule(aggregate)).split("\n\n")[0]
    for event in events_of(kind):
        yield f"### {event.__name__}"
        opening = " *Opening.*" if issubclass(event, OpeningEvent) else ""
        shape = f" *Shape {event.shape}.*" if event.shape > 1 else ""
        yield f"{_meaning(event)}{opening}{shape}"
        own = tuple(name for name in event.model_fields if name not in Event.model_fields)
        if own:
            yield _table(event, own)


def _meaning(of: type) -> str:
    return " ".join((of.__doc__ or "").split())


def _table(model: type[BaseModel], names: tuple[str, ...], *, with_limits: bool = False) -> str:
    said = _field_docstrings(model)
    sealed = getattr(model, "sealed_fields", frozenset())
    common = COMMONLY if issubclass(model, (Event, Fields)) else {}
    limits = " limits |" if with_limits else ""
    rows = [f"| field | type |{limits} meaning |", f"| --- | --- |{' --- |' if with_limits else ''} --- |"]
    for name in names:
        annotation = model.model_fields[name].annotation
        kind = _words(annotation) + (" · **sealed**" if name in sealed else "")
        cells = [f"`{name}`", kind]
        if with_limits:
            cells = [f"`{name}`", kind.removesuffix(" or nothing"), _limits(_bounds(annotation), annotation)]
        cells.append(said.get(name) or common.get(name, ""))
        rows.append(f"| {' | '.join(cells)} |".replace("  ", " "))
    return "\n".join(rows)


def _words(annotation: Any) -> str:  # noqa: PLR0911 - one line per kind of type
    """A type in plain words."""
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation in WORDS_OF:
        return WORDS_OF[annotation]
    if isinstance(annotation, TypeAliasType):
        return "JSON" if annotation.__name__ == "JSON" else _words(annotation.__value__)
    if isinstance(origin, TypeAliasType) or origin is Annotated:
        return _words(args[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in args)
    if origin in (Union, UnionType):
        return " or ".join(_words(part) for part in args if part is not Erased)
    if origin in (tuple, list):
        return f"list of {_words(args[0])}"
    if origin is not None and issubclass(origin, Mapping):
        return f"mapping of {_words(args[0])} to {_words(args[1])}"
    raise LookupError(f"tests/event_reference.py has no words for {annotation!r}")


def _bounds(annotation: Any) -> dict[str, Any]:
    """Every limit in an annotation, by the name that it has there."""
    found: dict[str, Any] = {}
    if isinstance(annotation, TypeAliasType):
        found = _bounds(annotation.__value__)
    elif get_origin(annotation) is Annotated:
        for mark in annotation.__metadata__:
            for part in getattr(mark, "metadata", None) or [mark]:
                stated = {name: getattr(part, name, None) for name in ("min_length", *BOUNDS)}
                found |= {name: limit for name, limit in stated.items() if limit is not None}
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            found |= _bounds(part)
    return found


def _limits(bounds: dict[str, Any], annotation: Any) -> str:
    """Limits in words, two that belong together as a range."""
    unit = "entries" if "list" in _words(annotation) else "characters"
    words: list[str] = []
    for low, high, what in (("min_length", "max_length", f" {unit}"), ("ge", "le", "")):
        if low in bounds and high in bounds:
            words.append(f"{bounds.pop(low):,} to {bounds.pop(high):,}{what}")
    words += [BOUNDS[name].format(limit, unit=unit) for name, limit in bounds.items() if name in BOUNDS]
    return "; ".join(words)


def _field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings below a class's fields, those of the classes it comes from included."""
    said: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        if not owner.__module__.startswith("engine."):
            continue
        body = ast.parse(inspect.getsource(owner)).body[0].body
        for field, text in pairwise(body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(docstring))):
                    said[name] = " ".join(docstring.split())
    return said


if __name__ == "__main__":
    REFERENCE.write_text(event_reference(), encoding="utf-8")
    sys.stdout.write(f"{REFERENCE.name}\n")
