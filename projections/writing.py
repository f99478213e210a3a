"""Bringing a batch of events into generations: their rows and their position in one transaction, in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import psycopg

from engine.domain import Event
from engine.domain.memory import MemoryErased
from engine.domain.message import MessageDeleted, MessageEdited, MessageErased
from engine.domain.quote import MessageQuoted, QuoteErased
from engine.domain.reply import ReplyErased
from projections.generations import Connection, Generation, set_schema
from projections.projection import Projection, Write
from projections.source import Fact

_REMOVALS = (MessageEdited, MessageDeleted, MessageErased, ReplyErased, MemoryErased, QuoteErased)


def _takes_words_off(event: Event) -> bool:
    """Whether an event takes words off the log; a quote that is quoted again takes its earlier words."""
    return isinstance(event, _REMOVALS) or (isinstance(event, MessageQuoted) and event.originator_version > 1)


CHANNEL = "tzurot_projected"
"""Where every transaction that moves live generations says how far they are."""


@dataclass(frozen=True, slots=True)
class Target:
    """A projection and the generation of it that is written."""

    projection: Projection
    generation: Generation

    @property
    def position(self) -> int:
        return self.generation.position

    def at(self, position: int) -> Self:
        return replace(self, generation=replace(self.generation, position=position))


class Folded(NamedTuple):
    """What each of several generations makes of the same events."""

    writes: Sequence[tuple[Target, list[Write]]]
    removal: int | None
    """The position of the last event among them that takes words off the log."""


def fold(targets: Sequence[Target], facts: Sequence[Fact]) -> Folded:
    """What each generation makes of the events that it does not hold yet."""
    folded = []
    for target in targets:
        is_new = facts and facts[0].position > target.position
        new = facts if is_new else [fact for fact in facts if fact.position > target.position]
        folded.append((target, target.projection.fold(new) if new else []))
    removal = next((fact.position for fact in reversed(facts) if _takes_words_off(fact.event)), None)
    return Folded(folded, removal)


async def write(connection: Connection, folded: Folded, upto: int) -> list[Target]:
    """Write what was folded; afterwards every target stands at `upto`.

    Raises psycopg.errors.RaiseException, having written nothing, when a generation is no longer what it was.
    """
    try:
        async with connection.pipeline():
            await connection.execute("begin")
            targets = await write_in_transaction(connection, folded, upto)
            await connection.execute("commit")
    except psycopg.Error:  # whatever it was, nothing of this batch is written: whoever called decides
        if not connection.closed:
            await connection.rollback()
        raise
    return targets


async def write_in_transaction(connection: Connection, folded: Folded, upto: int) -> list[Target]:
    """The same, as part of a transaction that has begun."""
    targets = [target for target, _ in folded.writes]
    if not targets:
        return []
    state = targets[0].generation.state
    schemas = [target.generation.schema for target in targets]
    async with connection.pipeline():
        if folded.removal is not None:
            await connection.execute("select tzurot.removed(%s, %s)", [folded.removal, schemas])
        await connection.execute("select tzurot.advance(%s, %s, %s)", [schemas, state, upto])
        for target, writes in folded.writes:
            if writes:
                await set_schema(connection, target.generation.schema)
            for statement, parameters in writes:
                await connection.execute(statement, parameters)
        if state == "live":
            await connection.execute("select pg_notify(%s, %s)", [CHANNEL, str(upto)])
    return [target.at(upto) for target in targets]
