"""Which replies a place still waits for, in the order in which they were asked for.

The deliverer asks, so that answers come in the order of the questions.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.domain.ids import place_of, reply_id
from engine.domain.message import MessageDeleted, MessageErased, MessageHeard
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
        ended_replies: set[str] = set()
        ended_messages: set[str] = set()
        for position, event in facts:
            match event:
                case MessageHeard():
                    asked |= {one.reply: one for one in _asked(position, event)}
                case MessageDeleted() | MessageErased():
                    ended_messages.add(event.originator_id)
                case ReplyDelivered() | ReplyWithdrawn() | ReplyErased() | ReplyFailed(is_permanent=True):
                    ended_replies.add(event.originator_id)
        still_asked = [
            one for one in asked.values() if one.reply not in ended_replies and one.message not in ended_messages
        ]
        earlier_replies, earlier_messages = ended_replies - asked.keys(), list(ended_messages)
        writes: list[Write] = []
        if earlier_replies:
            writes.append(Write(SQL["end_replies"], [list(earlier_replies)]))
        if earlier_messages:
            writes.append(Write(SQL["end_messages"], [earlier_messages]))
        if still_asked:
            writes.append(Write(SQL["ask"], columns(still_asked)))
        return writes


def _asked(position: int, heard: MessageHeard) -> list[_Asked]:
    message = heard.originator_id
    place = place_of(message) or ""
    return [
        _Asked(reply_id(message, character), message, place, rank, heard.timestamp, position)
        for rank, character in enumerate(heard.addresses)
    ]
