"""Channels. Source: docs, resources/channel and resources/guild ("Create Guild Channel")."""

from typing import Any

from adapters.discord.simulated.changes import channels as changes
from adapters.discord.simulated.changes import messages as message_changes
from adapters.discord.simulated.payloads import channels as payloads
from adapters.discord.simulated.problems import (
    Problem,
    bad_flag,
    bad_number,
    bad_text,
    missing,
    not_one_of,
    refuse_if_any,
    unknown,
)
from adapters.discord.simulated.rest import errors, threads
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.messages import with_messages
from adapters.discord.simulated.rest.posting import refuse_if_archived
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.channels import Channel, ChannelType
from adapters.discord.simulated.world.permissions import Overwrite, Permission

LONGEST_NAME_CHARS = 100
LONGEST_TOPIC_CHARS = 1024
LONGEST_FORUM_TOPIC_CHARS = 4096
SLOWEST_S = 21_600
ONE = "/channels/{channel_id}"
FIELDS = frozenset(
    {
        *("name", "type", "position", "topic", "nsfw", "rate_limit_per_user", "bitrate", "user_limit", "parent_id"),
        *("permission_overwrites", "rtc_region", "video_quality_mode", "default_auto_archive_duration", "flags"),
        *("available_tags", "default_reaction_emoji", "default_thread_rate_limit_per_user", "default_sort_order"),
        *("default_forum_layout", "lock_permissions"),
    }
)
MAKEABLE = (0, 2, 4, 5, 13, 15, 16)

routes = Routes()


@routes.get(ONE)
def get_channel(call: Call) -> Answer:
    return Answer(200, _shown(call, call.channel()))


@routes.patch(ONE)
def edit_channel(call: Call) -> Answer:
    channel = call.channel()
    if channel.is_private:
        raise Refusal(400, 50003, "Cannot execute action on a DM channel")
    if channel.is_thread:
        return threads.change(call, channel)
    if not call.may(Permission.MANAGE_CHANNELS, channel):
        raise errors.missing_permissions()
    body = _checked(call)
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    channel.is_nsfw = bool(body.get("nsfw", channel.is_nsfw))
    channel.position = body.get("position") or channel.position
    if "rate_limit_per_user" in body:
        channel.rate_limit_per_user_s = body["rate_limit_per_user"] or 0
    if "parent_id" in body:
        channel.parent_id = None if body["parent_id"] is None else int(body["parent_id"])
    if body.get("permission_overwrites") is not None:
        channel.overwrites = [_overwrite(each) for each in body["permission_overwrites"]]
    changes.updated(call.world, channel)
    return Answer(200, _shown(call, channel))


@routes.delete(ONE)
def delete_channel(call: Call) -> Answer:
    """A DM is only closed, and stands there again when somebody writes."""
    channel = call.channel()
    payload = _shown(call, channel)
    if not channel.is_private:
        needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
        if not call.may(needed, channel):
            raise errors.missing_permissions()
        changes.delete(call.world, channel)
    return Answer(200, payload)


@routes.post(ONE + "/typing")
def trigger_typing(call: Call) -> Answer:
    channel = with_messages(call.channel())
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if not call.may(needed, channel):
        raise errors.missing_permissions()
    refuse_if_archived(channel)
    message_changes.type_in(call.world, channel, call.application.user.id)
    return Answer(204)


@routes.put(ONE + "/permissions/{overwrite_id}")
def edit_permissions(call: Call) -> Answer:
    channel = call.channel(Permission.MANAGE_ROLES)
    body = call.body or {}
    refuse_if_any([*unknown("", body, frozenset({"allow", "deny", "type"})), *missing("", body, "type")])
    others = [each for each in channel.overwrites if each.target != call.id("overwrite_id")]
    channel.overwrites = [*others, _overwrite(body | {"id": call.id("overwrite_id")})]
    changes.updated(call.world, channel)
    return Answer(204)


@routes.delete(ONE + "/permissions/{overwrite_id}")
def delete_permissions(call: Call) -> Answer:
    channel = call.channel(Permission.MANAGE_ROLES)
    kept = [each for each in channel.overwrites if each.target != call.id("overwrite_id")]
    if len(kept) == len(channel.overwrites):
        raise errors.unknown("Permission Overwrite")
    channel.overwrites = kept
    changes.updated(call.world, channel)
    return Answer(204)


@routes.get("/guilds/{guild_id}/channels")
def list_guild_channels(call: Call) -> Answer:
    """All of them but threads, also those that the bot may not look into (docs, "Get Guild Channels")."""
    guild = call.guild()
    found = [each for each in call.world.channels.values() if each.guild_id == guild.id and not each.is_thread]
    return Answer(200, [_shown(call, each) for each in found])


@routes.post("/guilds/{guild_id}/channels")
def create_guild_channel(call: Call) -> Answer:
    guild = call.guild()
    if Permission.MANAGE_CHANNELS not in call.world.permissions_in_guild(call.application.user.id, guild):
        raise errors.missing_permissions()
    body = _checked(call)
    refuse_if_any([*missing("", body, "name"), *not_one_of("type", body.get("type"), MAKEABLE)])
    channel = changes.make(
        call.world,
        guild,
        ChannelType(body.get("type") or 0),
        body["name"],
        parent=None if body.get("parent_id") is None else call.world.channels.get(int(body["parent_id"])),
        overwrites=[_overwrite(each) for each in body.get("permission_overwrites") or ()],
        is_nsfw=bool(body.get("nsfw")),
        topic=body.get("topic"),
    )
    return Answer(201, _shown(call, channel))


def _checked(call: Call) -> dict[str, Any]:
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    problems: list[Problem] = [
        *unknown("", body, FIELDS),
        *bad_text("name", body.get("name"), 1, LONGEST_NAME_CHARS),
        *bad_text("topic", body.get("topic"), 0, LONGEST_FORUM_TOPIC_CHARS),
        *bad_flag("nsfw", body.get("nsfw")),
        *bad_number("rate_limit_per_user", body.get("rate_limit_per_user"), 0, SLOWEST_S),
    ]
    refuse_if_any(problems)
    return body


def _overwrite(told: dict[str, Any]) -> Overwrite:
    """Bits come as text, and from some clients as numbers."""
    return Overwrite(
        target=int(told["id"]),
        is_member=int(told["type"]) == 1,
        allow=Permission(int(told.get("allow") or 0)),
        deny=Permission(int(told.get("deny") or 0)),
    )


def _shown(call: Call, channel: Channel) -> dict[str, Any]:
    if channel.is_thread:
        return payloads.thread(call.world, channel, seen_by=call.application.user.id)
    payload = payloads.channel(call.world, channel)
    if channel.type == ChannelType.DM:
        # A bot sees the other one, not itself.
        payload["recipients"] = [each for each in payload["recipients"] if each["id"] != str(call.application.user.id)]
    return payload
