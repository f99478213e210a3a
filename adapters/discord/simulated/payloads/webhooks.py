"""Webhooks in Discord's JSON."""

from typing import Any

from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.payloads.scalars import snowflake, snowflake_or_none
from adapters.discord.simulated.world.webhooks import Webhook
from adapters.discord.simulated.world.world import World


def webhook(world: World, webhook: Webhook, *, has_token: bool = True, has_user: bool = True) -> dict[str, Any]:
    """`has_token`: not for those of other applications; `has_user`: not when it was asked for by its token."""
    payload: dict[str, Any] = {
        "id": snowflake(webhook.id),
        "type": int(webhook.type),
        "guild_id": snowflake(webhook.guild_id),
        "channel_id": snowflake(webhook.channel_id),
        "name": webhook.name,
        "avatar": webhook.avatar,
        "application_id": snowflake_or_none(webhook.application_id),
    }
    if has_token:
        payload["token"] = webhook.token
        payload["url"] = f"https://discord.com/api/webhooks/{webhook.id}/{webhook.token}"
    if has_user:
        payload["user"] = users.user(world.users[webhook.user_id])
    return payload
