"""A person does something that an application is told of."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.interactions.payload import interaction_create, owners
from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World


def begin(
    world: World,
    kind: InteractionType,
    *,
    application_id: int,
    user: User,
    channel: Channel,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
    message_id: int | None = None,
    focused_type: int | None = None,
) -> Interaction:
    """Tell the application, and give back what it will answer to. `metadata`: what its kind adds to the common ones."""
    interaction = Interaction(
        id=world.next_id(),
        token=world.next_token(),
        application_id=application_id,
        user_id=user.id,
        channel_id=channel.id,
        guild_id=channel.guild_id,
        type=kind,
        made_at=world.clock.now(),
        message_id=message_id,
        focused_type=focused_type,
    )
    interaction.metadata = {
        "id": snowflake(interaction.id),
        "type": int(kind),
        "user": users.user(user),
        "authorizing_integration_owners": owners(world, application_id, user.id, channel),
        **(metadata or {}),
    }
    world.interactions[interaction.token] = interaction
    payload = interaction_create(world, interaction, data)
    world.publish_to([application_id], "INTERACTION_CREATE", payload, guild_id=channel.guild_id)
    return interaction
