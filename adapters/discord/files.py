"""Files that people sent, from where Discord keeps them and from nowhere else."""

import aiohttp
from yarl import URL

from engine.errors import NotFetched
from engine.ports import Fetched

DISCORDS_ORIGINS = frozenset({"https://cdn.discordapp.com", "https://media.discordapp.net"})
TIMEOUT_S = 30.0
OK = 200
PASSING = frozenset({408, 429, *range(500, 600)})
"""Statuses that say nothing about the file."""


class DiscordFiles:
    """Implements the port Fetch. `cdn_base` is where Discord's files are reached, if that is somewhere else."""

    def __init__(self, session: aiohttp.ClientSession, *, cdn_base: str | None = None) -> None:
        self._session = session
        bases = {*DISCORDS_ORIGINS, *([cdn_base] if cdn_base else [])}
        self._origins = frozenset(URL(base).origin() for base in bases)

    async def fetch(self, url: str, *, limit_bytes: int) -> Fetched:
        """The file, whole. Raises NotFetched for one that is too large, not Discord's, or does not come."""
        address = self._discords(url)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with self._session.get(address, allow_redirects=False, timeout=timeout) as answer:
                if answer.status != OK:
                    raise NotFetched(
                        "Discord no longer has that file: attach it again.", is_permanent=answer.status not in PASSING
                    )
                content = await _read(answer.content, limit_bytes)
                return Fetched(content, answer.content_type)
        except (aiohttp.ClientError, TimeoutError):
            raise NotFetched("The file could not be fetched from Discord: try again.") from None

    def _discords(self, url: str) -> URL:
        try:
            address = URL(url)
            is_discords = address.origin() in self._origins
        except ValueError:  # it is no address, or none of a server
            is_discords = False
        if not is_discords:
            raise NotFetched("That file does not come from Discord: attach it again.", is_permanent=True)
        return address


async def _read(body: aiohttp.StreamReader, limit_bytes: int) -> bytes:
    content = bytearray()
    while not body.at_eof():
        content += await body.read(limit_bytes + 1 - len(content))
        if len(content) > limit_bytes:
            raise NotFetched(f"The file is too large: at most {limit_bytes // 1024 // 1024} MB.", is_permanent=True)
    return bytes(content)
