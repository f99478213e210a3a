"""Op 8: a client asks for the members of a guild. Source: docs, events/gateway-events, "Request Guild Members"."""

from collections.abc import Iterator
from typing import Any

from adapters.discord.simulated.gateway.sessions import Session
from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.world import World

A_CHUNK = 1000


def members_chunks(world: World, session: Session, asked: Any) -> Iterator[dict[str, Any]]:
    guild = world.guilds.get(int(asked["guild_id"]))
    if guild is None or session.application.user.id not in guild.members:
        return
    ids = asked.get("user_ids")
    wanted = {int(each) for each in (ids if isinstance(ids, list) else [ids])} if ids is not None else None
    start = str(asked.get("query") or "").lower()
    found = [
        users.member(member, world.users[member.user_id])
        for member in guild.members.values()
        if (member.user_id in wanted if wanted is not None else _begins(world, member.user_id, member.nick, start))
    ]
    found = found[: asked.get("limit") or None]
    missing = sorted(wanted - guild.members.keys()) if wanted is not None else []
    chunks = [found[at : at + A_CHUNK] for at in range(0, len(found), A_CHUNK)] or [[]]
    for index, chunk in enumerate(chunks):
        payload: dict[str, Any] = {
            "guild_id": snowflake(guild.id),
            "members": chunk,
            "chunk_index": index,
            "chunk_count": len(chunks),
            "not_found": [snowflake(each) for each in missing],
        }
        if asked.get("presences"):
            payload["presences"] = []
        yield payload if asked.get("nonce") is None else payload | {"nonce": asked["nonce"]}


def _begins(world: World, user_id: int, nick: str | None, start: str) -> bool:
    user = world.users[user_id]
    return any((name or "").lower().startswith(start) for name in (user.username, user.global_name, nick))
