"""Facts about Discord that are asked for once and kept, as many as fit."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable


class Bounded[Key, Value]:
    """The values used last, up to a number. Those who ask for the same one at the same time share one answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._asking: dict[Key, asyncio.Lock] = {}

    def __len__(self) -> int:
        return len(self._values)

    async def get_or_ask(self, key: Key, ask: Callable[[], Awaitable[Value]]) -> Value:
        """The value kept, or the one asked for; an error of asking is everybody's own."""
        try:
            async with self._asking.setdefault(key, asyncio.Lock()):
                if key not in self._values:
                    self.keep(key, await ask())
                self._values.move_to_end(key)
                return self._values[key]
        finally:
            lock = self._asking.get(key)
            if lock is not None and not lock.locked():
                del self._asking[key]

    def get(self, key: Key) -> Value | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def keep(self, key: Key, value: Value) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def drop(self, key: Key) -> None:
        self._values.pop(key, None)
