"""The connections of one application to the log: lent to one thread at a time, made anew when lost.

Reads are simply asked again until a deadline. Appends are not: what becomes of them is `appending.py`'s question.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from engine.errors import LogUnavailable
from engine.log.addresses import Address, parse_addresses
from engine.log.connection import DEFAULT_MAX_PAYLOAD_BYTES, Connection, Disconnected

DEADLINE_S = 30.0
FIRST_PAUSE_S = 0.01
LONGEST_PAUSE_S = 0.5
MAX_IDLE_CONNECTIONS = 64


class NotReady(LogUnavailable):
    """The log's server is up but the stream does not answer yet."""


class Pool:
    """Connections to the servers of one NATS_URL."""

    def __init__(self, urls: str, *, deadline_s: float = DEADLINE_S) -> None:
        self.deadline_s = deadline_s
        self.max_payload_bytes = DEFAULT_MAX_PAYLOAD_BYTES
        self.addresses: tuple[Address, ...] = parse_addresses(urls)
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __repr__(self) -> str:
        return f"<Pool of connections to {', '.join(map(str, self.addresses))}>"

    def close(self) -> None:
        """Close what is idle now and what is lent when it comes back."""
        self._closed.set()
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def connect(self) -> Connection:
        """A connection of one's own, to the first server that answers; the caller closes it.

        Raises Disconnected when none does.
        """
        if self._closed.is_set():
            raise Disconnected("The connections to the log were closed.")
        addresses = self.addresses
        for index, address in enumerate(addresses):
            try:
                connection = Connection(address)
            except Disconnected:
                # The next server may answer; only when none does is the caller told.
                if index == len(addresses) - 1:
                    raise
                continue
            if index:
                self.addresses = addresses[index:] + addresses[:index]
            self.max_payload_bytes = connection.max_payload_bytes
            return connection
        raise AssertionError("parse_addresses returns at least one address")

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """Lend a connection; one that was lost in use is not taken back. Raises Disconnected."""
        connection = self._take_idle() or self.connect()
        try:
            yield connection
        except NotReady:
            # A whole answer arrived: the connection is as good as before.
            self._take_back(connection)
            raise
        except BaseException:
            # It may stand in the middle of a frame or of an answer: it is not lent again.
            connection.close()
            raise
        self._take_back(connection)

    def perform[T](self, work: Callable[[Connection], T]) -> T:
        """Do work that may be repeated without harm, again after each loss of connection, until the deadline.

        Raises LogUnavailable when no server answers until then.
        """
        until = monotonic() + self.deadline_s
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                with self.lend() as connection:
                    return work(connection)
            except (Disconnected, NotReady) as error:
                # The work changed nothing that matters: it is done again on another connection.
                self.pause(pause_s, until, error)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def pause(self, pause_s: float, until: float, error: LogUnavailable) -> None:
        """Wait before another attempt; raises LogUnavailable when the deadline or the pool's end came."""
        if monotonic() + pause_s > until or self._closed.wait(pause_s):
            raise LogUnavailable(f"The log did not answer in time: {error.message}") from error

    def _take_idle(self) -> Connection | None:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None or connection.is_usable():
                return connection
            connection.close()

    def _take_back(self, connection: Connection) -> None:
        if connection.is_closed:
            return
        with self._lock:
            if not self._closed.is_set() and len(self._idle) < MAX_IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()
