"""One blocking connection to a NATS server: sign-in, request and answer, streams of answers.

Not for two threads at once: the pool lends it to one at a time. After an error or a time-out the connection is
closed, since an answer that comes late must not be taken for the answer to the next question.
"""

import itertools
import secrets
import select
import socket
import ssl
import weakref
from time import monotonic
from typing import Any

import orjson

from engine.errors import LogUnavailable, Misconfigured
from engine.log.addresses import Address
from engine.log.inbound import Inbound
from engine.log.wire import Message, publication, sign_in

CONNECT_TIMEOUT_S = 2.0
REQUEST_TIMEOUT_S = 5.0
RECEIVE_BYTES = 262_144
DEFAULT_MAX_PAYLOAD_BYTES = 1_048_576


class Disconnected(LogUnavailable):
    """The connection to the log's server was lost, or the server did not answer in time."""


class Connection:
    """A signed-in connection. Raises Disconnected, and Misconfigured when the server refuses the sign-in."""

    def __init__(self, address: Address, *, connect_timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        self.address = address
        self.max_payload_bytes = DEFAULT_MAX_PAYLOAD_BYTES
        self.is_closed = False
        self._inbound = Inbound()
        self._has_pong = False
        self._inbox = b"_INBOX." + secrets.token_hex(11).encode() + b"."
        self._tokens = itertools.count(1)
        until = monotonic() + connect_timeout_s
        try:
            self._socket = socket.create_connection((address.host, address.port), timeout=connect_timeout_s)
        except OSError:
            raise Disconnected(f"No connection to the log's server at {address}.") from None
        self._finalizer = weakref.finalize(self, self._socket.close)
        try:
            self._sign_in(until)
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<Connection to {self.address}{' (closed)' if self.is_closed else ''}>"

    def close(self) -> None:
        self.is_closed = True
        self._finalizer()

    def is_usable(self) -> bool:
        """Whether an idle connection still stands; answers the server's pings that came meanwhile."""
        try:
            while not self.is_closed and self._poll.poll(0):
                if self.receive(monotonic()) is not None:
                    continue
        except Disconnected:
            return False
        return not self.is_closed

    def request(
        self, subject: bytes, body: bytes = b"", header: bytes = b"", *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> Message:
        """Publish and wait for the one answer."""
        inbox = self.new_inbox()
        self.send(publication(subject, inbox, header, body))
        return self.answer_to(inbox, monotonic() + timeout_s)

    def answer_to(self, inbox: bytes, until: float) -> Message:
        """The next answer that goes to this inbox; answers to others are left over from before and dropped."""
        while True:
            message = self.receive(until)
            if message is None:
                self.close()
                raise Disconnected(f"The log's server at {self.address} did not answer in time.")
            if message.subject == inbox:
                return message

    def answer_to_within(self, inbox: bytes, timeout_s: float) -> Message:
        """As `answer_to`, but the time counts from the last byte that had to be waited for."""
        message = self._next_buffered()
        if message is not None and message.subject == inbox:
            return message
        return self.answer_to(inbox, monotonic() + timeout_s)

    def new_inbox(self) -> bytes:
        """A subject that only this connection listens to, for one request's answers."""
        return self._inbox + str(next(self._tokens)).encode()

    def send(self, frames: bytes) -> None:
        try:
            self._socket.settimeout(REQUEST_TIMEOUT_S)
            self._socket.sendall(frames)
        except OSError:
            self.close()
            raise Disconnected(f"The connection to the log's server at {self.address} was lost.") from None

    def receive(self, until: float) -> Message | None:
        """The next message, or None when none came until then (a time of `time.monotonic`)."""
        while True:
            message = self._next_buffered()
            if message is not None:
                return message
            if not self._fill(until):
                return None

    def _fill(self, until: float) -> bool:
        """Read more from the socket; False when nothing came in time."""
        try:
            self._socket.settimeout(max(until - monotonic(), 0.0001))
            chunk = self._socket.recv(RECEIVE_BYTES)
        except TimeoutError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self.close()
            raise Disconnected(f"The connection to the log's server at {self.address} was lost.")
        self._inbound.feed(chunk)
        return True

    def _next_buffered(self) -> Message | None:
        """Take the next whole message from what was read; what is no message is dealt with on the way."""
        while (found := self._inbound.take()) is not None:
            if isinstance(found, Message):
                return found
            self._take_control_line(found)
        return None

    def _take_control_line(self, line: bytes) -> None:
        kind = line[:2]
        if kind == b"PI":
            self.send(b"PONG\r\n")
        elif kind == b"PO":
            self._has_pong = True
        elif kind == b"IN":
            self._take_info(orjson.loads(line[len(b"INFO ") :]))
        elif kind == b"-E":
            self.close()
            text = line[len(b"-ERR ") :].decode(errors="replace").strip(" '")
            if text.lower().startswith(("authorization", "authentication", "permissions violation")):
                raise Misconfigured(f"The log's server at {self.address} refused: {text}. Check NATS_URL.")
            raise Disconnected(f"The log's server at {self.address} closed the connection: {text}.")

    def _take_info(self, info: dict[str, Any]) -> None:
        self.max_payload_bytes = int(info.get("max_payload", DEFAULT_MAX_PAYLOAD_BYTES))

    def _sign_in(self, until: float) -> None:
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        info = self._first_info(until)
        self._take_info(info)
        if self.address.is_tls or info.get("tls_required"):
            self._encrypt()
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self.send(sign_in(self.address.credentials(), self._inbox))
        while not self._has_pong:
            if self._next_buffered() is None and not self._has_pong and not self._fill(until):
                raise Disconnected(f"The log's server at {self.address} did not answer in time.")

    def _first_info(self, until: float) -> dict[str, Any]:
        while (line := self._inbound.take()) is None:
            if not self._fill(until):
                raise Disconnected(f"The log's server at {self.address} did not answer in time.")
        if isinstance(line, Message) or not line.startswith(b"INFO "):
            raise Misconfigured(f"What answers at {self.address} is no NATS server: check NATS_URL.")
        info: dict[str, Any] = orjson.loads(line[len(b"INFO ") :])
        return info

    def _encrypt(self) -> None:
        try:
            encrypted = ssl.create_default_context().wrap_socket(self._socket, server_hostname=self.address.host)
        except ssl.SSLError as error:
            raise Misconfigured(f"The log's server at {self.address} cannot be trusted: {error.reason}.") from None
        except OSError:
            raise Disconnected(f"The connection to the log's server at {self.address} was lost.") from None
        self._finalizer.detach()
        self._socket = encrypted
        self._finalizer = weakref.finalize(self, encrypted.close)
