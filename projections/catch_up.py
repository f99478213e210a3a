"""Reading the log in pages, a little ahead of those who write what was read.

Reading, decoding and folding happen in a thread, while the database takes in the page before. Only one page is read
ahead, so memory does not grow with the log.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from engine.envelope.key_ring import KeyRing
from projections.source import LogSource, decode
from projections.writing import Folded, Target, fold

BATCH_EVENTS = 2_000
"""Measured: smaller batches pay more round trips, larger ones are not faster."""


class Page(NamedTuple):
    """What some events come to, and the position up to which there are no others."""

    folded: Folded
    upto: int
    events: int


async def pages(
    source: LogSource, key_ring: KeyRing, targets: Sequence[Target], *, upto: int, batch_size: int = BATCH_EVENTS
) -> AsyncIterator[Page]:
    """Every event that a target does not hold yet, up to a position; the last page ends there, also in a gap.

    Targets may stand at different positions, none beyond the last: a page leaves those out that are further already.
    """

    def read(after: int) -> Page:
        return _read(source, key_ring, targets, after=after, upto=upto, limit=batch_size)

    ahead = asyncio.create_task(asyncio.to_thread(read, min(target.position for target in targets)))
    try:
        while True:
            page = await ahead
            is_last = page.upto >= upto
            if not is_last:
                ahead = asyncio.create_task(asyncio.to_thread(read, page.upto))
            yield page
            if is_last:
                return
    finally:
        ahead.cancel()


def _read(
    source: LogSource, key_ring: KeyRing, targets: Sequence[Target], *, after: int, upto: int, limit: int
) -> Page:
    notifications = source.read(after, limit) if after < upto else []
    within = [notification for notification in notifications if notification.id <= upto]
    is_at_end = len(within) < len(notifications) or not within
    end = upto if is_at_end else within[-1].id
    reached = [target for target in targets if target.position <= end]
    return Page(fold(reached, decode(within, key_ring)), end, len(within))
