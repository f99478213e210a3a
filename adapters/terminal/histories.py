"""`history`: what a character sees verbatim of a conversation."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, override

import typer
from rich.console import RenderableType

from adapters.terminal.options import As, Character, Json
from adapters.terminal.screen import Result, words
from adapters.terminal.session import Request, Session, token_of
from adapters.terminal.tables import moment, pairs
from engine.domain import History
from engine.domain.ids import history_id
from engine.event_log import Outcome
from engine.reading import HistoryStats

app = typer.Typer(help="What a character sees of your conversation: clear it, undo that, count it.")


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's conversation with one character under one persona."""

    person: str
    persona: str
    character: str
    name: str


@dataclass(frozen=True)
class HistoryChanged(Result):
    """A history was cleared, or a clear undone."""

    history: str
    position: int
    clears: int
    sentence: str

    @override
    def as_json(self) -> dict[str, Any]:
        return {"history": self.history, "position": self.position, "clears": self.clears}

    @override
    def __rich__(self) -> RenderableType:
        return words(f"{self.sentence} (event {self.position})")


@dataclass(frozen=True)
class Stats(Result):
    """Counts of a history."""

    history: str
    name: str
    stats: HistoryStats

    @override
    def as_json(self) -> dict[str, Any]:
        counts = asdict(self.stats)
        dates = {name: value.isoformat() if (value := counts[name]) else None for name in ("oldest", "newest")}
        return {"history": self.history, **counts, **dates, "can_undo": self.stats.clears > 0}

    @override
    def __rich__(self) -> RenderableType:
        stats = self.stats
        return pairs(
            {
                f"{self.name} sees": f"{stats.visible_messages} messages, {stats.visible_replies} replies",
                "hidden by clearing": f"{stats.hidden_messages} messages, {stats.hidden_replies} replies",
                "oldest": moment(stats.oldest),
                "newest": moment(stats.newest),
                "clears that can be undone": str(stats.clears),
            }
        )


async def conversation(character: str | None, name: str | None, session: Session) -> Conversation:
    person = session.person(name)
    found = await session.whom(character, person)
    token = token_of(found)
    return Conversation(
        person,
        await session.engine.read.persona_towards(person=person, character=token),
        token,
        str(found.fields.get("name", token)),
    )


async def clear(character: str | None, name: str | None, session: Session) -> HistoryChanged:
    it = await conversation(character, name, session)
    outcome = await session.engine.histories.clear(
        person=it.person, persona=it.persona, character=it.character, at=session.now()
    )
    sentence = f"Cleared: {it.name} no longer sees what was said before. Nothing was deleted; undo brings it back."
    return _changed(it, outcome, sentence)


async def undo(character: str | None, name: str | None, session: Session) -> HistoryChanged:
    it = await conversation(character, name, session)
    outcome = await session.engine.histories.undo_clear(
        person=it.person, persona=it.persona, character=it.character, at=session.now()
    )
    return _changed(it, outcome, f"The last clear no longer counts: {it.name} sees again what was said before it.")


async def stats(character: str | None, name: str | None, session: Session) -> Stats:
    it = await conversation(character, name, session)
    found = await session.engine.read.history_stats(person=it.person, persona=it.persona, character=it.character)
    return Stats(history_id(it.person, it.persona, it.character), it.name, found)


def _changed(it: Conversation, outcome: Outcome[History], sentence: str) -> HistoryChanged:
    history = history_id(it.person, it.persona, it.character)
    return HistoryChanged(history, outcome.position, len(outcome.aggregate.clears), sentence)


@app.command("clear")
def clear_command(*, character: Character = None, name: As = None, json: Json = False) -> Request:
    """Begin afresh: the character no longer sees what was said before. Nothing is deleted."""
    return Request(partial(clear, character, name), as_json=json)


@app.command("undo")
def undo_command(*, character: Character = None, name: As = None, json: Json = False) -> Request:
    """Take back the last clear; again for the one before it."""
    return Request(partial(undo, character, name), as_json=json)


@app.command("stats")
def stats_command(*, character: Character = None, name: As = None, json: Json = False) -> Request:
    """Count what the character sees and what clearing hides."""
    return Request(partial(stats, character, name), as_json=json)
