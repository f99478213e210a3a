"""One lock for each thing that is being worked on, kept only while somebody holds or wants it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Locks:
    """Locks by name, within one process."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wanted: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        self._wanted[name] += 1
        try:
            async with self._locks[name]:
                yield
        finally:
            self._wanted[name] -= 1
            if not self._wanted[name]:
                del self._locks[name], self._wanted[name]
