"""Appending to the log so that the outcome is known before the caller goes on.

After a lost connection or a time-out a message may have been stored or not, and may even be stored later, when the
server comes to it. So it is sent again, with the same condition and the same id: of the attempts one at most can be
stored, since each one states the sequence that it builds on. A conflict then asks the stream's leader what stands at
that place: this very message (an earlier attempt was stored, its answer lost) is success with that message's
sequence, any other is a conflict. Only a server that stays away beyond the deadline leaves the outcome open.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from eventsourcing.persistence import IntegrityError

from engine.errors import EventTooLarge, LogError, LogFull, LogUnavailable
from engine.log.capacity import Capacity
from engine.log.coalescing import new_batch_id
from engine.log.connection import REQUEST_TIMEOUT_S, Connection, Disconnected
from engine.log.entries import Entry, Trouble, batch_frames, check_size, judge
from engine.log.lane import Lane
from engine.log.pool import FIRST_PAUSE_S, LONGEST_PAUSE_S
from engine.log.stream import Stream
from engine.log.wire import Message

MAX_OPEN_BATCHES = 16  # of one process; the server takes 50 of all processes

type Attempt = Callable[[], int | Trouble]


class Appender:
    """Appends to one stream, for any number of threads."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pool = stream.pool
        self._lane = Lane(stream.pool)
        self._open_batches = threading.BoundedSemaphore(MAX_OPEN_BATCHES)
        self.capacity = Capacity(stream)

    def append(self, entries: list[Entry]) -> int:
        """Store these messages, all or none, and return the first one's sequence; the others follow it.

        Raises IntegrityError (the place is taken), EventTooLarge, LogFull, LogUnavailable.
        """
        check_size(entries, self._pool.max_payload_bytes)
        if len(entries) == 1:
            entry = entries[0]
            verdict = self._lane.send(entry)
            first = (
                verdict
                if isinstance(verdict, int)
                else self._settle(verdict, entries, lambda: self._send(lambda lent: _one(lent, entry)))
            )
        else:
            with self._open_batches:
                first = self._settle(Trouble.NOT_TAKEN, entries, lambda: self._send(lambda lent: _batch(lent, entries)))
        if self.capacity.is_due(len(entries)):
            self.capacity.check()
        return first

    def refusal(self, entry: Entry) -> EventTooLarge | None:
        """Why the server would not take this message at all; None where it would."""
        try:
            check_size([entry], self._pool.max_payload_bytes)
        except EventTooLarge as refusal:
            return refusal
        return None

    def settle_each(self, troubled: Sequence[tuple[Entry, Trouble]]) -> list[int | IntegrityError | LogError]:
        """Find out what became of messages that were sent once by others, and send again what is not stored.

        They have nothing to do with one another: each one's sequence, or why it is not stored.
        """
        # All at once: when the server is away, nobody is to wait for the others' deadlines before their own.
        with ThreadPoolExecutor(len(troubled), thread_name_prefix="settle") as threads:
            return list(threads.map(self._outcome, *zip(*troubled, strict=True)))

    def _outcome(self, entry: Entry, verdict: Trouble) -> int | IntegrityError | LogError:
        try:
            return self._settle(verdict, [entry], lambda: self._send(lambda lent: _one(lent, entry)))
        except (IntegrityError, LogError) as refusal:
            return refusal  # each is told of its own, and the others go on

    def _settle(self, verdict: int | Trouble, entries: list[Entry], attempt: Attempt) -> int:
        """Make further attempts until it is known what became of these messages."""
        until = monotonic() + self._pool.deadline_s
        pause_s = 0.0
        may_be_stored = verdict is Trouble.UNKNOWN
        error = LogUnavailable()
        try:
            while isinstance(verdict, Trouble):
                if verdict is Trouble.CONFLICT:
                    return self._own_sequence(entries)
                self._pool.pause(pause_s, until, error)
                pause_s = min(max(pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
                try:
                    verdict = attempt()
                except LogFull:
                    # An earlier attempt may have been the last that found room.
                    found = self._find(entries) if may_be_stored else None
                    if found is None:
                        raise
                    return found
                may_be_stored = may_be_stored or verdict is Trouble.UNKNOWN
        except LogUnavailable as unavailable:
            if may_be_stored or verdict is Trouble.CONFLICT:
                raise LogUnavailable(
                    "The log's server did not come back in time, and it is not known whether the event was "
                    "recorded: look for it before trying again."
                ) from unavailable
            raise LogUnavailable from unavailable
        return verdict

    def _send(self, work: Callable[[Connection], Message]) -> int | Trouble:
        was_sent = False
        try:
            with self._pool.lend() as connection:
                was_sent = True
                return judge(work(connection))
        except Disconnected:
            # Without a connection nothing was sent; afterwards, whatever was sent may have been stored.
            return Trouble.UNKNOWN if was_sent else Trouble.NOT_TAKEN

    def _own_sequence(self, entries: list[Entry]) -> int:
        """The first sequence of these messages where they are what stands there; raises IntegrityError if not."""
        found = self._find(entries)
        if found is None:
            raise IntegrityError(f"Another event was recorded at this place of {entries[0].subject}")
        return found

    def _find(self, entries: list[Entry]) -> int | None:
        """The first sequence of these messages if they are stored, by the ids of the first and the last one."""
        first, last = entries[0], entries[-1]
        found = self._stream.first_after(first.subject, first.expected or 0)
        if found is None or found[1] != first.message_id:
            return None
        sequence = found[0]
        last_sequence = sequence + len(entries) - 1
        if len(entries) > 1 and self._stream.message_id_at(last_sequence) != (last_sequence, last.message_id):
            return None
        return sequence


def _one(connection: Connection, entry: Entry) -> Message:
    inbox = connection.new_inbox()
    connection.send(entry.frame(inbox))
    return connection.answer_to(inbox, monotonic() + REQUEST_TIMEOUT_S)


def _batch(connection: Connection, entries: list[Entry]) -> Message:
    """Send an atomic batch; the answer is the refusal of its first message, or that of its commit."""
    first_reply, last_reply = connection.new_inbox(), connection.new_inbox()
    connection.send(batch_frames(entries, new_batch_id(), first_reply, last_reply))
    opening = connection.answer_to(first_reply, monotonic() + REQUEST_TIMEOUT_S)
    commit = connection.answer_to(last_reply, monotonic() + REQUEST_TIMEOUT_S)
    return opening if opening.body or opening.status else commit
