"""Guilds with their members and roles. Source: docs, resources/guild."""

from datetime import datetime
from typing import Any

from adapters.discord.simulated.changes import guilds as changes
from adapters.discord.simulated.payloads import guilds as payloads
from adapters.discord.simulated.payloads import users as user_payloads
from adapters.discord.simulated.problems import bad_text, refuse_if_any, unknown
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.queries import flag_of, limit_of, snowflake_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.guilds import Guild, Member
from adapters.discord.simulated.world.permissions import Permission

LONGEST_NICK_CHARS = 32
MOST_MEMBERS = 1000

ONE = "/guilds/{guild_id}"
MEMBERS = ONE + "/members"

routes = Routes()


@routes.get(ONE, query=["with_counts"])
def get_guild(call: Call) -> Answer:
    guild = call.guild()
    payload = payloads.guild(guild)
    if flag_of(call.query, "with_counts"):
        payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return Answer(200, payload)


@routes.get(MEMBERS, query=["limit", "after"])
def list_members(call: Call) -> Answer:
    guild, after = call.guild(), snowflake_of(call.query, "after") or 0
    limit = limit_of(call.query, usual=1, most=MOST_MEMBERS)
    ids = sorted(each for each in guild.members if each > after)[:limit]
    return Answer(200, [_member(call, guild.members[each]) for each in ids])


@routes.get(MEMBERS + "/search", query=["query", "limit"])
def search_members(call: Call) -> Answer:
    guild, start = call.guild(), call.query.get("query", "").lower()
    found = [
        each
        for each in guild.members.values()
        if any((name or "").lower().startswith(start) for name in (call.world.users[each.user_id].username, each.nick))
    ]
    return Answer(200, [_member(call, each) for each in found[: limit_of(call.query, usual=1, most=MOST_MEMBERS)]])


@routes.get(MEMBERS + "/{user_id}")
def get_member(call: Call) -> Answer:
    return Answer(200, _member(call, _of(call, call.guild())))


@routes.patch(MEMBERS + "/@me")
def edit_own_member(call: Call) -> Answer:
    guild, body = call.guild(), call.body or {}
    refuse_if_any(
        [
            *unknown("", body, frozenset({"nick", "avatar", "banner", "bio"})),
            *bad_text("nick", body.get("nick"), 0, LONGEST_NICK_CHARS),
        ]
    )
    member = guild.members[call.application.user.id]
    _needs(call, guild, Permission.CHANGE_NICKNAME)
    member.nick = body.get("nick") or None
    changes.member_updated(call.world, guild, member)
    return Answer(200, _member(call, member))


@routes.patch(MEMBERS + "/{user_id}")
def edit_member(call: Call) -> Answer:
    guild, body = call.guild(), call.body or {}
    fields = frozenset({"nick", "roles", "mute", "deaf", "channel_id", "communication_disabled_until", "flags"})
    refuse_if_any([*unknown("", body, fields), *bad_text("nick", body.get("nick"), 0, LONGEST_NICK_CHARS)])
    member = _of(call, guild)
    if "nick" in body:
        _needs(call, guild, Permission.MANAGE_NICKNAMES)
        member.nick = body["nick"] or None
    if "roles" in body:
        _needs(call, guild, Permission.MANAGE_ROLES)
        member.roles = [int(each) for each in body["roles"] or ()]
    if "communication_disabled_until" in body:
        _needs(call, guild, Permission.MODERATE_MEMBERS)
        until = body["communication_disabled_until"]
        member.timed_out_until = None if until is None else datetime.fromisoformat(until)
    changes.member_updated(call.world, guild, member)
    return Answer(200, _member(call, member))


@routes.delete(MEMBERS + "/{user_id}")
def remove_member(call: Call) -> Answer:
    guild = call.guild()
    _needs(call, guild, Permission.KICK_MEMBERS)
    changes.leave(call.world, guild, call.world.users[_of(call, guild).user_id])
    return Answer(204)


@routes.put(MEMBERS + "/{user_id}/roles/{role_id}")
def add_role(call: Call) -> Answer:
    guild = call.guild()
    _needs(call, guild, Permission.MANAGE_ROLES)
    member, role_id = _of(call, guild), call.id("role_id")
    if role_id not in guild.roles:
        raise errors.unknown("Role")
    if role_id not in member.roles:
        member.roles.append(role_id)
        changes.member_updated(call.world, guild, member)
    return Answer(204)


@routes.delete(MEMBERS + "/{user_id}/roles/{role_id}")
def remove_role(call: Call) -> Answer:
    guild = call.guild()
    _needs(call, guild, Permission.MANAGE_ROLES)
    member = _of(call, guild)
    if call.id("role_id") in member.roles:
        member.roles.remove(call.id("role_id"))
        changes.member_updated(call.world, guild, member)
    return Answer(204)


@routes.get(ONE + "/roles")
def list_roles(call: Call) -> Answer:
    return Answer(200, [payloads.role(each) for each in call.guild().roles.values()])


@routes.get(ONE + "/roles/{role_id}")
def get_role(call: Call) -> Answer:
    role = call.guild().roles.get(call.id("role_id"))
    if role is None:
        raise errors.unknown("Role")
    return Answer(200, payloads.role(role))


@routes.get(ONE + "/emojis")
def list_emojis(call: Call) -> Answer:
    return Answer(200, [payloads.emoji(each) for each in call.guild().emojis.values()])


@routes.get(ONE + "/stickers")
def list_stickers(call: Call) -> Answer:
    return Answer(200, [payloads.sticker(each) for each in call.guild().stickers.values()])


def _of(call: Call, guild: Guild) -> Member:
    if call.id("user_id") not in call.world.users:
        raise errors.unknown("User")
    member = guild.members.get(call.id("user_id"))
    if member is None:
        raise errors.unknown("Member")
    return member


def _member(call: Call, member: Member) -> dict[str, Any]:
    return user_payloads.member(member, call.world.users[member.user_id])


def _needs(call: Call, guild: Guild, permission: Permission) -> None:
    if permission not in call.world.permissions_in_guild(call.application.user.id, guild):
        raise errors.missing_permissions()
