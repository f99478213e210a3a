"""INTERACTION_CREATE, as an application receives it. Source: docs, receiving-and-responding, "Interaction Object"."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.simulated.commands.kinds import Context, Installation
from adapters.discord.simulated.payloads import channels, messages, users
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.world import World

ATTACHMENT_SIZE_LIMIT_BYTES = 10 * 1024 * 1024
LOCALE = "en-US"
# What an application may always do where it has no membership (docs: the note on `app_permissions`).
IN_OTHERS_DMS = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
IN_ITS_OWN_DM = IN_OTHERS_DMS | Permission.USE_EXTERNAL_EMOJIS


def interaction_create(world: World, interaction: Interaction, data: Mapping[str, Any]) -> dict[str, Any]:
    channel = world.channels[interaction.channel_id]
    payload: dict[str, Any] = {
        "id": snowflake(interaction.id),
        "application_id": snowflake(interaction.application_id),
        "type": int(interaction.type),
        "data": dict(data),
        "channel_id": snowflake(channel.id),
        "channel": channels.channel(world, channel),
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(int(app_permissions(world, interaction.application_id, channel))),
        "locale": LOCALE,
        "entitlements": [],
        "authorizing_integration_owners": owners(world, interaction.application_id, interaction.user_id, channel),
        "context": int(context_of(world, interaction.application_id, channel)),
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT_BYTES,
    }
    if interaction.message_id is not None and interaction.message_id in world.messages:
        payload["message"] = messages.message(world, world.messages[interaction.message_id])
    return payload | _asker(world, interaction, channel)


def context_of(world: World, application_id: int, channel: Channel) -> Context:
    if not channel.is_private:
        return Context.GUILD
    is_with_bot = world.applications[application_id].user.id in channel.recipients
    return Context.BOT_DM if is_with_bot else Context.PRIVATE_CHANNEL


def owners(world: World, application_id: int, user_id: int, channel: Channel) -> dict[str, str]:
    """On whose word the application is there (docs: "Authorizing Integration Owners Object")."""
    bot = world.applications[application_id].user.id
    found: dict[str, str] = {}
    if channel.guild_id is not None and bot in world.guilds[channel.guild_id].members:
        found[str(int(Installation.GUILD_INSTALL))] = snowflake(channel.guild_id)
    elif context_of(world, application_id, channel) is Context.BOT_DM:
        found[str(int(Installation.GUILD_INSTALL))] = "0"
    if (application_id, user_id) in world.user_installs:
        found[str(int(Installation.USER_INSTALL))] = snowflake(user_id)
    return found


def app_permissions(world: World, application_id: int, channel: Channel) -> Permission:
    bot = world.applications[application_id].user.id
    if channel.is_private:
        return IN_ITS_OWN_DM if bot in channel.recipients else IN_OTHERS_DMS
    return world.permissions_in(bot, channel)


def _asker(world: World, interaction: Interaction, channel: Channel) -> dict[str, Any]:
    user = world.users[interaction.user_id]
    if channel.guild_id is None:
        return {"user": users.user(user)}
    guild = world.guilds[channel.guild_id]
    bits = {"permissions": str(int(world.permissions_in(user.id, channel)))}
    return {
        "guild_id": snowflake(guild.id),
        "guild": {"id": snowflake(guild.id), "locale": LOCALE, "features": []},
        "guild_locale": LOCALE,
        "member": users.member(guild.members[user.id], user) | bits,
    }
