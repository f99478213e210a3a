"""Requests to Discord's API as nextcord makes them, with one of its faults mended.

Discord names a rate limit by a hash that leaves out the channel, server or webhook it is counted for. nextcord keeps
its limits by that hash alone, so that all channels share one channel's budget and a busy one holds up the others. Here
they are kept by hash and by what the limit is counted for.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, override
from weakref import WeakValueDictionary

import aiohttp
from nextcord.asset import Asset
from nextcord.errors import HTTPException, LoginFailure
from nextcord.http import HTTPClient, RateLimit, Route
from pydantic import SecretStr

from engine.errors import Misconfigured

WRONG_TOKEN = "Discord does not take the token: copy the bot's token into DISCORD_TOKEN and start again."  # noqa: S105

OUT_OF_REACH = (HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""What a request fails with that Discord refuses, or that does not reach it."""

_counted_for: ContextVar[str] = ContextVar("counted_for", default="")


def use_bases(api: str, cdn: str) -> None:
    """Send everything to these addresses. It holds for the whole process: nextcord knows one Discord."""
    Route.BASE = api.rstrip("/")
    Asset.BASE = cdn.rstrip("/")


class Requests(HTTPClient):
    """One bot's requests. `close` ends what is under way; a later request opens it again."""

    def __init__(self) -> None:
        super().__init__(dispatch=_unheard, assume_unsync_clock=True)
        self._buckets = _LimitsByChannel()

    async def sign_in(self, token: SecretStr) -> str:
        """Ask Discord who we are, and return that account's id. Raises Misconfigured if it does not take the token."""
        try:
            ourselves = await self.static_login(f"Bot {token.get_secret_value().strip()}")
        except LoginFailure:
            raise Misconfigured(WRONG_TOKEN) from None
        return str(ourselves["id"])

    @override
    async def request(self, route: Route, **kwargs: Any) -> Any:
        counted_for = f"{route.channel_id}/{route.guild_id}/{route.webhook_id}"
        token = _counted_for.set(counted_for)
        try:
            return await super().request(route, **kwargs)
        finally:
            _counted_for.reset(token)


@asynccontextmanager
async def signed_in(token: SecretStr) -> AsyncIterator[Requests]:
    """Requests of the bot with this token. Raises Misconfigured if Discord does not take it."""
    requests = Requests()
    try:
        await requests.sign_in(token)
        yield requests
    finally:
        await requests.close()


class _LimitsByChannel(dict[str, RateLimit]):
    """Limits by their hash, each only seen by requests that count for the same channel, server or webhook."""

    def __init__(self) -> None:
        super().__init__()
        self._limits: WeakValueDictionary[tuple[str, str], RateLimit] = WeakValueDictionary()

    @override
    def get(self, bucket: str, default: Any = None, /) -> Any:
        return self._limits.get((_counted_for.get(), bucket), default)

    @override
    def __getitem__(self, bucket: str) -> RateLimit:
        return self._limits[_counted_for.get(), bucket]

    @override
    def __setitem__(self, bucket: str, limit: RateLimit) -> None:
        self._limits[_counted_for.get(), bucket] = limit


def _unheard(event: str, *parts: Sequence[Any]) -> None:
    """Nobody listens to what nextcord tells about rate limits: it logs them, too."""
