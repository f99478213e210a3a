"""The servers that the bot is in: listed and left, over Discord's API."""

from dataclasses import dataclass
from typing import Protocol

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.rest import Rest

MOST_AT_ONCE = 200
"""Servers in one answer of Discord's, by its documentation of Get Current User Guilds."""

LANE = "our servers"


@dataclass(frozen=True, slots=True)
class Server:
    id: int
    name: str


class Servers(Protocol):
    """Where the bot is."""

    async def joined(self) -> tuple[Server, ...]: ...

    async def leave(self, server: int) -> None: ...


class DiscordServers:
    """Implements Servers."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def joined(self) -> tuple[Server, ...]:
        found: list[Server] = []
        while True:
            query = {"limit": str(MOST_AT_ONCE)} | ({"after": str(found[-1].id)} if found else {})
            page = await self._rest.ask(Ask("GET", "/users/@me/guilds", lane=LANE, query=query))
            found += [Server(int(guild["id"]), str(guild["name"])) for guild in page]
            if len(page) < MOST_AT_ONCE:
                return tuple(found)

    async def leave(self, server: int) -> None:
        await self._rest.ask(Ask("DELETE", f"/users/@me/guilds/{server}", lane=LANE))
