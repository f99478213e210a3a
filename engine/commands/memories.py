"""What people do to what a character remembers of them."""

from collections.abc import Callable
from datetime import datetime

from engine.domain import Memory, Reply
from engine.domain.ids import reply_of_memory
from engine.domain.reply import ReplyState
from engine.errors import NotFound
from engine.event_log import EventLog, Outcome


class Memories:
    """Each command names the person who asks: a memory of somebody else is not found."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def forget(self, memory: str, *, person: str, at: datetime) -> Outcome[Memory]:
        """It is no longer recalled. It can be restored; erasing its message is for good."""
        return await self._change(memory, person, at, lambda found: found.forget(at=at))

    async def restore(self, memory: str, *, person: str, at: datetime) -> Outcome[Memory]:
        return await self._change(memory, person, at, lambda found: found.restore(at=at))

    async def edit(self, memory: str, *, person: str, text: str | None, at: datetime) -> Outcome[Memory]:
        """Put it in other words; None gives back what was said."""
        return await self._change(memory, person, at, lambda found: found.edit(person=person, text=text, at=at))

    async def lock(self, memory: str, *, person: str, at: datetime) -> Outcome[Memory]:
        return await self._change(memory, person, at, lambda found: found.lock(at=at))

    async def unlock(self, memory: str, *, person: str, at: datetime) -> Outcome[Memory]:
        return await self._change(memory, person, at, lambda found: found.unlock(at=at))

    async def _change(
        self, memory: str, person: str, at: datetime, decide: Callable[[Memory], object]
    ) -> Outcome[Memory]:
        await self._check_theirs(memory, person)

        def begin() -> Memory:
            untouched = Memory.untouched(memory, at=at)
            decide(untouched)
            return untouched

        return await self._log.change(Memory, memory, decide, create=begin)

    async def _check_theirs(self, memory: str, person: str) -> None:
        reply = await self._log.find(Reply, reply_of_memory(memory))
        if reply is None or reply.person != person or reply.state is not ReplyState.DELIVERED:
            raise NotFound(f"There is no memory {memory} of yours.")
