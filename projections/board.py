"""How far the live projections are, for whoever waits for them to include a position."""

import asyncio
import heapq
from itertools import count


class Board:
    """A position that goes up, and those who wait for it. For one event loop."""

    def __init__(self) -> None:
        self._position = -1
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    @property
    def position(self) -> int:
        """The last position that was reported, -1 before the first."""
        return self._position

    def report(self, position: int) -> None:
        """The live projections include everything up to here."""
        self._position = max(self._position, position)
        while self._waiting and self._waiting[0][0] <= self._position:
            _, _, waiter = heapq.heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)

    def forget(self) -> None:
        """The projections were dropped: they begin anew."""
        self._position = -1

    async def reached(self, position: int) -> None:
        """Return once the position is included."""
        if position <= self._position:
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (position, next(self._order), waiter))
        await waiter
