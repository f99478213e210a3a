"""Who identifies, and what they are told first: READY, then each guild. Source: docs, events/gateway-events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.discord.simulated.gateway.frames import Close, Closed
from adapters.discord.simulated.gateway.intents import KNOWN, PRIVILEGED, Intent
from adapters.discord.simulated.gateway.sessions import Session, shard_of
from adapters.discord.simulated.payloads import guilds as guild_payloads
from adapters.discord.simulated.payloads import users as user_payloads
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.guilds import Guild
from adapters.discord.simulated.world.users import Application
from adapters.discord.simulated.world.world import World

GUILDS_A_SHARD = 2500  # docs, events/gateway, "Sharding"
REQUIRED = frozenset({"token", "properties", "intents"})
KNOWN_FIELDS = REQUIRED | {"compress", "large_threshold", "shard", "presence", "guild_subscriptions", "capabilities"}


@dataclass(frozen=True, slots=True)
class Identified:
    application: Application
    intents: Intent
    shard: int
    shard_count: int


def identified(world: World, data: Any) -> Identified:
    """Whose IDENTIFY it is; closes with the code that says what is wrong."""
    if not isinstance(data, dict) or not data.keys() >= REQUIRED or data.keys() - KNOWN_FIELDS:
        raise Closed(Close.DECODE_ERROR)
    token = str(data["token"]).removeprefix("Bot ")
    application = next((each for each in world.applications.values() if each.token == token), None)
    if application is None:
        raise Closed(Close.AUTHENTICATION_FAILED)
    if not isinstance(data["intents"], int) or data["intents"] & ~int(KNOWN):
        raise Closed(Close.INVALID_INTENTS)
    intents = Intent(data["intents"])
    if intents & PRIVILEGED & ~application.privileged_intents:
        raise Closed(Close.DISALLOWED_INTENTS)
    match data.get("shard") or [0, 1]:
        case [int(shard), int(count)] if 0 <= shard < count:
            pass
        case _:
            raise Closed(Close.INVALID_SHARD)
    if len(guilds_of(world, application, shard, count)) > GUILDS_A_SHARD:
        raise Closed(Close.SHARDING_REQUIRED)
    return Identified(application, intents, shard, count)


def guilds_of(world: World, application: Application, shard: int, shard_count: int) -> list[Guild]:
    return [
        guild
        for guild in world.guilds.values()
        if application.user.id in guild.members and shard_of(guild.id, shard_count) == shard
    ]


def ready(world: World, session: Session, resume_url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    application = session.application
    guilds = guilds_of(world, application, session.shard, session.shard_count)
    yield (
        "READY",
        {
            "v": 10,
            "user": user_payloads.own_user(application.user),
            "guilds": [{"id": snowflake(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": resume_url,
            "shard": [session.shard, session.shard_count],
            "application": {
                "id": snowflake(application.id),
                "flags": user_payloads.application_flags(application),
                "flags_new": str(user_payloads.application_flags(application)),
            },
        },
    )
    if Intent.GUILDS in session.intents:
        for guild in guilds:
            if not guild.is_unavailable:
                yield "GUILD_CREATE", guild_payloads.created(world, guild, application.user.id)
