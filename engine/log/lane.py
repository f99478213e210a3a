"""Independent appends of many threads, sent together.

The first thread that comes sends its own at once and waits for nothing: a lone append pays for no queue. Who comes
while it waits for the server is sent in the next round, by one of the waiting threads. Up to a dozen go as separate
messages, one behind the other; more go as one atomic batch, since the server syncs its file once for a batch and
once for every single message. A batch in which one message conflicts stores nothing: its messages are then sent one
by one, and the next rounds stay with singles for a while.
"""

import secrets
import threading
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from engine.errors import LogError
from engine.log.connection import REQUEST_TIMEOUT_S, Connection, Disconnected
from engine.log.entries import Entry, Trouble, batch_frames, judge
from engine.log.pool import Pool

if TYPE_CHECKING:
    from engine.log.wire import Message

BATCH_FROM = 12  # measured: below, singles are answered sooner than a batch is
MAX_ROUND = 256
MAX_ROUND_BYTES = 4_000_000
ROUNDS_OF_SINGLES_AFTER_A_CONFLICT = 8
BATCH_ID_BYTES = 12


class Ticket:
    """One append on its way. `first_sequence` or `answer` is what became of it; neither: it is not known."""

    __slots__ = ("answer", "entry", "first_sequence", "gate", "leads", "was_sent")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.answer: Message | None = None
        self.first_sequence: int | None = None
        self.gate = threading.Lock()
        self.leads = False
        self.was_sent = False

    def verdict(self) -> int | Trouble:
        """What became of it. Raises what `judge` raises."""
        if self.first_sequence is not None:
            return self.first_sequence
        if self.answer is None and not self.was_sent:
            return Trouble.NOT_TAKEN
        return judge(self.answer)


class Lane:
    """The way to one stream for single messages."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._waiting: list[Ticket] = []
        self._is_busy = False
        self._rounds_of_singles = 0

    def send(self, entry: Entry) -> int | Trouble:
        """Send one message, together with those of other threads. Raises what `judge` raises."""
        ticket = Ticket(entry)
        with self._lock:
            must_wait = self._is_busy
            if must_wait:
                ticket.gate.acquire()
                self._waiting.append(ticket)
            self._is_busy = True
        if must_wait:
            ticket.gate.acquire()  # opened by the round's leader: with an answer, or to lead the next round
        if not must_wait or ticket.leads:
            self._lead(ticket)
        return ticket.verdict()

    def send_each(self, entries: Sequence[Entry]) -> list[int | Trouble | LogError]:
        """Send messages that come together in one round, and say what became of each: its sequence or its refusal."""
        tickets = [Ticket(entry) for entry in entries]
        for round_ in _rounds(tickets):
            self._run(round_)
        return [_verdict_or_refusal(ticket) for ticket in tickets]

    def _lead(self, own: Ticket) -> None:
        with self._lock:
            riders = self._take_riders(own)
        try:
            self._run([own, *riders])
        finally:
            for rider in riders:
                rider.gate.release()
            with self._lock:
                successor = self._waiting.pop(0) if self._waiting else None
                self._is_busy = successor is not None
            if successor is not None:
                successor.leads = True
                successor.gate.release()

    def _take_riders(self, own: Ticket) -> list[Ticket]:
        size_bytes, count = own.entry.size_bytes, 0
        for ticket in self._waiting[: MAX_ROUND - 1]:
            size_bytes += ticket.entry.size_bytes
            if size_bytes > MAX_ROUND_BYTES:
                break
            count += 1
        riders, self._waiting = self._waiting[:count], self._waiting[count:]
        return riders

    def _run(self, tickets: list[Ticket]) -> None:
        try:
            with self._pool.lend() as connection:
                if self._is_batch_worthwhile(tickets) and self._as_batch(connection, tickets):
                    return
                self._one_by_one(connection, tickets)
        except Disconnected:
            # Those without an answer are of unknown outcome: each one's own thread finds out.
            return

    def _is_batch_worthwhile(self, tickets: list[Ticket]) -> bool:
        if len(tickets) < BATCH_FROM:
            return False
        if self._rounds_of_singles > 0:
            self._rounds_of_singles -= 1
            return False
        return len({ticket.entry.subject for ticket in tickets}) == len(tickets)

    def _as_batch(self, connection: Connection, tickets: list[Ticket]) -> bool:
        """Store all at once; False when nothing was stored and each is to be sent by itself."""
        first_reply, last_reply = connection.new_inbox(), connection.new_inbox()
        entries = [ticket.entry for ticket in tickets]
        for ticket in tickets:
            ticket.was_sent = True
        connection.send(batch_frames(entries, secrets.token_hex(BATCH_ID_BYTES), first_reply, last_reply))
        answer = connection.answer_to(last_reply, monotonic() + REQUEST_TIMEOUT_S)
        try:
            verdict = judge(answer)
        except Exception:  # noqa: BLE001 -- sent singly, the one that is at fault meets its own refusal
            verdict = Trouble.CONFLICT
        if isinstance(verdict, Trouble):
            self._rounds_of_singles = ROUNDS_OF_SINGLES_AFTER_A_CONFLICT
            return False
        for offset, ticket in enumerate(tickets):
            ticket.first_sequence = verdict + offset
        return True

    def _one_by_one(self, connection: Connection, tickets: list[Ticket]) -> None:
        waiting = {connection.new_inbox(): ticket for ticket in tickets}
        for ticket in tickets:
            ticket.was_sent = True
        connection.send(b"".join(ticket.entry.frame(inbox) for inbox, ticket in waiting.items()))
        while waiting:
            message = connection.receive(monotonic() + REQUEST_TIMEOUT_S)
            if message is None:
                connection.close()
                raise Disconnected
            ticket_answered = waiting.pop(message.subject, None)
            if ticket_answered is not None:
                ticket_answered.answer = message


def _rounds(tickets: list[Ticket]) -> Iterator[list[Ticket]]:
    """As few rounds as their number and size allow."""
    round_: list[Ticket] = []
    size_bytes = 0
    for ticket in tickets:
        size_bytes += ticket.entry.size_bytes
        if round_ and (size_bytes > MAX_ROUND_BYTES or len(round_) >= MAX_ROUND):
            yield round_
            round_, size_bytes = [], ticket.entry.size_bytes
        round_.append(ticket)
    if round_:
        yield round_


def _verdict_or_refusal(ticket: Ticket) -> int | Trouble | LogError:
    try:
        return ticket.verdict()
    except LogError as refusal:
        return refusal  # the others of the round are not touched by it
