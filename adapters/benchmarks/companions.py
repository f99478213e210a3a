"""Processes beside the benchmark's own, that do what they are asked to: the measured and the measuring share nothing.

A companion is an object that a context opens in a fresh process; its methods are called from here. It ends when the
context here does, or when this process does.
"""

import asyncio
import contextlib
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Concatenate, cast

from engine.errors import TzurotError

LEAVING_S = 20.0

type Pipe = Connection[Any, Any]


class Companion[T]:
    """An object of type T in a process of its own."""

    def __init__(self, name: str, connection: Pipe) -> None:
        self._name = name
        self._connection = connection

    async def call[**P, R](
        self, method: Callable[Concatenate[T, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """What the method returns there; one call at a time. Raises TzurotError when the process has ended."""
        try:
            self._connection.send((method.__name__, args, kwargs))
        except BrokenPipeError:
            raise self._ended() from None
        return cast("R", await self.answer())

    async def answer(self) -> object:
        try:
            return await _received(self._connection)
        except (EOFError, ConnectionResetError):
            raise self._ended() from None

    def _ended(self) -> TzurotError:
        return TzurotError(
            f"The benchmark's process for {self._name} ended before it was done: what it said of that stands above."
        )


@asynccontextmanager
async def companion[T, **P](
    name: str, opening: Callable[P, AbstractAsyncContextManager[T]], *args: P.args, **kwargs: P.kwargs
) -> AsyncIterator[Companion[T]]:
    """Open it in a fresh process; `opening` and what it is given have to be named by a module."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_play, args=(there, opening, args, kwargs), name=name, daemon=True)
    await asyncio.to_thread(process.start)
    there.close()
    try:
        opened: Companion[T] = Companion(name, here)
        await opened.answer()
        yield opened
    finally:
        here.close()
        await asyncio.to_thread(_leave, process)


def _leave(process: SpawnProcess) -> None:
    process.join(LEAVING_S)
    if process.is_alive():
        process.kill()
        process.join()
    process.close()


def _play(connection: Pipe, opening: Callable[..., Any], args: Any, kwargs: Any) -> None:
    with contextlib.suppress(KeyboardInterrupt):  # the process that asks ends for the same reason
        asyncio.run(_serve(connection, opening(*args, **kwargs)))


async def _serve(connection: Pipe, opening: AbstractAsyncContextManager[Any]) -> None:
    async with opening as opened:
        connection.send(None)
        while True:
            try:
                name, args, kwargs = await _received(connection)
            except EOFError:
                return
            connection.send(await getattr(opened, name)(*args, **kwargs))


async def _received(connection: Pipe) -> Any:
    loop, is_there = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection.fileno(), is_there.set)
    try:
        await is_there.wait()
    finally:
        loop.remove_reader(connection.fileno())
    return connection.recv()
