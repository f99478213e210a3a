"""Reading the log in pages, a little ahead of those who write what was read.

Reading and decoding happen in a thread, while the database takes in the page before. Only one page is read ahead, so
memory does not grow with the log.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from engine.envelope.key_ring import KeyRing
from projections.source import Fact, LogSource, decode

BATCH_EVENTS = 5_000
"""Measured: smaller batches pay more round trips, larger ones are not faster."""


class Page(NamedTuple):
    """Some events in order, and the position up to which there are no others."""

    facts: list[Fact]
    upto: int


async def pages(
    source: LogSource, key_ring: KeyRing, *, after: int, upto: int, batch_size: int = BATCH_EVENTS
) -> AsyncIterator[Page]:
    """Every event after a position up to another; the last page ends there even where the events there are gone."""
    ahead = asyncio.create_task(asyncio.to_thread(_read, source, key_ring, after, upto, batch_size))
    try:
        while True:
            page = await ahead
            is_last = page.upto >= upto
            if not is_last:
                ahead = asyncio.create_task(asyncio.to_thread(_read, source, key_ring, page.upto, upto, batch_size))
            yield page
            if is_last:
                return
    finally:
        ahead.cancel()


def _read(source: LogSource, key_ring: KeyRing, after: int, upto: int, batch_size: int) -> Page:
    notifications = source.read(after, batch_size) if after < upto else []
    within = [notification for notification in notifications if notification.id <= upto]
    is_at_end = len(within) < len(notifications) or not within
    return Page(decode(within, key_ring), upto if is_at_end else within[-1].id)
