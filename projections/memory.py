"""What characters remember: every delivered reply with its message, and what their person did to it.

Each text is kept once, in `said` and `answered`; a memory joins them. So an erased message takes every memory of it
along, and an edited one is remembered by its new words. Readers are given the view `memory`, which leaves out what
was forgotten: no query of theirs can bring it up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.domain import attachment
from engine.domain.ids import reply_of_memory
from engine.domain.memory import (
    MemoryEdited,
    MemoryErased,
    MemoryForgotten,
    MemoryLocked,
    MemoryRestored,
    MemoryUnlocked,
)
from projections import conversation
from projections.conversation import MessageRow, ReplyRow, fold_conversation
from projections.projection import Projection, Write, code_of, columns, storable
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)


@dataclass(slots=True)
class _Touch:
    """What a batch does to one memory; None for what it leaves as it was."""

    version: int
    is_locked: bool | None = None
    is_forgotten: bool | None = None
    is_edited: bool = False
    edited: str | None = None
    is_erased: bool = False


class MemoryProjection(Projection):
    name = "memory"
    code = code_of(__file__, conversation.__file__, attachment.__file__)
    tables = SQL["tables"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        batch = fold_conversation(facts)
        touches = _fold_touches(facts)
        heard = [_message_row(message) for message in batch.heard if message.addresses]
        edited = [_message_row(message) for message in batch.edited if message.addresses]
        described = [(it.id, it.version, it.text, it.tokens) for it in batch.described.values()]
        told = [reply for reply in batch.replies.values() if reply.person is not None]
        delivered = [(reply.id, reply.position) for reply in batch.replies.values() if reply.position is not None]
        writes: list[Write] = []
        if batch.gone_messages:
            writes.append(Write(SQL["delete_messages"], {"ids": list(batch.gone_messages)}))
        if batch.gone_replies:
            writes.append(Write(SQL["delete_replies"], {"ids": list(batch.gone_replies)}))
        if heard:
            writes.append(Write(SQL["hear"], columns(heard)))
        if edited:
            writes.append(Write(SQL["edit"], columns(edited)))
        if described:
            writes.append(Write(SQL["describe"], columns(described)))
        if told:
            writes.append(Write(SQL["answer"], columns(map(_answer_row, told))))
        if delivered:
            writes.append(Write(SQL["remember"], columns(delivered)))
        if reworded := [row[0] for row in (*edited, *described)]:
            writes.append(Write(SQL["remember_anew"], [reworded]))
        return writes + _touching(touches)


def _message_row(message: MessageRow) -> tuple[object, ...]:
    return (
        message.id,
        message.version,
        message.text,
        message.tokens,
        message.is_private,
        message.at,
        message.position,
    )


def _answer_row(reply: ReplyRow) -> tuple[object, ...]:
    return (
        reply.id,
        reply.message,
        reply.place,
        reply.character,
        reply.person,
        reply.persona,
        reply.version,
        reply.text,
        reply.tokens,
    )


def _fold_touches(facts: Sequence[Fact]) -> dict[str, _Touch]:
    touches: dict[str, _Touch] = {}
    for _, event in facts:
        if not event.originator_id.startswith("memory."):
            continue
        touch = touches.setdefault(reply_of_memory(event.originator_id), _Touch(event.originator_version))
        touch.version = event.originator_version
        match event:
            case MemoryEdited():
                # where its key was destroyed, so was that of the words it stood for: then no memory is left at all
                touch.is_edited, touch.edited = True, storable(event.text) if isinstance(event.text, str) else None
            case MemoryLocked() | MemoryUnlocked():
                touch.is_locked = isinstance(event, MemoryLocked)
            case MemoryForgotten() | MemoryRestored():
                touch.is_forgotten = isinstance(event, MemoryForgotten)
            case MemoryErased():
                touch.is_erased = True
    return touches


def _touching(touches: dict[str, _Touch]) -> list[Write]:
    erased = [reply for reply, touch in touches.items() if touch.is_erased]
    rows = [
        (reply, touch.version, touch.is_locked, touch.is_forgotten, touch.is_edited, touch.edited)
        for reply, touch in touches.items()
        if not touch.is_erased
    ]
    reworded = [reply for reply, touch in touches.items() if touch.is_edited and not touch.is_erased]
    writes = [Write(SQL["touch"], columns(rows))] if rows else []
    if reworded:
        writes.append(Write(SQL["reword"], [reworded]))
    if erased:
        writes.append(Write(SQL["delete_memories"], [erased]))
    return writes
