"""Files that people give to a command."""

from adapters.discord.commands.declaring import Upload
from engine.errors import Invalid, NotFetched
from engine.ports import Fetch


class Fetching:
    """Fetches uploads."""

    def __init__(self, files: Fetch) -> None:
        self._files = files

    async def __call__(self, upload: Upload, limit_bytes: int) -> bytes:
        """The file, whole. Raises Invalid for one that is too large, not Discord's, or does not come."""
        try:
            return (await self._files.fetch(upload.url, limit_bytes=limit_bytes)).content
        except NotFetched as error:
            raise Invalid(error.message) from None
