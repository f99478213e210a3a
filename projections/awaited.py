"""Which replies a place still waits for, in the order in which they were asked for.

The deliverer asks, so that answers come in the order of the questions. A reply that failed has ended; on platforms
where that is told, those after it wait until its notice stands, too.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from engine.domain import Event
from engine.domain.ids import place_of, reply_id, reply_key
from engine.domain.message import MessageDeleted, MessageEdited, MessageErased, MessageHeard
from engine.domain.reply import (
    ReplyDelivered,
    ReplyErased,
    ReplyFailed,
    ReplyPosted,
    ReplyUndeliverable,
    ReplyWithdrawn,
)
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
        batch = _Batch()
        for position, event in facts:
            batch.take(position, event)
        writes: list[Write] = []
        if batch.gone:
            writes.append(Write(SQL["end_messages"], [list(batch.gone)]))
        if batch.asked:
            writes.append(Write(SQL["ask"], columns(one for asked in batch.asked.values() for one in asked)))
        if batch.ended:
            rows = (
                (reply, message, place_of(message), is_untold)
                for message, ended in batch.ended.items()
                for reply, is_untold in ended.items()
            )
            writes.append(Write(SQL["end_replies"], columns(rows)))
        if batch.posted:
            writes.append(Write(SQL["tell"], [list(batch.posted)]))
        return writes


class _Batch:
    """What some events say, in the order of the log."""

    def __init__(self) -> None:
        self.asked: dict[str, list[_Asked]] = {}
        """By message."""
        self.ended: defaultdict[str, dict[str, bool]] = defaultdict(dict)
        """By message and reply, and whether it failed without anybody having been told."""
        self.posted: set[str] = set()
        self.gone: set[str] = set()

    def take(self, position: int, event: Event) -> None:
        id_ = event.originator_id
        match event:
            case MessageHeard():
                self._ask(event, event.timestamp, position)
            case MessageEdited():
                self._ask(event, event.heard_at, event.heard_position)
            case MessageDeleted() | MessageErased():
                self.gone.add(id_)
                self.asked.pop(id_, None)
                self.ended.pop(id_, None)
            case ReplyFailed(is_permanent=True):
                self.ended[reply_key(id_).message][id_] = True
            case ReplyDelivered() | ReplyWithdrawn() | ReplyUndeliverable() | ReplyErased():
                self.ended[reply_key(id_).message][id_] = False
            case ReplyPosted():
                self.posted.add(id_)

    def _ask(self, message: MessageHeard | MessageEdited, heard_at: datetime, heard_position: int) -> None:
        """An edit asks, too: it may be the first event left of its message, and come after the reply has ended."""
        id_ = message.originator_id
        if message.addresses:
            place = place_of(id_) or ""
            self.asked[id_] = [
                _Asked(reply_id(id_, character), id_, place, rank, heard_at, heard_position)
                for rank, character in enumerate(message.addresses)
            ]
