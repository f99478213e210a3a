"""The engine's ports onto the projections, each method one question and its statement."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, override

from engine.domain.ids import INSTANCE, memory_id
from engine.errors import ProjectionsBehind
from engine.reading import (
    AuditEntry,
    AuditQuestion,
    Awaited,
    Catalogue,
    Context,
    ContextReader,
    Conversations,
    FieldsAt,
    HistoryStats,
    MemoryRow,
    ModelUse,
    Overheard,
    Posts,
    Projected,
    Question,
    Said,
    Situation,
    Situations,
    Traces,
    Trail,
    Usage,
)
from projections import audit, awaited, characters, history, memory, places, presets, settable
from projections import posts as posted
from projections import usage as used
from projections.context import SQL as CONTEXT
from projections.context import read_context
from projections.conversation import persona_token
from projections.settable import fields_at
from projections.situation import read_situation
from projections.snapshot import Rows, Snapshots
from projections.traces import count_traces

type WaitFor = Callable[[int], Awaitable[None]]


class Reader(ContextReader, Conversations, Catalogue, Situations, Posts, Usage, Trail, Traces, Projected, Awaited):
    """For any number of tasks at once. `reached` waits until the live projections include a position."""

    def __init__(self, snapshots: Snapshots, reached: WaitFor) -> None:
        self._snapshots = snapshots
        self._reached = reached

    @override
    async def context(self, question: Question) -> Context:
        return await read_context(self._snapshots, question)

    @override
    async def history_stats(self, *, person: str, persona: str, character: str) -> HistoryStats:
        scope = {"person": person, "persona": persona_token(persona), "character": character}
        (row,) = await self._rows(history.SQL["stats"], scope)
        return HistoryStats(**row)

    @override
    async def said_between(self, first: int, before: int, *, person: str, persona: str, character: str) -> Said:
        scope = {"person": person, "persona": persona_token(persona), "character": character}
        (row,) = await self._rows(history.SQL["between"], {**scope, "first": first, "before": before})
        return Said(**row)

    @override
    async def memories(
        self, *, person: str, persona: str, character: str | None, limit: int, before: int | None = None
    ) -> tuple[MemoryRow, ...]:
        scope = {"person": person, "persona": persona_token(persona), "character": character}
        rows = await self._rows(memory.SQL["list"], {**scope, "limit": limit, "before": before})
        return tuple(map(_memory, rows))

    @override
    async def search_memories(
        self, *, person: str, persona: str, character: str | None, query: str, limit: int
    ) -> tuple[MemoryRow, ...]:
        scope = {"person": person, "persona": persona_token(persona), "character": character}
        rows = await self._rows(memory.SQL["search"], {**scope, "query": query, "limit": limit})
        return tuple(map(_memory, rows))

    @override
    async def characters(self, *, person: str) -> tuple[FieldsAt, ...]:
        return tuple(map(fields_at, await self._rows(characters.SQL["visible"], {"person": person})))

    @override
    async def character_by_slug(self, slug: str, *, person: str) -> FieldsAt | None:
        rows = await self._rows(characters.SQL["by_slug"], {"slug": slug, "person": person})
        return fields_at(rows[0]) if rows else None

    @override
    async def presets(self, *, person: str) -> tuple[FieldsAt, ...]:
        return tuple(
            map(fields_at, await self._rows(presets.SQL["of_person"], {"person": person, "instance": INSTANCE}))
        )

    @override
    async def fields(self, *ids: str) -> Mapping[str, FieldsAt]:
        return {row["id"]: fields_at(row) for row in await self._rows(settable.ANY_BY_ID, {"ids": list(ids)})}

    @override
    async def situation(self, question: Overheard) -> Situation:
        return await read_situation(self._snapshots, question)

    @override
    async def active_places(self, *, server: str | None = None) -> tuple[FieldsAt, ...]:
        return tuple(map(fields_at, await self._rows(places.SQL["active"], {"server": server})))

    @override
    async def claimed(self, place: str, *posts: str) -> frozenset[str]:
        return frozenset(await self.replies_of(place, *posts))

    @override
    async def replies_of(self, place: str, *posts: str) -> Mapping[str, str]:
        asked = {"place": place, "posts": list(posts)}
        return {row["post"]: row["reply"] for row in await self._rows(posted.SQL["replies_of"], asked)}

    @override
    async def usage(self, since: datetime) -> tuple[ModelUse, ...]:
        return tuple(ModelUse(**row) for row in await self._rows(used.SQL["since"], {"since": since}))

    @override
    async def persona_towards(self, *, person: str, character: str) -> str:
        (row,) = await self._rows(CONTEXT["persona"], {"person": person, "character": character})
        return str(row["token"])

    @override
    async def entries(self, question: AuditQuestion) -> tuple[AuditEntry, ...]:
        filters = {
            "person": question.person,
            "place": question.place,
            "character": question.character,
            "type": question.type,
            "after": question.after,
            "limit": question.limit,
        }
        rows = await self._rows(audit.SQL["entries"], filters)
        return tuple(AuditEntry(**{**row, "persons": tuple(row["persons"])}) for row in rows)

    @override
    async def traces_of(self, *subjects: str) -> int:
        async with self._snapshots.connection() as connection:
            return await count_traces(connection, subjects)

    @override
    async def wait_for(self, position: int, *, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._reached(position)
        except TimeoutError:
            raise ProjectionsBehind from None

    @override
    async def until_first(
        self, reply: str, *, patience_s: float, limit_s: float, failures_are_told: bool = False
    ) -> bool:
        parameters = {
            "reply": reply,
            "asked_after": datetime.now(UTC) - timedelta(seconds=limit_s),
            "failures_are_told": failures_are_told,
        }
        with contextlib.suppress(TimeoutError):  # whoever asks decides what to do meanwhile
            async with asyncio.timeout(patience_s):
                while True:
                    position, (rows,) = await self._snapshots.read((awaited.SQL["has_earlier"], parameters))
                    if not rows[0]["has_earlier"]:
                        return True
                    await self._reached(position + 1)
        return False

    async def _rows(self, statement: bytes, parameters: Mapping[str, Any]) -> Rows:
        _, (rows,) = await self._snapshots.read((statement, parameters))
        return rows


def _memory(row: Mapping[str, Any]) -> MemoryRow:
    return MemoryRow(
        id=memory_id(row["id"]),
        character=row["character"],
        said=row["said"],
        answered=row["answered"],
        edited=row["edited"],
        is_locked=row["is_locked"],
        at=row["at"],
        score=row.get("score"),
    )
