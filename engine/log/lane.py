"""Independent appends of many threads, sent together (`coalescing.py` says how).

The first thread that comes sends its own at once and waits for nothing: a lone append pays for no queue. Who comes
while it waits for the server is sent in the next round, by one of the waiting threads.
"""

import threading
from time import monotonic
from typing import TYPE_CHECKING

from engine.log.coalescing import MAX_ROUND, MAX_ROUND_BYTES, Coalescing, new_batch_id
from engine.log.connection import REQUEST_TIMEOUT_S, Connection, Disconnected
from engine.log.entries import Entry, Trouble, batch_frames, judge
from engine.log.pool import Pool

if TYPE_CHECKING:
    from engine.log.wire import Message


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
        self._coalescing = Coalescing()

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
                is_batch = self._coalescing.is_batch_worthwhile([ticket.entry for ticket in tickets])
                if is_batch and self._as_batch(connection, tickets):
                    return
                self._one_by_one(connection, tickets)
        except Disconnected:
            # Those without an answer are of unknown outcome: each one's own thread finds out.
            return

    def _as_batch(self, connection: Connection, tickets: list[Ticket]) -> bool:
        """Store all at once; False when nothing was stored and each is to be sent by itself."""
        first_reply, last_reply = connection.new_inbox(), connection.new_inbox()
        entries = [ticket.entry for ticket in tickets]
        for ticket in tickets:
            ticket.was_sent = True
        connection.send(batch_frames(entries, new_batch_id(), first_reply, last_reply))
        answer = connection.answer_to(last_reply, monotonic() + REQUEST_TIMEOUT_S)
        try:
            verdict = judge(answer)
        except Exception:  # noqa: BLE001 -- sent singly, the one that is at fault meets its own refusal
            verdict = Trouble.CONFLICT
        if isinstance(verdict, Trouble):
            self._coalescing.batch_was_refused()
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
