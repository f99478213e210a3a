"""Faults that strike one run among many: those of REST by the channel that they are about, those of the gateway by the
message that it tells of.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, override

from adapters.discord.simulated.changes import webhooks as webhook_changes
from adapters.discord.simulated.faults import Cut, Fault
from adapters.discord.simulated.gateway.sessions import Outlet
from adapters.discord.simulated.journal import Exchange
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.users import Application
from tests.discord.once.plan import RestFault

BY_WEBHOOK = re.compile(r"/webhooks/(\d+)/[^/]+")
IN_CHANNEL = re.compile(r"/channels/(\d+)(/.*)?")
WAIT_S = 0.3
NO_RESUME = 4000
MANY = 1_000

type Disturbance = Literal["reconnect", "cut", "close", "re-identify"]

HOW: Mapping[str, Mapping[str, Any]] = {
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503},
    "504": {"status": 504},
    "429": {"status": 429, "retry_after_s": WAIT_S},
    "cut before": {"cut": Cut.BEFORE},
    "cut after it stood": {"cut": Cut.AFTER_COMMIT},
    "slow answer": {"answer_delay_s": WAIT_S},
    "webhook deleted": {},
    "anything 503": {"status": 503},
}


@dataclass(slots=True)
class Spot:
    """Where a run takes place: its channels (a thread's and the one above it), and which requests are about them."""

    discord: SimulatedDiscord
    channels: set[int]

    def has(self, exchange: Exchange) -> bool:
        return self._channel(exchange) in self.channels

    def is_post(self, exchange: Exchange) -> bool:
        found = IN_CHANNEL.fullmatch(exchange.path)
        is_message = BY_WEBHOOK.fullmatch(exchange.path) or (found and found[2] == "/messages")
        return exchange.method == "POST" and bool(is_message) and self.has(exchange)

    def webhooks(self) -> list[Any]:
        world = self.discord.world
        return [each for each in world.webhooks.values() if each.channel_id in self.channels]

    def _channel(self, exchange: Exchange) -> int | None:
        if found := BY_WEBHOOK.match(exchange.path):
            webhook = self.discord.world.webhooks.get(int(found[1]))
            return webhook.channel_id if webhook else None
        found = IN_CHANNEL.fullmatch(exchange.path)
        return int(found[1]) if found else None


@dataclass(slots=True)
class SpotFault(Fault):
    """Strikes the requests with these numbers among those that post in the spot, or that are about it at all."""

    spot: Spot | None = None
    strikes: frozenset[int] = frozenset()
    is_of_any: bool = False
    deletes_webhooks: bool = False
    on_strike: Callable[[], None] | None = None
    seen: int = 0

    @override
    def matches(self, exchange: Exchange) -> bool:
        assert self.spot is not None
        if not (self.spot.has(exchange) if self.is_of_any else self.spot.is_post(exchange)):
            return False
        self.seen += 1
        if self.seen - 1 not in self.strikes:
            return False
        if self.on_strike is not None:
            self.on_strike()
        if self.deletes_webhooks:
            for webhook in self.spot.webhooks():
                webhook_changes.delete(self.spot.discord.world, webhook)
            return False  # the request itself goes on, and finds it gone
        return True


def rest_fault(spot: Spot, planned: RestFault) -> SpotFault:
    return SpotFault(
        ".*",
        ".*",
        times=MANY,
        spot=spot,
        strikes=planned.strikes,
        is_of_any=planned.kind == "anything 503",
        deletes_webhooks=planned.kind == "webhook deleted",
        **HOW[planned.kind],
    )


@dataclass(slots=True)
class Line:
    """The bot's connection to the gateway: what it is told again, and what happens to the connection."""

    discord: SimulatedDiscord
    bot: Application
    told: dict[int, Dispatch] = field(default_factory=dict)
    """What it was told of messages, by message."""
    calm: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever does something to the connection."""
    pluralkit_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """PluralKit deletes in one way at a time, and nothing of that may happen while the bot has no session: Discord
    would tell it to nobody."""
    _about_to: dict[Disturbance, asyncio.Task[None]] = field(default_factory=dict)
    _thens: dict[Disturbance, list[Callable[[], Awaitable[None]]]] = field(default_factory=dict)

    def note(self, dispatch: Dispatch) -> None:
        """A listener of the world's."""
        if dispatch.name == "MESSAGE_CREATE":
            self.told[int(dispatch.data["id"])] = dispatch

    def has_session(self) -> bool:
        """Whether what happens now is told, at once or when the bot resumes."""
        return any(session.application is self.bot for session in self.discord.hub.sessions.values())

    def is_connected(self) -> bool:
        sessions = self.discord.hub.sessions.values()
        return any(session.application is self.bot and session.outlet is not None for session in sessions)

    async def until_session(self) -> None:
        await self.discord.until(self.has_session, timeout_s=60)

    async def until_connected(self) -> None:
        await self.discord.until(self.is_connected, timeout_s=60)

    async def disturbed_by(self, kind: Disturbance, then: Callable[[], Awaitable[None]] | None = None) -> None:
        """Something happens to the connection (and another thing right then); returns when the next one is there.

        Whoever wants the same before it has begun shares it.
        """
        if then is not None:
            self._thens.setdefault(kind, []).append(then)
        if kind not in self._about_to:
            self._about_to[kind] = asyncio.create_task(self._disturb(kind))
        await asyncio.shield(self._about_to[kind])

    async def _disturb(self, kind: Disturbance) -> None:
        async with self.pluralkit_turn if kind == "re-identify" else nullcontext(), self.calm:
            await self.until_connected()
            del self._about_to[kind]
            before = self._outlets()
            gateway = self.discord.gateway
            match kind:
                case "reconnect":
                    gateway.reconnect()
                case "cut":
                    gateway.abort()
                case "close":
                    gateway.close(NO_RESUME)
                case "re-identify":
                    gateway.invalidate()
            for then in self._thens.pop(kind, []):
                await then()
            await self.discord.until(lambda: self._outlets() - before, timeout_s=60)

    def _outlets(self) -> set[Outlet]:
        sessions = self.discord.hub.sessions.values()
        return {it.outlet for it in sessions if it.application is self.bot and it.outlet is not None}

    async def tell_again(self, message: int) -> None:
        """The same event with a new number."""
        await self.until_session()
        self.discord.hub.tell(self.told[message])

    async def replay(self, message: int) -> None:
        """The same event with the number that it had."""
        await self.until_connected()
        for session in list(self.discord.hub.sessions.values()):
            for frame in list(session.kept):
                is_it = frame["t"] == "MESSAGE_CREATE" and frame["d"].get("id") == str(message)
                if is_it and session.outlet is not None:
                    session.outlet.send(frame)
