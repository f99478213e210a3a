"""What a process did to its event loop, its memory and the processor, looked at from within."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil

LOOK_EVERY_S = 0.005
LOOKS_TO_A_MEMORY = 20
MIB = 1 << 20
MS = 1_000


@dataclass(frozen=True, slots=True)
class Sample:
    """`longest_stall_ms` and `peak_mib` are those since the last sample, `processor_s` all since the start."""

    longest_stall_ms: float
    peak_mib: float
    processor_s: float


class Watch:
    """Sleeps for moments: whatever they take longer than they should, nothing else could have run either."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._longest_stall_s = 0.0
        self._peak_bytes = 0

    def sample(self) -> Sample:
        self._look_at_memory()
        times = self._process.cpu_times()
        found = Sample(self._longest_stall_s * MS, self._peak_bytes / MIB, times.user + times.system)
        self._longest_stall_s, self._peak_bytes = 0.0, 0
        return found

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for _ in range(LOOKS_TO_A_MEMORY):
                due_s = loop.time() + LOOK_EVERY_S
                await asyncio.sleep(LOOK_EVERY_S)
                self._longest_stall_s = max(self._longest_stall_s, loop.time() - due_s)
            self._look_at_memory()

    def _look_at_memory(self) -> None:
        self._peak_bytes = max(self._peak_bytes, self._process.memory_info().rss)


@asynccontextmanager
async def watching() -> AsyncIterator[Watch]:
    """Watch the event loop for as long as the context lasts."""
    watch = Watch()
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
