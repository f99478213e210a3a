"""Guilds and roles in Discord's JSON."""

from typing import Any

from adapters.discord.simulated.payloads import channels, users
from adapters.discord.simulated.payloads.scalars import snowflake, snowflake_or_none, timestamp
from adapters.discord.simulated.world.guilds import Emoji, Guild, Role, Sticker
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.world import World


def guild(guild: Guild) -> dict[str, Any]:
    return {
        "id": snowflake(guild.id),
        "name": guild.name,
        "icon": guild.icon,
        "description": guild.description,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": snowflake(guild.owner_id),
        "application_id": None,
        "region": "us-west",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role(each) for each in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [emoji(each) for each in guild.emojis.values()],
        "stickers": [sticker(each) for each in guild.stickers.values()],
        "incidents_data": None,
    }


def created(world: World, state: Guild, bot_id: int) -> dict[str, Any]:
    """GUILD_CREATE for one bot: with what it may see of channels and threads, and the members it is told of."""
    seen = [
        channel
        for channel in world.channels.values()
        if channel.guild_id == state.id and world.may(bot_id, Permission.VIEW_CHANNEL, channel)
    ]
    threads = [each for each in seen if each.is_thread and each.thread is not None and not each.thread.is_archived]
    return guild(state) | {
        "joined_at": timestamp(state.members[bot_id].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(state.members),
        "members": [users.member(each, world.users[each.user_id]) for each in state.members.values()],
        "channels": [channels.channel(world, each) for each in seen if not each.is_thread],
        "threads": [channels.thread(world, each, seen_by=bot_id) for each in threads],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def role(role: Role) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "id": snowflake(role.id),
        "name": role.name,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.is_hoisted,
        "managed": role.is_managed,
        "mentionable": role.is_mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return payload if role.bot_id is None else payload | {"tags": {"bot_id": snowflake_or_none(role.bot_id)}}


def emoji(emoji: Emoji) -> dict[str, Any]:
    return {
        "id": snowflake(emoji.id),
        "name": emoji.name,
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": emoji.is_animated,
        "available": True,
    }


def sticker(sticker: Sticker) -> dict[str, Any]:
    return {
        "id": snowflake(sticker.id),
        "name": sticker.name,
        "tags": sticker.tags,
        "type": 2,
        "format_type": sticker.format_type,
        "description": sticker.description,
        "available": True,
        "guild_id": snowflake(sticker.guild_id),
    }
