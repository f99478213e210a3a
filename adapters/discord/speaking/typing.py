"""Discord shows that somebody is typing while a place waits for an answer.

Discord shows it for about ten seconds, so it is told again before. It is told once for a place however many answers
are being made there, and left out rather than waited for when there is a limit. After ten minutes it stops, and the
place is told once that the answer is still being made.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.discord.speaking.payloads import NOBODY
from adapters.discord.speaking.rest import Ask, Denied, Rest, Unanswered
from adapters.discord.speaking.rooms import channel_of

EVERY_S = 8.0
LONGEST_S = 600.0
STILL_AT_IT = "-# Still working on an answer…"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    answers: int
    shown: asyncio.Task[None]


class Typing:
    """`async with typing.during(place):` around the wait for an answer."""

    def __init__(self, rest: Rest, *, every_s: float = EVERY_S, longest_s: float = LONGEST_S) -> None:
        self._rest = rest
        self._every_s = every_s
        self._longest_s = longest_s
        self._waiting: dict[str, _Waiting] = {}

    @asynccontextmanager
    async def during(self, place: str) -> AsyncIterator[None]:
        waiting = self._waiting.get(place)
        if waiting is None:
            shown = asyncio.create_task(self._show(channel_of(place)), name=f"typing in {place}")
            waiting = self._waiting[place] = _Waiting(0, shown)
        waiting.answers += 1
        try:
            yield
        finally:
            waiting.answers -= 1
            if not waiting.answers:
                del self._waiting[place]
                waiting.shown.cancel()

    async def _show(self, channel: str) -> None:
        """Nothing depends on it: where it fails, the answer comes all the same."""
        try:
            async with asyncio.timeout(self._longest_s):
                while True:
                    await self._type(channel)
                    await asyncio.sleep(self._every_s)
        except TimeoutError:
            await self._tell(channel)
        except Denied as denied:
            _log.info("Discord shows no typing in %s: %s", channel, denied)

    async def _type(self, channel: str) -> None:
        path, lane = f"/channels/{channel}/typing", f"typing in {channel}"
        try:
            await self._rest.ask(Ask("POST", path, lane=lane, is_dispensable=True))
        except Unanswered as unanswered:
            _log.info("Discord was not told of typing in %s: %s", channel, unanswered)

    async def _tell(self, channel: str) -> None:
        path, lane = f"/channels/{channel}/messages", f"sending to {channel}"
        body = {"content": STILL_AT_IT, "allowed_mentions": NOBODY}
        try:
            await self._rest.ask(Ask("POST", path, lane=lane, body=body))
        except (Denied, Unanswered) as error:
            _log.info("%s was not told that the answer is still being made: %s", channel, error)
