"""Users and DMs. Source: docs, resources/user."""

from typing import Any

from adapters.discord.simulated.changes import channels as channel_changes
from adapters.discord.simulated.changes import guilds as guild_changes
from adapters.discord.simulated.payloads import channels as channel_payloads
from adapters.discord.simulated.payloads import users as payloads
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.problems import bad_text, missing, refuse_if_any, unknown
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.images import keep_avatar
from adapters.discord.simulated.rest.queries import flag_of, limit_of, snowflake_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes

SHORTEST_NAME_CHARS = 2
LONGEST_NAME_CHARS = 32
MOST_GUILDS = 200

routes = Routes()


@routes.get("/users/@me")
def get_self(call: Call) -> Answer:
    return Answer(200, payloads.own_user(call.application.user))


@routes.patch("/users/@me")
def edit_self(call: Call) -> Answer:
    body = call.body or {}
    name = body.get("username")
    refuse_if_any(
        [
            *unknown("", body, frozenset({"username", "avatar", "banner"})),
            *bad_text("username", name, SHORTEST_NAME_CHARS, LONGEST_NAME_CHARS),
        ]
    )
    user = call.application.user
    user.username = name or user.username
    if "avatar" in body:
        user.avatar = keep_avatar(call.world, user.id, body["avatar"])
    payload = payloads.own_user(user)
    call.world.publish_to([call.application.id], "USER_UPDATE", payload)
    return Answer(200, payload)


@routes.get("/users/{user_id}")
def get_user(call: Call) -> Answer:
    user = call.world.users.get(call.id("user_id"))
    if user is None:
        raise errors.unknown("User")
    return Answer(200, payloads.user(user))


@routes.get("/users/@me/guilds", query=["before", "after", "limit", "with_counts"])
def list_own_guilds(call: Call) -> Answer:
    bot = call.application.user.id
    before, after = snowflake_of(call.query, "before"), snowflake_of(call.query, "after") or 0
    found = [
        guild
        for guild in sorted(call.world.guilds.values(), key=lambda each: each.id)
        if bot in guild.members and guild.id > after and (before is None or guild.id < before)
    ]
    listed: list[dict[str, Any]] = []
    for guild in found[: limit_of(call.query, usual=MOST_GUILDS, most=MOST_GUILDS)]:
        payload: dict[str, Any] = {
            "id": snowflake(guild.id),
            "name": guild.name,
            "icon": guild.icon,
            "banner": None,
            "owner": guild.owner_id == bot,
            "permissions": str(int(call.world.permissions_in_guild(bot, guild))),
            "features": [],
        }
        if flag_of(call.query, "with_counts"):
            payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
        listed.append(payload)
    return Answer(200, listed)


@routes.delete("/users/@me/guilds/{guild_id}")
def leave_guild(call: Call) -> Answer:
    guild_changes.leave(call.world, call.guild(), call.application.user)
    return Answer(204)


@routes.post("/users/@me/channels")
def open_dm(call: Call) -> Answer:
    body = call.body or {}
    refuse_if_any([*unknown("", body, frozenset({"recipient_id"})), *missing("", body, "recipient_id")])
    other = call.world.users.get(int(body["recipient_id"]))
    if other is None or other.id == call.application.user.id:
        raise Refusal(400, 50033, "Invalid Recipient(s)")
    channel = channel_changes.dm_between(call.world, call.application.user.id, other.id)
    payload = channel_payloads.channel(call.world, channel) | {"recipients": [payloads.user(other)]}
    return Answer(200, payload)
