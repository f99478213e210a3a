"""Waiting for a reply to reach its end on the log.

Whoever delivers it may be another process, so the log is looked at again and again, ever less often; when the postman
of this process hands it over, it is looked at at once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.domain import Reply
from engine.domain.reply import ReplyState
from engine.event_log import EventLog

FIRST_LOOK_S = 0.005
SLOWEST_LOOK_S = 0.25
SLOWER_EACH_TIME = 1.5


class Arrivals:
    """Who in this process waits for which reply."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    def announce(self, reply: str) -> None:
        for event in self._waiting.get(reply, ()):
            event.set()

    @contextmanager
    def expecting(self, reply: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[reply].append(event)
        try:
            yield event
        finally:
            self._waiting[reply].remove(event)
            if not self._waiting[reply]:
                del self._waiting[reply]


ARRIVALS = Arrivals()
"""A process is one terminal: its postman and those who wait meet here."""


def is_at_its_end(reply: Reply) -> bool:
    """Whether nothing more will become of a reply by itself."""
    return not reply.is_open and reply.state is not ReplyState.COMPOSED


async def wait_for_reply(log: EventLog, reply: str, *, timeout_s: float, arrivals: Arrivals = ARRIVALS) -> Reply | None:
    """The reply once it is delivered, failed for good, withdrawn or erased; as it is then when the time is over.

    None if it was not even begun.
    """
    found: Reply | None = None
    with arrivals.expecting(reply) as arrived, suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            pause_s = FIRST_LOOK_S
            while True:
                found = await log.find(Reply, reply)
                if found is not None and is_at_its_end(found):
                    break
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await arrived.wait()
                if arrived.is_set():
                    # Handed over, but what says so is still on its way to the log.
                    arrived.clear()
                    pause_s = FIRST_LOOK_S
                else:
                    pause_s = min(pause_s * SLOWER_EACH_TIME, SLOWEST_LOOK_S)
    return found
