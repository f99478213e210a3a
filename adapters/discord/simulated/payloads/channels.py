"""Channels and threads in Discord's JSON."""

from typing import Any

from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.payloads.scalars import snowflake, snowflake_or_none, timestamp, timestamp_or_none
from adapters.discord.simulated.world.channels import Channel, ChannelType, ForumTag
from adapters.discord.simulated.world.snowflakes import made_at
from adapters.discord.simulated.world.world import World


def channel(world: World, channel: Channel) -> dict[str, Any]:
    if channel.is_private:
        return _private(world, channel)
    return thread(world, channel) if channel.is_thread else _of_guild(channel)


def _private(world: World, channel: Channel) -> dict[str, Any]:
    return _shared(channel) | {"recipients": [users.user(world.users[each]) for each in channel.recipients]}


def _of_guild(channel: Channel) -> dict[str, Any]:
    payload = _shared(channel) | {
        "guild_id": snowflake_or_none(channel.guild_id),
        "name": channel.name,
        "parent_id": snowflake_or_none(channel.parent_id),
        "position": channel.position,
        "permission_overwrites": [
            {
                "id": snowflake(overwrite.target),
                "type": int(overwrite.is_member),
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for overwrite in channel.overwrites
        ],
        "nsfw": channel.is_nsfw,
    }
    if channel.type == ChannelType.GUILD_CATEGORY:
        return payload
    payload["rate_limit_per_user"] = channel.rate_limit_per_user_s
    if channel.type != ChannelType.GUILD_VOICE:
        payload["topic"] = channel.topic
    if channel.default_auto_archive_duration_min is not None:
        payload["default_auto_archive_duration"] = channel.default_auto_archive_duration_min
    if channel.type in {ChannelType.GUILD_VOICE, ChannelType.GUILD_STAGE_VOICE}:
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.is_forum:
        payload |= {
            "available_tags": [tag(each) for each in channel.available_tags],
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return payload


def tag(tag: ForumTag) -> dict[str, Any]:
    return {
        "id": snowflake(tag.id),
        "name": tag.name,
        "moderated": tag.is_moderated,
        "emoji_id": snowflake_or_none(tag.emoji_id),
        "emoji_name": tag.emoji_name,
    }


def thread(world: World, channel: Channel, *, seen_by: int | None = None) -> dict[str, Any]:
    """A thread; for a user who is in it, with `member`."""
    state = channel.thread
    assert state is not None, "a thread"
    metadata: dict[str, Any] = {
        "archived": state.is_archived,
        "archive_timestamp": timestamp(state.archive_timestamp),
        "auto_archive_duration": state.auto_archive_duration_min,
        "locked": state.is_locked,
        "create_timestamp": timestamp(made_at(channel.id)),
    }
    if channel.is_private_thread:
        metadata["invitable"] = state.is_invitable
    payload = _shared(channel) | {
        "guild_id": snowflake_or_none(channel.guild_id),
        "name": channel.name,
        "parent_id": snowflake_or_none(channel.parent_id),
        "owner_id": snowflake_or_none(channel.owner_id),
        "rate_limit_per_user": channel.rate_limit_per_user_s,
        "thread_metadata": metadata,
        "message_count": state.message_count,
        "member_count": min(len(state.members), 50),
        "total_message_sent": state.total_message_sent,
    }
    if channel.parent_id is not None and world.channels[channel.parent_id].is_forum:
        payload["applied_tags"] = [snowflake(each) for each in state.applied_tags]
    if seen_by is not None and seen_by in state.members:
        payload["member"] = thread_member(channel, seen_by)
    return payload


def thread_member(channel: Channel, user_id: int) -> dict[str, Any]:
    state = channel.thread
    assert state is not None, "a thread"
    return {
        "id": snowflake(channel.id),
        "user_id": snowflake(user_id),
        "join_timestamp": timestamp(state.members[user_id]),
        "flags": 0,
    }


def _shared(channel: Channel) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "id": snowflake(channel.id),
        "type": int(channel.type),
        "flags": int(channel.flags),
    }
    if channel.type != ChannelType.GUILD_CATEGORY:
        payload["last_message_id"] = snowflake_or_none(channel.last_message_id)
    if channel.type not in {ChannelType.GUILD_CATEGORY, ChannelType.GUILD_VOICE}:
        payload["last_pin_timestamp"] = timestamp_or_none(channel.last_pin_timestamp)
    return payload
