"""PluralKit posts what some people write again as the member of their system who said it, and deletes the original.

A message and its copy are one thing that was said, so exactly one of the two counts: the original, unless it is
deleted; then the copy, as said by the account behind it. Discord shows the copy first and the deletion about a second
later. So in servers where PluralKit is, a message is held for a moment to see whether it is deleted. A deletion that
comes later still takes the original back (with any answer to it), and the copy counts from then on; one that never
comes leaves the original, and the copy is nothing. Who is behind a copy PluralKit's API says; while it gives no
answer, a copy belongs to the message before it in the same channel that reads like it and was deleted.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from adapters.discord.hearing.alike import reads_like
from adapters.discord.hearing.pluralkit_api import APPLICATION, PluralKitUnavailable, Proxied, Proxies
from adapters.discord.hearing.said import Author, Said

MAX_KEPT = 2_000
ALIKE_WITHIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds."""

    hold_s: float = 2.0
    late_s: float = 60.0
    """How long after its copy an original may still be deleted."""
    ask_again_s: float = 0.4
    """PluralKit knows a copy a moment after Discord shows it."""
    tries: int = 4


@dataclass(slots=True, eq=False)
class _Original:
    said: Said | None
    """None for one whose words this process did not see."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)


type IsHeard = Callable[[str, str], Awaitable[bool]]
"""Whether the message of that id in that channel stands on the log."""


class PluralKit:
    """Says of each message and each copy whether it counts."""

    def __init__(self, proxies: Proxies, is_heard: IsHeard, times: Times | None = None) -> None:
        self._proxies = proxies
        self._is_heard = is_heard
        self._times = times or Times()
        self._originals: OrderedDict[str, _Original] = OrderedDict()
        self._servers: set[str] = set()

    def is_copy(self, said: Said) -> bool:
        return said.author.webhook is not None and said.author.application == APPLICATION

    def holds(self, said: Said, *, may_be_copied: bool) -> bool:
        """Whether what a person said is to wait, in `original`, for its deletion."""
        self._keep(said.id, said)
        return said.where.server is not None and (may_be_copied or said.where.server in self._servers)

    async def original(self, said: Said) -> Said | None:
        """What a person said, as it stands after a moment in which it may be deleted; None if it was."""
        kept = self._keep(said.id, said)
        return None if await _is_set(kept.gone, self._times.hold_s) else kept.said

    async def copy(self, said: Said) -> Said | None:
        """What was said, as the person who said it, if this copy counts; returns when that is certain."""
        if said.where.server:
            self._servers.add(said.where.server)
        proxied = await self._proxied(said)
        original = self._originals.get(proxied.original) if proxied else self._alike(said)
        if original is None:
            if proxied is None:
                return None  # a copy of nothing that was seen, and nobody says whose it is
            if await self._is_heard(said.where.channel, proxied.original):
                original = self._keep(proxied.original, None)
        if original is not None and not await _is_set(original.gone, self._times.late_s):
            return None
        return _as_person(said, proxied, original.said if original else None)

    def deleted(self, message: str) -> None:
        """Also of one that has yet to be read: it was deleted before its turn came."""
        self._keep(message, None).gone.set()

    def edited(self, said: Said) -> None:
        """What is still held is heard as it reads now."""
        if (original := self._originals.get(said.id)) is not None:
            original.said = said

    def _keep(self, id_: str, said: Said | None) -> _Original:
        kept = self._originals.setdefault(id_, _Original(said))
        kept.said = kept.said or said
        while len(self._originals) > MAX_KEPT:
            self._originals.popitem(last=False)
        return kept

    async def _proxied(self, copy: Said) -> Proxied | None:
        """Whose copy it is, as PluralKit says; None while it does not say."""
        for attempt in range(self._times.tries):
            if attempt:
                await asyncio.sleep(self._times.ask_again_s)
            try:
                if (proxied := await self._proxies.proxied(copy.id)) is not None:
                    return proxied
            except PluralKitUnavailable:
                return None  # the messages themselves tell
        return None

    def _alike(self, copy: Said) -> _Original | None:
        """The last message before it that it may be a copy of."""
        for original in reversed(self._originals.values()):
            said = original.said
            if (
                said is not None
                and said.where.channel == copy.where.channel
                and timedelta() <= copy.at - said.at <= ALIKE_WITHIN
                and reads_like(said.content, copy.content)
            ):
                return original
        return None


def _as_person(copy: Said, proxied: Proxied | None, original: Said | None) -> Said:
    account = original.author if original else Author("", copy.author.name)
    author = replace(
        account,
        id=proxied.sender if proxied else account.id,
        member=copy.author.name,
    )
    if original is None or original.reply_to is None:
        return replace(copy, author=author)
    # PluralKit shows what was replied to as a card: the reference itself says it better
    return replace(copy, author=author, reply_to=original.reply_to, content=replace(copy.content, embeds=()))


async def _is_set(event: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True
