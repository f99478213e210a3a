"""Whether Discord takes the token, said in one sentence when it does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import UNAUTHORIZED, Denied
from adapters.discord.rest.rest import Rest
from engine.errors import Misconfigured

WRONG_TOKEN = "Discord does not take the token: copy the bot's token into DISCORD_TOKEN and start again."  # noqa: S105


@asynccontextmanager
async def signed_in(token: SecretStr, api_base: str) -> AsyncIterator[Rest]:
    """Requests of the bot with this token. Raises Misconfigured if Discord does not take it, Denied and Unanswered."""
    async with Rest(token, api_base=api_base) as rest:
        try:
            await rest.ask(Ask("GET", "/users/@me", lane="users/@me"))
        except Denied as denied:
            if denied.status == UNAUTHORIZED:
                raise Misconfigured(WRONG_TOKEN) from None
            raise
        yield rest
