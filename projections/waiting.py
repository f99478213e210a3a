"""Waiting for the live projections to include a position, in whatever process they are kept.

The projecting process reports each batch to its own board. Every other one listens for the notice that each batch
sends when it commits. A look at the table every second covers a notice that was lost with its connection.
"""

import asyncio
import logging
from collections.abc import Callable

import psycopg

from projections import generations as control
from projections.board import Board
from projections.writing import CHANNEL

_LOOK_S = 1.0
_RETRY_S = 0.5

_log = logging.getLogger(__name__)


class Waiting:
    """Keeps the board of this process right, whoever projects. Close it when done."""

    def __init__(self, database_url: str, board: Board, is_leading: Callable[[], bool]) -> None:
        self._database_url = database_url
        self._board = board
        self._is_leading = is_leading
        self._listening: asyncio.Task[None] | None = None

    async def reached(self, position: int) -> None:
        while position > self._board.position:
            if not self._is_leading() and self._listening is None:
                self._listening = asyncio.create_task(self._listen())
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._board.reached(position)
            except TimeoutError:
                continue  # the one that projected may be another one now

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                async with await control.connect(self._database_url, name="listener") as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    while True:
                        await self._look(connection)
                        async for notice in connection.notifies(timeout=_LOOK_S):
                            self._board.report(int(notice.payload))
            except psycopg.OperationalError as error:
                # those who wait go on waiting, until their own time is over
                _log.warning("Waiting for the projections goes on (%s)", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _look(self, connection: control.Connection) -> None:
        if await control.has_control(connection):
            row = await (await connection.execute(control.SQL["live_position"])).fetchone()
            if row and row["position"] is not None:
                self._board.report(row["position"])
