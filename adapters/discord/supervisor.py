"""Keeps a connection to Discord's gateway for as long as it is asked to.

A client of nextcord ends with its connection when the first attempt fails, at close codes that it does not expect, and
at errors of its own. Whatever ends it, a new one is made after a pause that doubles up to five minutes, and is short
again once a connection has lasted. Only what no patience mends is raised: a wrong token, or intents not granted. A
client that lives on without a connection is ended, too.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from time import monotonic

import aiohttp
import nextcord
from pydantic import SecretStr

from adapters.discord.client import GatewayClient
from adapters.discord.rest.signing_in import WRONG_TOKEN
from engine.errors import Misconfigured

INVALID_INTENTS = 4013
DISALLOWED_INTENTS = 4014
AUTHENTICATION_FAILED = 4004

NO_INTENT = (
    "Discord does not let this bot read messages: switch on MESSAGE CONTENT INTENT in the Developer Portal "
    "(your application, Bot, Privileged Gateway Intents) and start again."
)
WRONG_INTENTS = "Discord does not know the intents that this release asks for: upgrade Tzurot."
FATAL = {AUTHENTICATION_FAILED: WRONG_TOKEN, DISALLOWED_INTENTS: NO_INTENT, INVALID_INTENTS: WRONG_INTENTS}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds. A connection that lasted `lasting_s` was a good one."""

    first_pause_s: float = 1.0
    longest_pause_s: float = 300.0
    lasting_s: float = 60.0
    deaf_s: float = 180.0
    """How long a client may be without a connection before it is given up."""
    look_again_s: float = 15.0

    def pause_s(self, failures: int) -> float:
        return min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(failures, 16))


class Supervisor:
    """`client` is the one that is connected, or that last was."""

    def __init__(
        self, make_client: Callable[[], GatewayClient], token: SecretStr, patience: Patience | None = None
    ) -> None:
        self._make_client = make_client
        self._token = token
        self._patience = patience or Patience()
        self.client: GatewayClient | None = None

    async def run(self) -> None:
        """Stay connected until cancelled. Raises Misconfigured for what only the operator can mend."""
        failures = 0
        for attempt in count(1):
            began = monotonic()
            ended = await self._connect_once()
            failures = 0 if monotonic() - began >= self._patience.lasting_s else failures + 1
            pause_s = self._patience.pause_s(failures)
            _log.warning("Connection %s to Discord ended (%s); the next in %.1f s", attempt, ended, pause_s)
            await asyncio.sleep(pause_s)

    async def _connect_once(self) -> str:
        """Be connected for as long as it lasts; says what ended it."""
        self.client = client = self._make_client()
        connection = asyncio.create_task(client.start(self._token.get_secret_value()))
        watch = asyncio.create_task(self._give_up_when_deaf(client))
        giving_up = asyncio.create_task(client.given_up.wait())
        try:
            await asyncio.wait((connection, watch, giving_up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (connection, watch, giving_up):
                task.cancel()
            [error, *_] = await asyncio.gather(connection, watch, giving_up, return_exceptions=True)
            await _close(client)
        return _what_ended_it(error)

    async def _give_up_when_deaf(self, client: GatewayClient) -> None:
        heard_at = monotonic()
        while monotonic() - heard_at < self._patience.deaf_s:
            await asyncio.sleep(self._patience.look_again_s)
            if client.is_connected:
                heard_at = monotonic()
        _log.warning("There has been no connection for %.0f s", self._patience.deaf_s)


def _what_ended_it(error: object) -> str:
    """In a word. Raises Misconfigured for what no patience mends."""
    match error:
        case nextcord.LoginFailure():
            raise Misconfigured(WRONG_TOKEN)
        case nextcord.PrivilegedIntentsRequired():
            raise Misconfigured(NO_INTENT)
        case nextcord.ConnectionClosed(code=code) if code in FATAL:
            raise Misconfigured(FATAL[code])
        case nextcord.ConnectionClosed(code=code):
            return f"close code {code}"
        case asyncio.CancelledError():
            return "given up"
        case BaseException():
            return type(error).__name__  # not its words: they may name an address with a token in it
    return "closed"


async def _close(client: GatewayClient) -> None:
    try:
        await client.close()
    except (OSError, aiohttp.ClientError, nextcord.DiscordException) as error:
        _log.info("Closing the connection to Discord failed: %s", type(error).__name__)  # it is over either way
