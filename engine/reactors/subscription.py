"""How a reactor follows the log: a durable consumer, acknowledged by hand, many events at once.

An event is acknowledged when its reaction has ended. A reaction that takes long says so (in-progress heartbeats), one
that fails is tried again with growing delays a bounded number of times, and then given up in a way that leaves a
trace: the reactor's own `give_up` decides which. Reactions may run twice; what they append may not.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from eventsourcing.persistence import Notification
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage
from nats.aio.msg import Msg
from nats.js.api import AckPolicy as ConsumerAckPolicy
from nats.js.api import ConsumerConfig, DeliverPolicy

from engine.envelope.envelope import Envelope
from engine.errors import TzurotError
from engine.event_log import LoggedEvent
from engine.log.subjects import EVENTS

logger = logging.getLogger(__name__)

ACK_WAIT_S = 30.0
"""How long the server waits for a sign of life before it hands an event to somebody else."""

HEARTBEAT_S = ACK_WAIT_S / 3
MOST_AT_ONCE = 256
"""Reactions under way at once; FastStream's own default of one would queue every turn behind the slowest model."""

MOST_PENDING = 4 * MOST_AT_ONCE
MOST_DELIVERIES = 8
FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 60.0


class RetryLater(TzurotError):
    """The reaction is to be tried again, after `delay_s` if it says so."""

    def __init__(self, reason: str, *, delay_s: float | None = None) -> None:
        super().__init__(reason)
        self.delay_s = delay_s


class Reactor(Protocol):
    """Something that acts on events."""

    @property
    def name(self) -> str:
        """The durable consumer's name: processes that share it share the work."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of aggregates whose events it sees: the first tokens of their subjects."""
        ...

    async def react(self, logged: LoggedEvent, *, is_last_try: bool) -> None:
        """Act on one event; events that do not concern it are none of its business."""
        ...

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        """Leave a trace of an event that could not be acted on."""
        ...


@dataclass(frozen=True, slots=True)
class Following:
    """Where and how reactors follow. `from_now` leaves out what stood on the log before a consumer's first start."""

    nats_url: str
    stream: str
    envelope: Envelope
    from_now: bool = False


@contextlib.asynccontextmanager
async def following(settings: Following, *reactors: Reactor) -> AsyncIterator[None]:
    """Let reactors follow the log for as long as the context lasts; what is under way at its end is finished."""
    broker = NatsBroker(settings.nats_url.split(","), logger=None, graceful_timeout=ACK_WAIT_S)
    for reactor in reactors:
        _subscribe(broker, settings, reactor)
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


def _subscribe(broker: NatsBroker, settings: Following, reactor: Reactor) -> None:
    prefix = f"{settings.stream}.{EVENTS}."
    config = ConsumerConfig(
        durable_name=reactor.name,
        deliver_policy=DeliverPolicy.NEW if settings.from_now else DeliverPolicy.ALL,
        ack_policy=ConsumerAckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_ack_pending=MOST_PENDING,
    )
    config.filter_subjects = [f"{prefix}{kind}.>" for kind in reactor.kinds]

    async def handle(message: NatsMessage) -> None:
        raw = message.raw_message
        assert isinstance(raw, Msg)
        try:
            logged = _logged_event(raw, settings.envelope, len(prefix))
        except TzurotError:
            logger.exception("%s cannot read the event at %s", reactor.name, raw.metadata.sequence.stream)
            await message.nack(delay=LONGEST_DELAY_S)
            return
        async with _signs_of_life(message):
            await _react(reactor, logged, message, deliveries=raw.metadata.num_delivered or 1)

    broker.subscriber(
        f"{prefix}>" if len(reactor.kinds) > 1 else f"{prefix}{reactor.kinds[0]}.>",
        queue=reactor.name,
        stream=JStream(settings.stream, declare=False),
        config=config,
        ack_policy=AckPolicy.MANUAL,
        max_workers=MOST_AT_ONCE,
        decoder=_leave_as_it_is,
    )(handle)


async def _react(reactor: Reactor, logged: LoggedEvent, message: NatsMessage, *, deliveries: int) -> None:
    is_last_try = deliveries >= MOST_DELIVERIES
    try:
        await reactor.react(logged, is_last_try=is_last_try)
    except RetryLater as later:
        if is_last_try:
            await reactor.give_up(logged, later)
            await message.reject()
        else:
            await message.nack(delay=later.delay_s or _delay_s(deliveries))
    except Exception as error:  # whatever it was, the event must neither be lost nor be tried for ever
        logger.exception("%s failed on the event at position %s", reactor.name, logged.position)
        if is_last_try:
            await reactor.give_up(logged, error)
            await message.reject()
        else:
            await message.nack(delay=_delay_s(deliveries))
    else:
        await message.ack()


def _delay_s(deliveries: int) -> float:
    return min(FIRST_DELAY_S * 2.0 ** (deliveries - 1), LONGEST_DELAY_S)


@contextlib.asynccontextmanager
async def _signs_of_life(message: NatsMessage) -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await message.in_progress()

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


def _logged_event(raw: Msg, envelope: Envelope, prefix_chars: int) -> LoggedEvent:
    headers = raw.headers or {}
    position = raw.metadata.sequence.stream
    stored = Notification(raw.subject[prefix_chars:], int(headers["V"]), headers["T"], raw.data, position)
    return LoggedEvent(position, envelope.to_domain_event(stored))


async def _leave_as_it_is(message: NatsMessage) -> bytes:
    body: bytes = message.body
    return body
