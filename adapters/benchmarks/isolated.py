"""Measurements in a process of their own, so that the memory of one does not count for the next."""

import asyncio
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import Self

import psutil

from adapters.terminal.host import Host
from engine.envelope.envelope import unseal
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.log.reader import MAX_PAGE_EVENTS, LogReader
from engine.log.subjects import stream_name
from engine.replaying import Rebuilt
from engine.settings import Settings

type MakeHost = Callable[[Settings], Host]

LOOK_EVERY_S = 0.02
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class RebuildRun:
    """One rebuild: what it made, how long it took from outside, and the memory of its process."""

    rebuilt: Rebuilt
    seconds: float
    before_mib: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class ReadRun:
    events: int
    seconds: float


async def in_own_process[**P, T](function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns when a fresh process calls it; everything it is given has to be named by a module."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return await asyncio.wrap_future(pool.submit(function, *args, **kwargs))


def rebuild(make_host: MakeHost, settings: Settings) -> RebuildRun:
    """Drop the database and build all projections from the log."""
    return asyncio.run(_rebuild(make_host, settings))


async def _rebuild(make_host: MakeHost, settings: Settings) -> RebuildRun:
    async with make_host(settings).opened(frozenset()) as opened:
        with _Memory() as memory:
            began_s = perf_counter()
            rebuilt = await opened.replay.rebuild(drop_database=True)
            seconds = perf_counter() - began_s
    return RebuildRun(rebuilt, seconds, memory.before_mib, memory.peak_mib)


def read(settings: Settings) -> ReadRun:
    """Read, open and decode every event of the log, and do nothing with it."""
    assert settings.nats_url is not None
    url, stream = settings.nats_url.get_secret_value(), stream_name(settings.log_name)
    with closing(SqliteKeyRing(settings.key_ring_path)) as key_ring, LogReader(url, stream) as reader:
        events = after = 0
        began_s = perf_counter()
        while page := reader.read(after, MAX_PAGE_EVENTS):
            events += sum(1 for stored in page if unseal(stored, key_ring) is not None)
            after = page[-1].id
        return ReadRun(events, perf_counter() - began_s)


class _Memory:
    """The most memory that this process held while the context was open, looked at every so often."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory")
        self.before_mib = self.peak_mib = 0.0

    def __enter__(self) -> Self:
        self.before_mib = self.peak_mib = self._held_mib()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_EVERY_S):
            self.peak_mib = max(self.peak_mib, self._held_mib())

    def _held_mib(self) -> float:
        held_bytes: int = self._process.memory_info().rss
        return held_bytes / MIB
