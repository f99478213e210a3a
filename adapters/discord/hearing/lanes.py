"""One thing after another in each channel, and the channels side by side.

What happened first in a channel is heard first, however long it takes to look up what it refers to.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from adapters.discord.failures import in_short
from adapters.discord.rest.refusals import OUT_OF_REACH
from engine.errors import LogFull, LogUnavailable, ProjectionsBehind, Refused

AWAY = (LogUnavailable, LogFull, ProjectionsBehind, OSError, *OUT_OF_REACH)
"""What says that a server is away, or has no room: it comes back, and nothing should be lost meanwhile."""

AWAY_PAUSES_S = (0.1, 0.5, 2.0, 8.0, 30.0, 60.0, 120.0, 120.0)
FAULT_PAUSES_S = (0.5, 2.0)
"""Before each further try of what failed: of what else fails, trying on would only hold up its channel."""

type Work = Callable[[], Awaitable[None]]

_log = logging.getLogger(__name__)


class Lanes:
    """`close` lets what is under way finish, for a while."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, channel: str, work: Work) -> None:
        """Do this after everything that was put into the same channel before."""
        waiting = self._waiting.get(channel)
        if waiting is not None:
            waiting.append(work)
            return
        self._waiting[channel] = deque([work])
        self._begin(self._drive(channel))

    def start(self, work: Work) -> None:
        """Do this beside everything else."""
        self._begin(_done(work))

    async def close(self, *, patience_s: float) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drive(self, channel: str) -> None:
        waiting = self._waiting[channel]
        try:
            while waiting:
                await _done(waiting.popleft())
        finally:
            del self._waiting[channel]


async def _done(work: Work) -> None:
    """Do it, again if need be: doing it twice does nothing more."""
    failures = 0
    while True:
        try:
            await work()
        except Refused as error:
            _lost(error)
            return
        except Exception as error:  # noqa: BLE001 -- tried again, and lost after the last try; what comes next goes on
            pauses_s = AWAY_PAUSES_S if isinstance(error, AWAY) else FAULT_PAUSES_S
            if failures >= len(pauses_s):
                _lost(error)
                return
            pause_s = pauses_s[failures]
            failures += 1
            _log.warning("Hearing failed (%s), and is tried again in %.1f s", in_short(error), pause_s)
            await asyncio.sleep(pause_s)
        else:
            return


def _lost(error: Exception) -> None:
    _log.error("Something heard on Discord was lost: %s", in_short(error))
