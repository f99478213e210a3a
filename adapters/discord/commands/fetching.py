"""Files that people give to a command, from where Discord keeps them and from nowhere else."""

from collections.abc import Collection
from urllib.parse import urlsplit

import aiohttp

from adapters.discord.commands.declaring import Upload
from engine.errors import Invalid

DISCORDS_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
TIMEOUT_S = 30.0


class Fetching:
    """Fetches uploads. `hosts` are the names, with port if there is one, that Discord's files may come from."""

    def __init__(self, session: aiohttp.ClientSession, hosts: Collection[str] = DISCORDS_HOSTS) -> None:
        self._session = session
        self._hosts = frozenset(hosts)

    async def __call__(self, upload: Upload, limit_bytes: int) -> bytes:
        """The file, whole. Raises Invalid for one that is too large, not Discord's, or does not come."""
        if urlsplit(upload.url).netloc not in self._hosts:
            raise Invalid("That file does not come from Discord: attach it again.")
        try:
            async with self._session.get(
                upload.url, allow_redirects=False, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
            ) as answer:
                if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
                    raise Invalid("Discord no longer has that file: attach it again.")
                content = await answer.content.read(limit_bytes + 1)
                while not answer.content.at_eof() and len(content) <= limit_bytes:
                    content += await answer.content.read(limit_bytes + 1 - len(content))
        except (aiohttp.ClientError, TimeoutError):
            raise Invalid("The file could not be fetched from Discord: try again.") from None
        if len(content) > limit_bytes:
            raise Invalid(f"The file is too large: at most {limit_bytes // 1024 // 1024} MB.")
        return content
