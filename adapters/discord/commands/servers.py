"""The servers that the bot is in: listed and left, over Discord's API."""

from dataclasses import dataclass
from typing import Protocol

from nextcord.http import HTTPClient, Route

MOST_AT_ONCE = 200
"""Servers in one answer of Discord's, by its documentation of Get Current User Guilds."""


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

    def __init__(self, http: HTTPClient) -> None:
        self._http = http

    async def joined(self) -> tuple[Server, ...]:
        found: list[Server] = []
        while True:
            after = {"after": str(found[-1].id)} if found else {}
            page = await self._http.request(
                Route("GET", "/users/@me/guilds"), params={"limit": str(MOST_AT_ONCE), **after}
            )
            found += [Server(int(guild["id"]), str(guild["name"])) for guild in page]
            if len(page) < MOST_AT_ONCE:
                return tuple(found)

    async def leave(self, server: int) -> None:
        await self._http.request(Route("DELETE", "/users/@me/guilds/{guild_id}", guild_id=server))
