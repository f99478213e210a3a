"""What kind of place a reply goes to: Discord's channels, threads, forum posts and direct messages."""

from dataclasses import dataclass
from typing import Any

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.rest import Rest
from adapters.discord.speaking.bounded import Bounded
from engine.domain.ids import untoken

PLATFORM = "discord"
MOST_ROOMS = 5_000

DIRECT = frozenset({1, 3})  # DM, group DM
THREADS = frozenset({10, 11, 12})  # of announcements, public, private; a forum's post is one, too


@dataclass(frozen=True, slots=True)
class Room:
    """Where posts stand. `webhooks_of` is the channel whose webhooks post there, None in direct messages."""

    channel: str
    webhooks_of: str | None
    is_thread: bool = False


def channel_of(place: str) -> str:
    """Discord's id of a place: that of the channel, or of the thread."""
    return untoken(place.removeprefix(f"{PLATFORM}-"))


def room_of(channel: dict[str, Any]) -> Room:
    """From Discord's channel object."""
    own = str(channel["id"])
    if channel["type"] in DIRECT:
        return Room(own, webhooks_of=None)
    if channel["type"] in THREADS:
        return Room(own, webhooks_of=str(channel["parent_id"]), is_thread=True)
    return Room(own, webhooks_of=own)


class Rooms:
    """Rooms by their channel, asked for once: neither kind nor parent of a channel ever changes."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._rooms: Bounded[str, Room] = Bounded(MOST_ROOMS)

    async def room(self, channel: str) -> Room:
        """Raises Denied if there is none, or none that the bot may see, and Unanswered."""
        return await self._rooms.get_or_ask(channel, lambda: self._ask(channel))

    async def _ask(self, channel: str) -> Room:
        return room_of(await self._rest.ask(Ask("GET", f"/channels/{channel}", lane=f"channel {channel}")))
