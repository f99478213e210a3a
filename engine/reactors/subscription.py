"""How a reactor follows the log: a durable consumer, acknowledged by hand, many events at once.

An event is acknowledged when its reaction has ended. A reaction that takes long says so (in-progress heartbeats), one
that fails is tried again with growing delays a bounded number of times, and then given up in a way that leaves a
trace: the reactor's own `give_up` decides which. While the log or the database is away nothing counts as a failure:
events wait for as long as that lasts. Reactions may run twice; what they append may not.
"""

import asyncio
import contextlib
import logging
import traceback
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import nats.errors
from eventsourcing.persistence import Notification
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage
from nats.aio.msg import Msg
from nats.js.api import AckPolicy as ConsumerAckPolicy
from nats.js.api import ConsumerConfig, DeliverPolicy

from engine.envelope.at_hand import NotAtHand, without_waiting
from engine.envelope.envelope import Envelope
from engine.errors import LogUnavailable, ProjectionsBehind, TzurotError
from engine.event_log import LoggedEvent
from engine.log.subjects import EVENTS
from engine.reactors.consumers import bring_up_to_date, retire
from engine.reactors.reaction import Attempt, NotYet, Pulse, Reactor, RetryLater

logger = logging.getLogger(__name__)

ACK_WAIT_S = 10.0
"""How long the server waits for a sign of life before it hands an event to somebody else: after a crash, so much later
is what was under way taken up again."""

HEARTBEAT_S = ACK_WAIT_S / 4
MOST_AT_ONCE = 256
"""Reactions under way at once; FastStream's own default of one would queue every turn behind the slowest model."""

MOST_PENDING = 4 * MOST_AT_ONCE
"""Events in hand at once. Those that wait for their turn give signs of life, too, or they would be handed out twice."""

MOST_TRIES = 8
"""How often a reaction may fail in this process before it is given up."""

MOST_DELIVERIES = 100
"""A reaction that takes whole processes down with it is given up after so many were handed it."""

FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 60.0

LEAVING_S = 5.0
"""How long reactions may go on when the process leaves; then they are handed back."""

HANDED_BACK_DELAY_S = 1.0
AWAY_DELAY_S = 2.0
NOT_YET_DELAY_S = 0.5
RECONNECT_S = 1
FOR_EVER = -1


@dataclass(frozen=True, slots=True)
class Following:
    """Where reactors follow."""

    nats_url: str
    stream: str
    envelope: Envelope


@contextlib.asynccontextmanager
async def following(settings: Following, *reactors: Reactor) -> AsyncIterator[None]:
    """Let reactors follow the log for as long as the context lasts.

    What is under way at its end is finished if that is soon, and handed back to be done by somebody else if not.
    """
    if not reactors:
        yield
        return
    broker = NatsBroker(
        settings.nats_url.split(","),
        logger=None,
        graceful_timeout=LEAVING_S,
        apply_types=False,  # a handler is given what the decoder returns; to inject it takes a thread for each event
        reconnect_time_wait=RECONNECT_S,
        max_reconnect_attempts=FOR_EVER,  # a client that gives up would leave a process that hears nothing any more
    )
    hands: list[_Hand] = []
    try:
        log = (await broker.connect()).jetstream()
        for reactor in reactors:
            consumer = _consumer(settings, reactor)
            await bring_up_to_date(log, settings.stream, consumer, formerly=reactor.formerly)
            hands.append(_subscribe(broker, settings, reactor, consumer))
        await broker.start()
        for former in {reactor.formerly for reactor in reactors if reactor.formerly}:
            await retire(log, settings.stream, former)
        yield
    finally:
        await asyncio.gather(*(hand.leave() for hand in hands))
        try:
            await broker.stop()
        except nats.errors.Error as error:  # the server is away: what it handed out, it hands out again
            logger.warning("The log's server was away when the reactors left it (%s)", type(error).__name__)
            await broker.connection.close()


def _consumer(settings: Following, reactor: Reactor) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=reactor.name,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=ConsumerAckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_S,
        max_ack_pending=MOST_PENDING,
        filter_subjects=[f"{settings.stream}.{EVENTS}.{kind}.>" for kind in reactor.kinds],
    )


def _subscribe(broker: NatsBroker, settings: Following, reactor: Reactor, consumer: ConsumerConfig) -> "_Hand":
    prefix = f"{settings.stream}.{EVENTS}."
    hand = _Hand(reactor, settings.envelope, prefix_chars=len(prefix))
    broker.subscriber(
        f"{prefix}>" if len(reactor.kinds) > 1 else f"{prefix}{reactor.kinds[0]}.>",
        queue=reactor.name,
        stream=JStream(settings.stream, declare=False),
        config=consumer,
        ack_policy=AckPolicy.MANUAL,
        max_workers=MOST_PENDING,
        decoder=_leave_as_it_is,
    )(hand.take)
    return hand


class _Hand:
    """The events that one reactor has in hand, each a task of its own."""

    def __init__(self, reactor: Reactor, envelope: Envelope, *, prefix_chars: int) -> None:
        self._reactor = reactor
        self._envelope = envelope
        self._prefix_chars = prefix_chars
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: Counter[int] = Counter()
        self._put_back: dict[int, int] = {}
        """Of events that were put back before anything was begun: after how many deliveries."""
        self._is_leaving = False

    async def take(self, message: NatsMessage) -> None:
        """Act on an event, and return when that is done or was handed back."""
        task = asyncio.create_task(self._hold(message))
        self._tasks.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # its acknowledgement did not reach the server, which will hand it out again
            logger.warning("%s could not acknowledge an event (%s)", self._reactor.name, type(error).__name__)

    async def leave(self) -> None:
        """Let what is under way end, but not for long; hand the rest back."""
        self._is_leaving = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LEAVING_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _hold(self, message: NatsMessage) -> None:
        try:
            async with _signs_of_life(message) as pulse, self._turns:
                if self._is_leaving:
                    await message.nack(delay=HANDED_BACK_DELAY_S)
                else:
                    await self._act(message, pulse)
        except asyncio.CancelledError:
            await message.nack(delay=HANDED_BACK_DELAY_S)
            raise

    async def _act(self, message: NatsMessage, pulse: Pulse) -> None:
        raw = message.raw_message
        assert isinstance(raw, Msg)
        try:
            logged = await self._read(raw)
        except TzurotError as error:
            position = raw.metadata.sequence.stream
            logger.error("%s cannot read the event at %s: %s", self._reactor.name, position, error.message)  # noqa: TRY400
            await message.nack(delay=LONGEST_DELAY_S)
            return
        await self._react(logged, message, pulse, deliveries=raw.metadata.num_delivered or 1)

    async def _read(self, raw: Msg) -> LoggedEvent:
        try:
            with without_waiting():
                return _logged_event(raw, self._envelope, self._prefix_chars)
        except NotAtHand:  # on a thread its key can be waited for
            return await asyncio.to_thread(_logged_event, raw, self._envelope, self._prefix_chars)

    async def _react(self, logged: LoggedEvent, message: NatsMessage, pulse: Pulse, *, deliveries: int) -> None:
        position = logged.position
        tries = self._failures[position] + 1
        begun = deliveries - self._put_back.get(position, 0)
        is_too_often = begun >= MOST_DELIVERIES
        is_last_try = tries >= MOST_TRIES or is_too_often
        try:
            await self._reactor.react(logged, Attempt(is_first=begun == 1, is_last=is_last_try, pulse=pulse))
        except (LogUnavailable, ProjectionsBehind) as away:
            logger.warning("%s waits at position %s (%s)", self._reactor.name, position, type(away).__name__)
            await message.nack(delay=AWAY_DELAY_S)
        except NotYet:
            if begun == 1 and len(self._put_back) < MOST_PENDING:  # beyond it they count as begun, which costs a look
                self._put_back[position] = deliveries
            await message.nack(delay=NOT_YET_DELAY_S)
        except RetryLater as later:
            is_last = is_too_often if later.is_outage else is_last_try
            await self._try_again(logged, message, later, tries=tries, is_last_try=is_last, delay_s=later.delay_s)
        except Exception as error:  # noqa: BLE001 - whatever it was, the event must be neither lost nor tried for ever
            where = "".join(traceback.format_tb(error.__traceback__))
            name = type(error).__name__
            logger.error("%s failed at position %s with %s:\n%s", self._reactor.name, position, name, where)  # noqa: TRY400 - an error's own text may hold what someone said
            await self._try_again(logged, message, error, tries=tries, is_last_try=is_last_try)
        else:
            self._forget(position)
            await message.ack()

    async def _try_again(
        self,
        logged: LoggedEvent,
        message: NatsMessage,
        error: Exception,
        *,
        tries: int,
        is_last_try: bool,
        delay_s: float | None = None,
    ) -> None:
        if is_last_try:
            await self._reactor.give_up(logged, error)
            self._forget(logged.position)
            await message.reject()
        else:
            self._failures[logged.position] = tries
            await message.nack(delay=delay_s or _delay_s(tries))

    def _forget(self, position: int) -> None:
        del self._failures[position]
        self._put_back.pop(position, None)


def _delay_s(tries: int) -> float:
    return min(FIRST_DELAY_S * 2.0 ** (tries - 1), LONGEST_DELAY_S)


@contextlib.asynccontextmanager
async def _signs_of_life(message: NatsMessage) -> AsyncIterator[Pulse]:
    pulse = Pulse(ACK_WAIT_S)

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            with contextlib.suppress(nats.errors.Error):  # the server is away, and will see the next one
                await message.in_progress()
                pulse.beat()

    beating = asyncio.create_task(beat())
    try:
        yield pulse
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


def _logged_event(raw: Msg, envelope: Envelope, prefix_chars: int) -> LoggedEvent:
    headers = raw.headers or {}
    position = raw.metadata.sequence.stream
    stored = Notification(raw.subject[prefix_chars:], int(headers["V"]), headers["T"], raw.data, position)
    return LoggedEvent(position, envelope.to_domain_event(stored))


async def _leave_as_it_is(message: NatsMessage) -> NatsMessage:
    return message
