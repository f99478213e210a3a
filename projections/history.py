"""What was said in a place, in order, and since which epoch a character sees it.

It holds the text that stands: an edit replaces it, and what was erased is not there. Whoever reads a reply reads it
with its message, which decides the epoch that both belong to. What messages brought along stands beside them.
"""

from collections.abc import Sequence

from engine.domain import Event, attachment
from engine.domain.history import HistoryCleared, HistoryClearUndone
from projections import conversation
from projections.conversation import DescribedRow, MessageRow, QuoteRow, ReplyRow, fold_conversation
from projections.projection import Projection, Write, code_of, columns
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)


class HistoryProjection(Projection):
    name = "history"
    code = code_of(__file__, conversation.__file__, attachment.__file__)
    tables = SQL["tables"] + b"\n" + SQL["told"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        batch = fold_conversation(facts)
        writes: list[Write] = []
        if batch.gone_messages:
            writes.append(Write(SQL["delete_messages"], {"ids": list(batch.gone_messages)}))
        if batch.gone_replies:
            writes.append(Write(SQL["delete_replies"], [list(batch.gone_replies)]))
        if batch.gone_quotes:
            writes.append(Write(SQL["delete_quotes"], [list(batch.gone_quotes)]))
        if clears := [_new_clear(position, event) for position, event in facts if _is_new_clear(event)]:
            writes.append(Write(SQL["clear"], columns(clears)))
        writes += [write for position, event in facts if (write := _clear_moves(position, event))]
        if heard := batch.heard:
            writes.append(Write(SQL["hear"], columns(map(_message_row, heard))))
        if edited := batch.edited:
            writes.append(Write(SQL["edit"], columns(map(_message_row, edited))))
        if batch.described:
            writes.append(Write(SQL["describe"], columns(map(_described_row, batch.described.values()))))
        if batch.replies:
            writes.append(Write(SQL["reply"], columns(map(_reply_row, batch.replies.values()))))
        if batch.quotes:
            writes.append(Write(SQL["quote"], columns(map(_quote_row, batch.quotes.values()))))
        return writes


def _is_new_clear(event: Event) -> bool:
    return isinstance(event, HistoryCleared) and event.again is None


def _new_clear(position: int, event: Event) -> tuple[object, ...]:
    return (*_conversation(event), event.originator_version, event.timestamp, position)


def _clear_moves(position: int, event: Event) -> Write | None:
    """What an earlier clear comes to; of a new one nothing else in the batch can stand before it."""
    match event:
        case HistoryCleared(again=int(version)):
            statement = "clear_again"
        case HistoryClearUndone(undone=version):
            statement = "undo_clear"
        case _:
            return None
    person, persona, character = _conversation(event)
    scope = {"person": person, "persona": persona, "character": character, "version": version}
    return Write(SQL[statement], {**scope, "position": position})


def _conversation(event: Event) -> tuple[str, str, str]:
    _, person, persona, character = event.originator_id.split(".")
    return person, persona, character


def _message_row(message: MessageRow) -> tuple[object, ...]:
    return (
        message.id,
        message.version,
        message.place,
        message.person,
        " ".join(message.addresses),  # an array of arrays would have to be even; ids have no spaces
        message.is_private,
        message.text,
        message.tokens,
        message.at,
        message.position,
        message.in_reply_to,
        " ".join(message.refers_to) or None,
    )


def _described_row(described: DescribedRow) -> tuple[object, ...]:
    return (described.id, described.version, described.text, described.tokens)


def _reply_row(reply: ReplyRow) -> tuple[object, ...]:
    return (
        reply.id,
        reply.version,
        reply.place,
        reply.person,
        reply.persona,
        reply.character,
        reply.message,
        reply.text,
        reply.tokens,
        reply.delivered_at or reply.composed_at,
        reply.position,
    )


def _quote_row(quote: QuoteRow) -> tuple[object, ...]:
    return (
        quote.id,
        quote.version,
        quote.person,
        quote.author,
        quote.text,
        quote.tokens,
        quote.is_forward,
        quote.position,
    )
