"""Pictures that people upload, fitted beside everything else that goes on: one at a time, and not for ever."""

import asyncio
from concurrent.futures import Executor

from adapters.pictures import fitted
from engine.domain.avatar import Picture
from engine.errors import Invalid

TIMEOUT_S = 20.0
"""A hundred million pixels take a few seconds; who waits behind several such gives up."""


class Fitting:
    """Fits pictures in an executor of one thread, since a large one takes some hundred megabytes."""

    def __init__(self, thread: Executor) -> None:
        self._thread = thread

    async def __call__(self, content: bytes) -> Picture:
        """The picture as it is kept. Raises Invalid for what is none, too large, or takes too long."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await asyncio.get_running_loop().run_in_executor(self._thread, fitted, content)
        except TimeoutError:
            raise Invalid("Reading that picture takes too long: try again, or take a smaller one.") from None
