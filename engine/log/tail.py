"""Following the log live: new events within milliseconds, none left out, memory bounded. Asynchronous.

The client library's own ordered consumer counts a message before it drops it for a full queue, so that nothing
notices the loss. Here the consumer's own sequence is checked message by message when it is taken out of the queue:
a gap, a missed heartbeat or a new connection each lead to a new consumer that begins after the last event handed
out. The server stops sending while its flow control request is unanswered, and it is answered in turn, when what
came before it was taken out: so what waits here never exceeds that window.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import nats
import orjson
from eventsourcing.persistence import Notification
from nats.aio.client import Client
from nats.aio.msg import Msg

from engine.errors import LogError, LogUnavailable, LogWentBackwards
from engine.log.addresses import parse_addresses
from engine.log.subjects import EVENTS

if TYPE_CHECKING:
    from nats.aio.subscription import Subscription

MAX_PAGE_EVENTS = 1000
MAX_QUEUED_MESSAGES = 20_000
HEARTBEAT_S = 1.0
MISSED_HEARTBEATS = 3
CONNECT_TIMEOUT_S = 10.0
REQUEST_TIMEOUT_S = 5.0
RECONNECT_WAIT_S = 0.1
RESUME_PAUSE_S = 0.1
NANOSECONDS = 1_000_000_000
ACK_TOKENS = 9  # $JS.ACK.stream.consumer.delivered.sequence.consumer-sequence.time.pending; two more with a domain

logger = logging.getLogger(__name__)


class _Interrupted(Exception):
    """The consumer is gone or left something out: resume after the last event handed out."""


class Tail:
    """Follows one stream for one reader."""

    def __init__(self, url: str, stream: str, *, max_page_events: int = MAX_PAGE_EVENTS) -> None:
        self._addresses = parse_addresses(url)
        self._stream = stream
        self._prefix = f"{stream}.{EVENTS}."
        self._max_page_events = max_page_events
        self._client: Client | None = None
        self._session: _Session | None = None
        self._position = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def follow(self, after: int) -> AsyncIterator[list[Notification]]:
        """Yield lists of events after a position, in order, for ever; what has queued up comes as one list.

        Survives restarts of the server. Raises LogUnavailable when no server answers at the beginning, and
        LogWentBackwards when the position lies beyond the log's end.
        """
        client = await self._connect()
        self._position = after
        while True:
            try:
                self._session = await self._open(client)
                while True:
                    page = await self._session.next_page(self._max_page_events)
                    if page:
                        self._position = page[-1].id
                        yield page
            except (_Interrupted, nats.errors.Error, TimeoutError) as error:
                # Nothing is lost: the next session begins after the last event that was handed out.
                logger.info("Following the log %s anew (%s)", self._stream, type(error).__name__)
                if client.is_closed:
                    raise LogUnavailable("The connection to the log was closed.") from error
                await asyncio.sleep(RESUME_PAUSE_S)
            finally:
                if self._session is not None:
                    await self._session.close()
                    self._session = None

    async def last_position(self) -> int:
        """The position up to which everything was handed out or is not there any more.

        It runs ahead of the last event that `follow` yielded where what comes after it was erased or is no event.
        """
        session, position = self._session, self._position
        if session is None:
            return position
        last = int((await session.ask("STREAM.INFO"))["state"]["last_seq"])
        is_at_end = await session.has_handed_out_everything()
        return max(last, position) if is_at_end and session is self._session else self._position

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connect(self) -> Client:
        if self._client is not None:
            return self._client
        first = self._addresses[0]

        async def reconnected() -> None:
            if self._session is not None:
                self._session.interrupt()

        async def noted(error: Exception) -> None:
            logger.debug("The connection to the log: %s", type(error).__name__)

        client = Client()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await client.connect(
                    servers=[f"{'tls' if each.is_tls else 'nats'}://{each}" for each in self._addresses],
                    user=first.user,
                    password=first.password,
                    token=first.token,
                    name="tzurot-log-tail",
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type] # it takes fractions
                    reconnected_cb=reconnected,
                    error_cb=noted,
                )
        except (nats.errors.Error, OSError, TimeoutError):
            await client.close()
            # Its message may hold the server's URL; whoever asked tries again.
            raise LogUnavailable(f"No server of the log answers at {first}.") from None
        except asyncio.CancelledError:
            await client.close()  # or its half-open connection would outlive whoever gave up waiting
            raise
        self._client = client
        return client

    async def _open(self, client: Client) -> "_Session":
        session = _Session(client, self._stream, self._prefix)
        try:
            await session.start(self._position)
        except BaseException:
            await session.close()
            raise
        return session


class _Session:
    """One consumer from its creation to its first irregularity."""

    def __init__(self, client: Client, stream: str, prefix: str) -> None:
        self._client = client
        self._stream = stream
        self._prefix = prefix
        self._name = secrets.token_hex(8)
        self._queue: deque[Msg] = deque()
        self._has_something = asyncio.Event()
        self._has_room = asyncio.Event()
        self._is_interrupted = False
        self._subscription: Subscription | None = None
        self._consumer_sequence = 0

    async def start(self, after: int) -> None:
        state = (await self.ask("STREAM.INFO"))["state"]
        if int(state["last_seq"]) < after:
            raise LogWentBackwards
        inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(inbox, cb=self._arrived)
        config = {
            "name": self._name,
            "deliver_subject": inbox,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": after + 1,
            "ack_policy": "none",
            "max_deliver": 1,
            "filter_subject": f"{self._prefix}>",
            "flow_control": True,
            "idle_heartbeat": int(HEARTBEAT_S * NANOSECONDS),
            "inactive_threshold": 10 * NANOSECONDS,
            "mem_storage": True,
            "num_replicas": 1,
        }
        await self.ask("CONSUMER.CREATE", {"stream_name": self._stream, "config": config}, suffix=f".{self._name}")

    def interrupt(self) -> None:
        """End the session at the next opportunity: the connection is another one now."""
        self._is_interrupted = True
        self._has_something.set()

    async def next_page(self, max_events: int) -> list[Notification]:
        """What has come since, as soon as anything has; may be empty. Raises _Interrupted."""
        if not self._queue:
            self._has_something.clear()
            async with asyncio.timeout(MISSED_HEARTBEATS * HEARTBEAT_S):
                if not self._is_interrupted:
                    await self._has_something.wait()
        if self._is_interrupted:
            raise _Interrupted
        page: list[Notification] = []
        while self._queue and len(page) < max_events:
            message = self._queue[0]
            if message.headers and "Status" in message.headers:
                await self._take_control(message, message.headers)
            elif (event := self._take(message)) is not None:
                page.append(event)
            elif page:
                break  # what came before the gap is handed out; the gap is met again at the next call
            else:
                raise _Interrupted
            self._queue.popleft()
        self._has_room.set()
        return page

    async def has_handed_out_everything(self) -> bool:
        before = self._consumer_sequence
        info = await self.ask("CONSUMER.INFO", suffix=f".{self._name}")
        return int(info["num_pending"]) == 0 and int(info["delivered"]["consumer_seq"]) == before

    async def ask(self, operation: str, body: dict[str, Any] | None = None, suffix: str = "") -> dict[str, Any]:
        answer = await self._client.request(
            f"$JS.API.{operation}.{self._stream}{suffix}",
            b"" if body is None else orjson.dumps(body),
            timeout=REQUEST_TIMEOUT_S,
        )
        result: dict[str, Any] = orjson.loads(answer.data)
        if error := result.get("error"):
            if int(error.get("code", 0)) == 503:  # noqa: PLR2004 -- not available just now
                raise _Interrupted
            raise LogError(f"The log's server refused: {error.get('description', '')} ({error.get('err_code', 0)}).")
        return result

    async def close(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is None or self._client.is_closed:
            return
        self._queue.clear()
        self._has_room.set()
        try:
            await subscription.unsubscribe()
            await self._client.publish(f"$JS.API.CONSUMER.DELETE.{self._stream}.{self._name}")
        except nats.errors.Error:
            # Not connected just now: the server removes a consumer by itself when nobody listens to it.
            return

    async def _arrived(self, message: Msg) -> None:
        if self._subscription is None:
            return
        self._queue.append(message)
        self._has_something.set()
        if len(self._queue) >= MAX_QUEUED_MESSAGES:
            # The client's own queue fills behind this one, and its overflow is a gap.
            self._has_room.clear()
            await self._has_room.wait()

    async def _take_control(self, message: Msg, header: dict[str, str]) -> None:
        if message.reply:
            await self._client.publish(message.reply)  # flow control: send on
            return
        if stalled := header.get("Nats-Consumer-Stalled"):
            await self._client.publish(stalled)
        if int(header.get("Nats-Last-Consumer", "0")) != self._consumer_sequence:
            raise _Interrupted  # the last messages before this heartbeat were left out

    def _take(self, message: Msg) -> Notification | None:
        """The event, or None where one before it is missing."""
        tokens = message.reply.split(".")
        at = 5 if len(tokens) == ACK_TOKENS else 7
        sequence, consumer_sequence = int(tokens[at]), int(tokens[at + 1])
        if consumer_sequence != self._consumer_sequence + 1:
            return None
        self._consumer_sequence = consumer_sequence
        header = message.headers or {}
        token = message.subject[len(self._prefix) :]
        originator_id = UUID(token) if "U" in header else token
        return Notification(originator_id, int(header["V"]), header["T"], message.data, sequence)
