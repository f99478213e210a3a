"""Which messages a message brings along: the one it replies to, and those that it links to, and theirs in turn.

They are looked up breadth first, each once, at most twenty. A link is followed only where the person who said the
message may read that channel: what they could not open themselves, no character repeats to them.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from adapters.discord.hearing.links import message_links
from adapters.discord.hearing.said import Names, Reference, Said
from adapters.discord.hearing.surroundings import Payload, Surroundings
from adapters.discord.hearing.translating import Unreadable, said
from adapters.discord.hearing.wording import named_ids
from adapters.discord.rest.refusals import OUT_OF_REACH

MAX_BROUGHT = 20
TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)


class References:
    def __init__(self, surroundings: Surroundings, *, timeout_s: float = TIMEOUT_S) -> None:
        self._surroundings = surroundings
        self._timeout_s = timeout_s

    async def of(self, origin: Said, replied_to: Payload | None = None) -> tuple[Said, ...]:
        """What is brought along, in the order of looking up. `replied_to` is its payload where Discord sent it along.

        What takes too long or cannot be read is left out.
        """
        found: list[Said] = []
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._follow(origin, replied_to, found)
        except TimeoutError:
            _log.info("Looking up what a message refers to took too long: %s of it are brought along", len(found))
        return tuple(found)

    async def _follow(self, origin: Said, replied_to: Payload | None, found: list[Said]) -> None:
        seen = {origin.id}
        visible = {origin.where.channel: True}
        waiting = deque(_referred(origin))
        while waiting and len(found) < MAX_BROUGHT:
            reference = waiting.popleft()
            if reference.message in seen:
                continue
            seen.add(reference.message)
            try:
                if reference.channel not in visible:
                    visible[reference.channel] = await self._surroundings.may_see(origin.author.id, reference)
                one = await self._look_up(origin, reference, replied_to) if visible[reference.channel] else None
            except OUT_OF_REACH:
                continue  # what cannot be looked up now is left out: the message itself is what matters
            if one is not None:
                found.append(one)
                waiting.extend(_referred(one))

    async def _look_up(self, origin: Said, reference: Reference, replied_to: Payload | None) -> Said | None:
        is_first = origin.reply_to is not None and reference.message == origin.reply_to.message
        payload = replied_to if is_first and replied_to else await self._surroundings.message(reference)
        return None if payload is None else await self._read(payload, reference)

    async def _read(self, payload: Payload, reference: Reference) -> Said | None:
        where = await self._surroundings.where(reference.channel, reference.server)
        if where is None:
            return None
        try:
            one = said(payload, where)
        except Unreadable:
            return None  # what is no message brings nothing along
        return replace(one, names=self.names(one))

    def names(self, one: Said) -> Names:
        return self._surroundings.names(one.where.server, named_ids(one.content))


def _referred(one: Said) -> Iterable[Reference]:
    if one.reply_to is not None:
        yield one.reply_to
    for link in message_links(one.content.text):
        yield link.to
