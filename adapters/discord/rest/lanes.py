"""When the next request may go: one at a time in a lane, and no sooner than Discord allows.

A lane is what shares one of Discord's buckets: a kind of request with its channel or webhook. Discord names a bucket by
a hash without them, so that a client which goes by the hash alone lets one busy channel hold up all others; these lanes
know the channel, and learn the rest from the headers. Times are readings of one monotonic clock, in seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

MOST_LANES = 2_000
SIGNED_PER_S = 45
"""Of the 50 requests a second that a bot may send in all; the rest is for the gateway's client, which signs in."""


class Lane:
    """Whose turn it is, and until when nobody may go."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._free_at_s = 0.0

    def wait_s(self, now_s: float) -> float:
        return max(0.0, self._free_at_s - now_s)

    def is_idle(self, now_s: float) -> bool:
        return not self.turn.locked() and self.wait_s(now_s) == 0

    def learn(self, headers: Mapping[str, str], now_s: float) -> None:
        """After an answer: nothing left means that the bucket has to fill again first."""
        if headers.get("X-RateLimit-Remaining") == "0":
            self.close_for(seconds(headers.get("X-RateLimit-Reset-After")), now_s)

    def close_for(self, wait_s: float, now_s: float) -> None:
        self._free_at_s = max(self._free_at_s, now_s + wait_s)


class Lanes:
    """Every lane in use, and what holds for all of them."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._whole = Lane()
        self._counted = Lane()

    def lane(self, name: str, now_s: float) -> Lane:
        if name not in self._lanes:
            if len(self._lanes) >= MOST_LANES:
                self._lanes = {name: lane for name, lane in self._lanes.items() if not lane.is_idle(now_s)}
            self._lanes[name] = Lane()
        return self._lanes[name]

    def wait_s(self, now_s: float, *, is_counted: bool = True) -> float:
        """How long every request has to wait, of whatever lane; some do not count towards the limit over all."""
        wait_s = self._whole.wait_s(now_s)
        return max(wait_s, self._counted.wait_s(now_s)) if is_counted else wait_s

    def close_for(self, wait_s: float, now_s: float) -> None:
        self._whole.close_for(wait_s, now_s)

    def close_counted_for(self, wait_s: float, now_s: float) -> None:
        self._counted.close_for(wait_s, now_s)


class Pace:
    """So many requests within any second, whenever they arrive: a slot is free again a second after its answer."""

    def __init__(self, per_s: int = SIGNED_PER_S) -> None:
        self._slots = asyncio.Semaphore(per_s)

    @property
    def is_full(self) -> bool:
        return self._slots.locked()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        await self._slots.acquire()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(1.0, self._slots.release)


def seconds(told: object) -> float:
    try:
        return float(str(told or 0))
    except ValueError:  # a header that says nothing: the next answer will tell
        return 0.0
