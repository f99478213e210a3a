"""Discord shows that somebody is typing while a place waits for an answer.

Discord shows it for about ten seconds, so it is told again before, as long as an answer is still to come; who knows
that is asked each time, since answers may be posted by other processes, withdrawn, or never be begun. It is told once
for a place however many answers are being made there, and left out rather than waited for when there is a limit. After
ten minutes it stops, and the place is told once that the answer is still being made.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import Denied, Unanswered
from adapters.discord.rest.rest import Rest
from adapters.discord.speaking.payloads import NOBODY
from adapters.discord.speaking.rooms import channel_of
from engine.domain import Message, Reply
from engine.domain.ids import place_of, reply_id
from engine.domain.reply import ReplyState
from engine.errors import LogError
from engine.event_log import EventLog

STILL_AT_IT = "-# Still working on an answer…"

_log = logging.getLogger(__name__)

type IsOver = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When typing is told, in seconds."""

    first_after_s: float = 0.5
    """An answer that comes at once would leave it standing below itself."""
    every_s: float = 8.0
    longest_s: float = 600.0


@dataclass(slots=True)
class _Waiting:
    answers: list[IsOver] = field(default_factory=list)
    shown: asyncio.Task[None] | None = None


class Typing:
    """Shows it for as many places as there are; `close` it."""

    def __init__(self, rest: Rest, *, rhythm: Rhythm | None = None) -> None:
        self._rest = rest
        self._rhythm = rhythm or Rhythm()
        self._waiting: dict[str, _Waiting] = {}

    def start(self, place: str, is_over: IsOver) -> None:
        """Show it until `is_over` says so; returns at once."""
        waiting = self._waiting.setdefault(place, _Waiting())
        waiting.answers.append(is_over)
        if waiting.shown is None:
            waiting.shown = asyncio.create_task(self._show(place, waiting), name=f"typing in {place}")

    def until_answered(self, log: EventLog, message: str, characters: Sequence[str]) -> None:
        """Show it where a message was heard until these characters have answered, or never will; returns at once."""
        place = place_of(message)
        if place is not None and characters:
            self.start(place, lambda: is_answered(log, message, characters))

    async def close(self) -> None:
        shown = [waiting.shown for waiting in self._waiting.values() if waiting.shown is not None]
        for task in shown:
            task.cancel()
        await asyncio.gather(*shown, return_exceptions=True)
        self._waiting.clear()

    async def _show(self, place: str, waiting: _Waiting) -> None:
        """Nothing depends on it: where it fails, the answer comes all the same."""
        channel = channel_of(place)
        try:
            async with asyncio.timeout(self._rhythm.longest_s):
                await self._type_on(channel, waiting)
        except TimeoutError:
            self._waiting.pop(place, None)
            await self._tell(channel)
        except Denied as denied:
            _log.info("Discord shows no typing in %s: %s", channel, denied)
        finally:
            if self._waiting.get(place) is waiting:
                del self._waiting[place]

    async def _type_on(self, channel: str, waiting: _Waiting) -> None:
        await asyncio.sleep(self._rhythm.first_after_s)
        while await self._is_awaited(waiting):
            await self._type(channel)
            await asyncio.sleep(self._rhythm.every_s)

    async def _is_awaited(self, waiting: _Waiting) -> bool:
        for is_over in tuple(waiting.answers):
            try:
                if await is_over():
                    waiting.answers.remove(is_over)
            except LogError:  # asked again next time; until then it is taken to be awaited
                continue
        return bool(waiting.answers)

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


async def is_answered(log: EventLog, message: str, characters: Sequence[str]) -> bool:
    """Whether nothing more is to come to a message from these characters: answers stand, failed or were withdrawn."""
    heard = await log.find(Message, message)
    if heard is None or heard.is_gone:
        return True
    for character in characters:
        reply = await log.find(Reply, reply_id(message, character))
        if reply is None or reply.is_open or (reply.state is ReplyState.COMPOSED and not reply.posts):
            return False
    return True
