"""`log`: the audit trail, with what each event says where it can still be read."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, override

import typer
from rich.console import RenderableType

from adapters.terminal.options import Json
from adapters.terminal.screen import Result, words
from adapters.terminal.session import Request, Session, shared_place
from adapters.terminal.tables import moment, one_line, table
from engine.domain import Event
from engine.domain.ids import person_id
from engine.errors import NotFound
from engine.event_log import EventLog
from engine.reading import AuditEntry, AuditQuestion

READ_AT_ONCE = 64
DATA_CHARS = 120
DEFAULT_LIMIT = 100

ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp"})
"""What every event has, shown beside its data."""


@dataclass(frozen=True)
class Line:
    """An event of the trail; `data` is None once it was erased."""

    entry: AuditEntry
    data: dict[str, Any] | None


@dataclass(frozen=True)
class Trail(Result):
    """Events, oldest first."""

    lines: tuple[Line, ...]
    is_lines = True

    @override
    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "position": line.entry.position,
                "type": line.entry.type,
                "subject": line.entry.subject,
                "at": line.entry.at.isoformat(),
                "version": line.entry.version,
                "data": line.data,
            }
            for line in self.lines
        ]

    @override
    def __rich__(self) -> RenderableType:
        if not self.lines:
            return words("The log has no such events.")
        return table(
            ("position", "when", "type", "subject", "what it says"),
            (
                (line.entry.position, moment(line.entry.at), line.entry.type, line.entry.subject, in_short(line.data))
                for line in self.lines
            ),
        )


def data_of(event: Event) -> dict[str, Any]:
    """An event's own fields as JSON; words whose key was destroyed read "[erased]"."""
    return event.model_dump(mode="json", exclude=set(ENVELOPE))


def in_short(data: dict[str, Any] | None) -> str:
    if data is None:
        return "[erased]"
    telling = ("text", "fields", "changes", "message", "reason")
    said = next((data[name] for name in telling if data.get(name)), "")
    if isinstance(said, dict):
        said = ", ".join(f"{name}: {value}" for name, value in said.items())
    return one_line(str(said), DATA_CHARS)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, in the words of the command line."""

    person: str | None = None
    place: str | None = None
    character: str | None = None
    type: str | None = None
    after: int = 0
    limit: int = DEFAULT_LIMIT


async def read_trail(filters: Filters, session: Session) -> Trail:
    question = await _question(filters, session)
    entries = await session.engine.read.entries(question)
    lines: list[Line] = []
    for first in range(0, len(entries), READ_AT_ONCE):
        some = entries[first : first + READ_AT_ONCE]
        data = await asyncio.gather(*(_data_at(session.engine.log, entry.position) for entry in some))
        lines += [Line(entry, found) for entry, found in zip(some, data, strict=True)]
    return Trail(tuple(lines))


async def _question(filters: Filters, session: Session) -> AuditQuestion:
    person, place, character = filters.person, filters.place, filters.character
    if person is not None and person_id(person) not in await session.engine.read.fields(person_id(person)):
        person = session.person(person)
    if place is not None and not place.startswith(("terminal-", "discord-")):
        place = shared_place(place)
    if character is not None:
        asker = person or session.person()
        found = await session.engine.read.character_by_slug(character, person=asker)
        character = found.id.partition(".")[2] if found else character.removeprefix("character.")
    return AuditQuestion(person, place, character, filters.type, filters.after, filters.limit)


async def _data_at(log: EventLog, position: int) -> dict[str, Any] | None:
    try:
        return data_of((await log.event_at(position)).event)
    except NotFound:  # erased from the log; the trail knows that it was there
        return None


def register(app: typer.Typer) -> None:
    @app.command("log")
    def log_command(
        *,
        person: Annotated[
            str | None, typer.Option("--person", metavar="NAME", help="Events that name this person (name or id).")
        ] = None,
        place: Annotated[str | None, typer.Option("--place", metavar="PLACE", help="Events of this place.")] = None,
        character: Annotated[
            str | None, typer.Option("--character", metavar="SLUG", help="Events of this character (slug or id).")
        ] = None,
        type: Annotated[
            str | None, typer.Option("--type", metavar="TYPE", help="Events of this type, such as ReplyComposed.")
        ] = None,
        after: Annotated[int, typer.Option("--after", metavar="POSITION", min=0, help="Events after this one.")] = 0,
        limit: Annotated[
            int, typer.Option("--limit", "-n", metavar="NUMBER", min=1, help="How many at most, the newest of them.")
        ] = DEFAULT_LIMIT,
        json: Json = False,
    ) -> Request:
        """Show the audit trail, oldest first; with --json one event a line."""
        filters = Filters(person, place, character, type, after, limit)
        return Request(partial(read_trail, filters), as_json=json)
