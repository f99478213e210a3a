"""What time it is on the simulated Discord, and waiting for a later one.

The real clock is the default. The virtual one stands still until a test moves it, so that a token of 15 minutes or a
rate-limit window can run out at once.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def sleep(self, duration_s: float) -> None: ...


class RealClock:
    """The computer's clock; never runs backwards, also when the computer's is set back."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._offset_s + time.monotonic(), UTC)

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s)


class VirtualClock:
    """Stands still until `advance` is called."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now_s = start.timestamp()
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now_s, UTC)

    async def sleep(self, duration_s: float) -> None:
        if duration_s <= 0:
            return
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now_s + duration_s, woken))
        await woken

    def advance(self, duration_s: float) -> None:
        self._now_s += duration_s
        due = [sleeper for at_s, sleeper in sorted(self._sleepers, key=lambda pair: pair[0]) if at_s <= self._now_s]
        self._sleepers = [pair for pair in self._sleepers if pair[0] > self._now_s]
        for sleeper in due:
            if not sleeper.done():
                sleeper.set_result(None)
