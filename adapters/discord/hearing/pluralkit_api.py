"""PluralKit's public API: who is behind a message that it posted for somebody.

It is asked by the copy's id, without a token. It answers nothing to clients that do not say who they are.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from adapters.discord.hearing.translating import snowflake

API_BASE = "https://api.pluralkit.me/v2"
APPLICATION = "466378653216014359"
"""PluralKit's own id on Discord: of its account, and of the application of its webhooks."""

USER_AGENT = "Tzurot (a Discord bot; asks whose message a copy is)"
TIMEOUT_S = 3.0

_NOT_FOUND = 404
_OK = 200


@dataclass(frozen=True, slots=True)
class Proxied:
    """Whose message a copy is: the original's id, the account behind it, and the member it was said as."""

    original: str
    sender: str
    member: str


class PluralKitUnavailable(Exception):
    """PluralKit gives no answer now."""


class Proxies(Protocol):
    async def proxied(self, copy: str) -> Proxied | None:
        """Who is behind this copy; None if PluralKit does not know it. Raises PluralKitUnavailable."""
        ...


class PluralKitApi:
    """Implements Proxies."""

    def __init__(self, base: str = API_BASE) -> None:
        self._base = base.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def proxied(self, copy: str) -> Proxied | None:
        try:
            async with self._opened().get(f"{self._base}/messages/{copy}") as response:
                if response.status == _NOT_FOUND:
                    return None
                if response.status != _OK:
                    raise PluralKitUnavailable(f"status {response.status}")
                return _proxied(await response.json(content_type=None))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise PluralKitUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"User-Agent": USER_AGENT}, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
            )
        return self._session


def _proxied(answer: Any) -> Proxied:
    """Raises PluralKitUnavailable for what is no such answer."""
    if isinstance(answer, dict):
        original, sender = snowflake(answer.get("original")), snowflake(answer.get("sender"))
        member = answer.get("member")
        if original and sender:
            return Proxied(original, sender, str(member.get("id") or "") if isinstance(member, dict) else "")
    raise PluralKitUnavailable("not an answer about a message")
