"""A server on a simulated Discord, the bot's postman, and the chunks that it is given to post."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from adapters.discord.rest.rest import Rest
from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.building import BuiltChannel, BuiltGuild
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.users import Application
from adapters.discord.speaking.postman import DiscordPostman
from engine.domain.ids import message_id, place_id, reply_id
from engine.errors import PostUncertain
from engine.ports import Posting
from tests.discord import openapi

DESCRIPTION = openapi.Description(path) if (path := openapi.found()) is not None else None
"""Discord's own, where it is at hand: every request of these scenes is held to it."""

SMALLEST_REFUSAL = 400
BY_WEBHOOK = r"/webhooks/\d+/[^/]+"
IN_CHANNEL = r"/channels/\d+/messages"


@dataclass(frozen=True)
class Scene:
    discord: SimulatedDiscord
    bot: Application
    rest: Rest
    postman: DiscordPostman
    harbour: BuiltGuild
    tavern: BuiltChannel
    alice: Actor

    def rest_of_another_process(self) -> Rest:
        return Rest(SecretStr(self.bot.token), api_base=self.discord.api_base)


@asynccontextmanager
async def scene(**of_application: Any) -> AsyncIterator[Scene]:
    async with SimulatedDiscord() as discord:
        bot = discord.application("Tzurot", **of_application)
        harbour = discord.guild("Harbour")
        tavern = harbour.text_channel("tavern")
        alice = harbour.member("alice")
        async with Rest(SecretStr(bot.token), api_base=discord.api_base) as rest:
            yield Scene(discord, bot, rest, DiscordPostman(rest), harbour, tavern, alice)
        assert discord.journal.unrouted == []
        assert discord.journal.unknown_fields == []
        if DESCRIPTION is not None:
            # A refusal's tree of errors has texts for codes, whatever the description says of it.
            done = [exchange for exchange in discord.journal.exchanges if (exchange.status or 0) < SMALLEST_REFUSAL]
            problems = [problem for exchange in done for problem in DESCRIPTION.problems(exchange)]
            assert problems == [], "\n".join(problems)


def posting(place: BuiltChannel | Channel, text: str = "We watched its lamp go out.", **changed: Any) -> Posting:
    token = place_id("discord", str(place.id))
    message = message_id(token, "1024")
    reply = reply_id(message, "lyra")
    values: dict[str, Any] = {
        "place": token,
        "in_reply_to": message,
        "character": "lyra",
        "character_name": "Lyra",
        "reply": reply,
        "text": text,
        "chunk": 0,
        "chunks": 1,
        "nonce": "n" * 25,
        "since": datetime.now(UTC) - timedelta(seconds=1),
    }
    return Posting(**values | changed)


async def delivered(postman: DiscordPostman, chunk: Posting, *, most_tries: int = 5) -> str:
    """What the deliverer does with one chunk: after an attempt whose outcome is unknown it looks first."""
    for attempt in range(most_tries):
        try:
            found = await postman.find(chunk) if attempt else ()
            return found[0] if found else await postman.post(chunk)
        except PostUncertain:
            if attempt == most_tries - 1:
                raise
    raise AssertionError
