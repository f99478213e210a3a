"""A message as REST shows it to an application: without its content when MESSAGE_CONTENT is off in the portal."""

from typing import Any

from adapters.discord.simulated.gateway.intents import Intent, without_content
from adapters.discord.simulated.payloads import messages as payloads
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.rest.routes import Call
from adapters.discord.simulated.world.messages import Message


def as_seen(call: Call, message: Message) -> dict[str, Any]:
    bot = call.bot
    payload = payloads.message(call.world, message, seen_by=None if bot is None else bot.user.id)
    if bot is None or bot.privileged_intents & Intent.MESSAGE_CONTENT or message.guild_id is None:
        return payload
    shown = without_content(payload | {"guild_id": snowflake(message.guild_id)}, bot.user.id)
    return {key: value for key, value in shown.items() if key != "guild_id"}
