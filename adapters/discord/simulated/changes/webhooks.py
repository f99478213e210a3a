"""What happens to webhooks: each function changes the world and tells the gateways."""

from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.webhooks import Webhook
from adapters.discord.simulated.world.world import World


def make(world: World, channel: Channel, name: str, *, user_id: int, application_id: int | None) -> Webhook:
    assert channel.guild_id is not None, "webhooks are of guilds"
    webhook = Webhook(
        id=world.next_id(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        name=name,
        token=world.next_token(),
        user_id=user_id,
        application_id=application_id,
    )
    world.webhooks[webhook.id] = webhook
    updated(world, channel.id)
    return webhook


def move(world: World, webhook: Webhook, channel: Channel) -> None:
    left = webhook.channel_id
    webhook.channel_id = channel.id
    updated(world, left)
    updated(world, channel.id)


def delete(world: World, webhook: Webhook) -> None:
    world.webhooks.pop(webhook.id, None)
    updated(world, webhook.channel_id)


def updated(world: World, channel_id: int) -> None:
    """Gateways are told that something about a channel's webhooks is new, not what (docs, "Webhooks Update")."""
    channel = world.channels[channel_id]
    payload = {"guild_id": snowflake(channel.guild_id or 0), "channel_id": snowflake(channel_id)}
    world.publish("WEBHOOKS_UPDATE", payload, channel=channel)
