"""The library's subscription on a stream: a thread that reads pages, woken when something was stored.

It is woken by a consumer of the stream, not by the publication itself, which others see before it is stored.
"""

import secrets
import threading
from collections.abc import Sequence
from time import monotonic
from typing import Any, override

import orjson
from eventsourcing.persistence import ApplicationRecorder, ListenNotifySubscription

from engine.errors import LogUnavailable
from engine.log.connection import Connection, Disconnected
from engine.log.pool import FIRST_PAUSE_S, LONGEST_PAUSE_S
from engine.log.stream import Stream
from engine.log.subjects import EVENTS
from engine.log.wire import publication

HEARTBEAT_S = 5
WAKE_INTERVAL_S = 0.1
NANOSECONDS = 1_000_000_000


class LogSubscription(ListenNotifySubscription[ApplicationRecorder]):
    """Yields what is recorded and what will be."""

    def __init__(
        self, recorder: ApplicationRecorder, stream: Stream, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        self._listener = Listener(stream)
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._listener.start(self._has_been_notified)

    @override
    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listener.join()

    @override
    def stop(self) -> None:
        super().stop()
        self._listener.stop()


class Listener:
    """Sets an event whenever the stream may have stored something."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._has_stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, stored: threading.Event) -> None:
        if not self._has_stopped.is_set():
            self._thread = threading.Thread(target=self._run, args=(stored,), daemon=True, name="log-listener")
            self._thread.start()

    def stop(self) -> None:
        self._has_stopped.set()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self, stored: threading.Event) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._has_stopped.is_set():
            try:
                connection = self._stream.pool.connect()
            except LogUnavailable:
                # No server just now: the subscription stays, and what is stored meanwhile is read afterwards.
                self._has_stopped.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            try:
                self._listen(connection, stored)
            except Disconnected:
                continue  # nothing is lost: the next connection wakes the reader first of all
            finally:
                connection.close()

    def _listen(self, connection: Connection, stored: threading.Event) -> None:
        inbox = connection.new_inbox()
        config = {
            "deliver_subject": inbox.decode(),
            "deliver_policy": "new",
            "ack_policy": "none",
            "headers_only": True,
            "filter_subject": f"{self._stream.name}.{EVENTS}.>",
            "idle_heartbeat": HEARTBEAT_S * NANOSECONDS,
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": 2 * HEARTBEAT_S * NANOSECONDS,
        }
        name = secrets.token_hex(8)
        query = {"stream_name": self._stream.name, "config": {**config, "name": name}}
        created = connection.request(
            f"$JS.API.CONSUMER.CREATE.{self._stream.name}.{name}".encode(), orjson.dumps(query)
        )
        if created.status is not None or b'"error"' in created.body:
            self._has_stopped.wait(LONGEST_PAUSE_S)
            raise Disconnected
        stored.set()
        last_heard = monotonic()
        while not self._has_stopped.is_set():
            message = connection.receive(monotonic() + WAKE_INTERVAL_S)
            if message is None:
                if monotonic() - last_heard > 2 * HEARTBEAT_S:
                    raise Disconnected
                continue
            last_heard = monotonic()
            if message.status is None:
                stored.set()
        connection.send(publication(f"$JS.API.CONSUMER.DELETE.{self._stream.name}.{name}".encode(), b"", b"", b""))
