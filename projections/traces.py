"""Whether anything is left of what was erased, in whatever generation: the proof that an erasure reached every copy."""

from collections.abc import Sequence

import psycopg

from engine.domain.ids import reply_of_memory
from projections import generations as control
from projections import history, memory
from projections.generations import Connection

_IN_PROJECTION = {"history": history.SQL["traces"], "memory": memory.SQL["traces"]}
_MOST_ATTEMPTS = 5


async def count_traces(connection: Connection, subjects: Sequence[str]) -> int:
    """How many rows of any generation hold words of these messages, replies, memories and quotes."""
    for _ in range(_MOST_ATTEMPTS):
        try:
            return await _count(connection, subjects)
        except psycopg.errors.UndefinedTable:
            continue  # a generation was dropped while its rows were counted: count those that there are now
    return await _count(connection, subjects)


async def _count(connection: Connection, subjects: Sequence[str]) -> int:
    if not await control.has_control(connection):
        return 0
    parameters = {
        "ids": list(subjects),
        "remembered": [reply_of_memory(subject) for subject in subjects if subject.startswith("memory.")],
    }
    found = 0
    for generation in await control.all_generations(connection):
        if statement := _IN_PROJECTION.get(generation.projection):
            async with connection.transaction():
                await control.set_schema(connection, generation.schema)
                row = await (await connection.execute(statement, parameters)).fetchone()
            found += row["rows"] if row else 0
    return found
