"""`memory`: what a character remembers of you for the long term."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated, Any, Literal, override

import typer
from rich.console import RenderableType

from adapters.terminal.options import As, Character, Json, Limit
from adapters.terminal.screen import Result, words
from adapters.terminal.session import Request, Session, token_of
from adapters.terminal.tables import moment, one_line, table
from engine.domain.ids import reply_of_memory
from engine.reading import MemoryRow

PREVIEW_CHARS = 200

app = typer.Typer(help="What a character remembers of you: list it, search it, let it be forgotten.")

MemoryId = Annotated[str, typer.Argument(metavar="MEMORY", help="The memory's id, or its reply's.", show_default=False)]


@dataclass(frozen=True)
class Memories(Result):
    """Memories, newest or best first."""

    rows: tuple[MemoryRow, ...]
    nothing: str

    @override
    def as_json(self) -> list[dict[str, Any]]:
        return [{**asdict(row), "reply": reply_of_memory(row.id), "at": row.at.isoformat()} for row in self.rows]

    @override
    def __rich__(self) -> RenderableType:
        if not self.rows:
            return words(self.nothing)
        return table(
            ("memory", "when", "you said", "it answered"),
            (
                (
                    row.id,
                    moment(row.at),
                    one_line(row.edited or row.said, PREVIEW_CHARS) + (" (locked)" if row.is_locked else ""),
                    one_line(row.answered, PREVIEW_CHARS),
                )
                for row in self.rows
            ),
        )


@dataclass(frozen=True)
class MemoryChanged(Result):
    """A memory was forgotten or restored."""

    memory: str
    position: int
    happened: bool
    sentence: str

    @override
    def as_json(self) -> dict[str, Any]:
        return {"memory": self.memory, "position": self.position, "happened": self.happened}

    @override
    def __rich__(self) -> RenderableType:
        return words(f"{self.sentence} (event {self.position})" if self.happened else "Nothing had to change.")


def memory_of(id: str) -> str:
    """The id of a memory, given that or the id of its reply."""
    return id if id.startswith("memory.") else f"memory.{id.removeprefix('reply.')}"


async def list_memories(character: str | None, name: str | None, limit: int, session: Session) -> Memories:
    person, persona, token = await _scope(character, name, session)
    rows = await session.engine.read.memories(person=person, persona=persona, character=token, limit=limit)
    return Memories(rows, "There are no memories yet.")


async def search(query: str, character: str | None, name: str | None, limit: int, session: Session) -> Memories:
    person, persona, token = await _scope(character, name, session)
    rows = await session.engine.read.search_memories(
        person=person, persona=persona, character=token, query=query, limit=limit
    )
    return Memories(rows, "No memory matches.")


async def change(id: str, deed: Literal["forget", "restore"], name: str | None, session: Session) -> MemoryChanged:
    memory, person = memory_of(id), session.person(name)
    commands = session.engine.memories
    if deed == "forget":
        outcome = await commands.forget(memory, person=person, at=session.now())
        sentence = "Forgotten: it is no longer recalled. `memory restore` brings it back."
    else:
        outcome = await commands.restore(memory, person=person, at=session.now())
        sentence = "Restored: it can be recalled again."
    return MemoryChanged(memory, outcome.position, outcome.happened, sentence)


async def _scope(character: str | None, name: str | None, session: Session) -> tuple[str, str, str]:
    person = session.person(name)
    token = token_of(await session.whom(character, person))
    return person, await session.engine.read.persona_towards(person=person, character=token), token


@app.command("list")
def list_command(*, character: Character = None, name: As = None, limit: Limit = 20, json: Json = False) -> Request:
    """List memories, newest first."""
    return Request(partial(list_memories, character, name, limit), as_json=json)


@app.command("search")
def search_command(
    query: Annotated[str, typer.Argument(help="What to look for.", show_default=False)],
    *,
    character: Character = None,
    name: As = None,
    limit: Limit = 5,
    json: Json = False,
) -> Request:
    """Find memories by what was said, best first."""
    return Request(partial(search, query, character, name, limit), as_json=json)


@app.command("forget")
def forget_command(memory: MemoryId, *, name: As = None, json: Json = False) -> Request:
    """Let a memory no longer be recalled; it can be restored. To be rid of it for good, erase its message."""
    return Request(partial(change, memory, "forget", name), as_json=json)


@app.command("restore")
def restore_command(memory: MemoryId, *, name: As = None, json: Json = False) -> Request:
    """Let a forgotten memory be recalled again."""
    return Request(partial(change, memory, "restore", name), as_json=json)
