"""`undo`: give back what an event changed, after showing what that will be."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.options import As, Json, Yes
from adapters.terminal.screen import Result, words
from adapters.terminal.session import Request, Session, acting_for
from adapters.terminal.tables import moment, one_line, table
from engine.commands.undo_preview import UndoPreview
from engine.commands.undoing import Undone
from engine.domain import Reply
from engine.domain.ids import INSTANCE, reply_of_memory
from engine.errors import NotFound, Refused
from engine.reading import AuditQuestion, Said

SHOWN_CHARS = 80
LOOKED_BACK_EVENTS = 500

LAST_CHANGES = (
    "CharacterEdited",
    "CharacterDeleted",
    "AvatarSet",
    "AvatarCleared",
    "PresetEdited",
    "PresetDeleted",
    "PersonaEdited",
    "PersonaDeleted",
    "ChoiceMade",
    "HistoryCleared",
    "HistoryClearUndone",
    "MemoryEdited",
    "MemoryForgotten",
    "MemoryRestored",
    "MemoryLocked",
    "MemoryUnlocked",
)
"""What `undo` without an event looks for: changes of what is there. Creations are undone only by their number."""


@dataclass(frozen=True)
class Preview(Result):
    """What an undo will do."""

    preview: UndoPreview

    @override
    def as_json(self) -> dict[str, Any]:
        it = self.preview
        return {
            "position": it.position,
            "type": it.type,
            "subject": it.subject,
            "about": it.about,
            "effect": it.effect,
            "restores": dict(it.restores),
            "currently": dict(it.currently),
            "said": None if it.said is None else _as_json(it.said),
            "changed_since": list(it.changed_since),
            "later": [{**asdict(change), "at": change.at.isoformat()} for change in it.later],
            "later_events": it.later_events,
        }

    @override
    def __rich__(self) -> RenderableType:
        it = self.preview
        what = f"“{one_line(it.about, SHOWN_CHARS)}”" if it.about else it.subject
        parts: list[RenderableType] = [
            words(f"Undoing event {it.position}: {it.type}, {what}", "bold"),
            words(it.effect),
        ]
        if it.said is not None and it.said.opening is not None:
            opening = one_line(it.said.opening, SHOWN_CHARS)
            parts.append(words(f"From {moment(it.said.oldest)} to {moment(it.said.newest)}, beginning “{opening}”"))
        if it.restores.keys() - {"epoch"}:
            rows = [
                (
                    name.replace("_", " "),
                    _value(it.currently.get(name)),
                    _value(value),
                    "yes" if name in it.changed_since else "",
                )
                for name, value in it.restores.items()
            ]
            parts.append(table(("field", "now", "becomes", "changed since"), rows))
        parts += [
            words(
                f"Changed since by event {change.position} ({change.type}, {moment(change.at)}): it stays on the log."
            )
            for change in it.later
        ]
        others = it.later_events - len(it.later)
        if others:
            parts.append(words(f"Later events of other fields, which stay as they are: {others}."))
        return Group(*parts)


@dataclass(frozen=True)
class UndoneResult(Result):
    """What an undo did."""

    preview: UndoPreview
    undone: Undone

    @override
    def as_json(self) -> dict[str, Any]:
        it = self.undone
        undone = {"position": it.position, "type": it.type, "subject": it.subject, "version": it.version}
        return {**Preview(self.preview).as_json(), "undone": undone}

    @override
    def __rich__(self) -> RenderableType:
        it = self.undone
        return words(f"Done by event {it.position} ({it.type}): `undo {it.position}` takes this back.")


@dataclass(frozen=True, slots=True)
class Undo:
    """An undo as it was asked for."""

    position: int | None
    name: str | None
    is_agreed: bool

    async def perform(self, session: Session) -> UndoneResult:
        position = self.position or await _last_change(session.person(self.name), session)
        person = await self._acting(position, session)
        preview = await session.engine.undoing.preview(position, person=person, may_manage=True)
        session.screen.note(Preview(preview))
        if not self.is_agreed and not await session.screen.confirmed("Do it?"):
            raise Refused("Nothing was undone.")
        undone = await session.engine.undoing.undo(position, person=person, at=session.now(), may_manage=True)
        return UndoneResult(preview, undone)

    async def _acting(self, position: int, session: Session) -> str:
        """Who undoes it: with `--as` that person, else whoever it belongs to, since the terminal is the operator's."""
        person = session.person(self.name)
        subject = (await session.engine.log.event_at(position)).event.subject
        match subject.split("."):
            case ["character" | "preset" | "avatar", *_]:
                thing = subject.replace("avatar.", "character.", 1) if subject.startswith("avatar.") else subject
                found = await session.engine.read.fields(thing)
                owner = found[thing].owner if thing in found else person
                return owner if self.name is None and not session.is_chat else acting_for(owner, person)
            case _ if self.name is not None or session.is_chat:
                return person
            case ["history" | "person" | "persona" | "choice", owner, *_]:
                return owner
            case ["memory", *_]:
                reply = await session.engine.log.find(Reply, reply_of_memory(subject))
                return reply.person if reply is not None and reply.person else person
            case _:
                return person


async def _last_change(person: str, session: Session) -> int:
    """The person's last change, or the last of what belongs to the instance, which is edited from the terminal."""
    asked = [AuditQuestion(person=whose, limit=LOOKED_BACK_EVENTS) for whose in (person, INSTANCE)]
    trails = [await session.engine.read.entries(question) for question in asked]
    changes = [entry.position for trail in trails for entry in trail if entry.type in LAST_CHANGES]
    if not changes:
        raise NotFound("There is no change of yours to undo.")
    return max(changes)


def _as_json(said: Said) -> dict[str, Any]:
    return {
        **asdict(said),
        "oldest": said.oldest.isoformat() if said.oldest else None,
        "newest": said.newest.isoformat() if said.newest else None,
    }


def _value(value: object) -> str:
    match value:
        case None:
            return "(inherited)"
        case bool():
            return "yes" if value else "no"
        case _:
            return one_line(str(value), SHOWN_CHARS)


def register(app: typer.Typer) -> None:
    @app.command("undo")
    def undo_command(
        event: Annotated[
            int | None,
            typer.Argument(
                metavar="EVENT", min=1, help="The event's position on the log; without it your last change."
            ),
        ] = None,
        *,
        yes: Yes = False,
        name: As = None,
        json: Json = False,
    ) -> Request:
        """Give back what an event changed, and only that; shows first what it will do. Undo can itself be undone."""
        return Request(Undo(event, name, yes).perform, as_json=json)
