"""Which replies a place still waits for, in the order in which they were asked for.

The deliverer asks, so that answers come in the order of the questions.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.domain.ids import ReplyKey, place_of, reply_id, reply_key
from engine.domain.message import MessageDeleted, MessageEdited, MessageErased, MessageHeard
from engine.domain.reply import ReplyDelivered, ReplyErased, ReplyFailed, ReplyWithdrawn
from projections.projection import Projection, Write, code_of, columns
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)


class _Asked(NamedTuple):
    reply: str
    message: str
    place: str
    rank: int
    heard_at: datetime
    heard_position: int


class AwaitedProjection(Projection):
    name = "awaited"
    code = code_of(__file__)
    tables = SQL["tables"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        asked: dict[str, _Asked] = {}
        ended: dict[str, ReplyKey] = {}
        gone: set[str] = set()
        for position, event in facts:
            match event:
                case MessageHeard():
                    asked |= _asked(event, event.timestamp, position)
                case MessageEdited():
                    asked |= _asked(event, event.heard_at, event.heard_position)
                case MessageDeleted() | MessageErased():
                    gone.add(event.originator_id)
                    asked = {reply: one for reply, one in asked.items() if one.message != event.originator_id}
                    ended = {reply: key for reply, key in ended.items() if key.message != event.originator_id}
                case ReplyDelivered() | ReplyWithdrawn() | ReplyErased() | ReplyFailed(is_permanent=True):
                    ended[event.originator_id] = reply_key(event.originator_id)
        writes: list[Write] = []
        if gone:
            writes.append(Write(SQL["end_messages"], [list(gone)]))
        if asked:
            writes.append(Write(SQL["ask"], columns(asked.values())))
        if ended:
            rows = ((reply, key.message, key.place) for reply, key in ended.items())
            writes.append(Write(SQL["end_replies"], columns(rows)))
        return writes


def _asked(message: MessageHeard | MessageEdited, heard_at: datetime, heard_position: int) -> dict[str, _Asked]:
    """An edit asks, too: it may be the first event that is left of its message, and come after the reply has ended."""
    id_ = message.originator_id
    replies = [reply_id(id_, character) for character in message.addresses]
    return {
        reply: _Asked(reply, id_, place_of(id_) or "", rank, heard_at, heard_position)
        for rank, reply in enumerate(replies)
    }
