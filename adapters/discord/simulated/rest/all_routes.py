"""Every route that is simulated."""

from adapters.discord.simulated.commands import routes as commands
from adapters.discord.simulated.gateway.hub import Hub
from adapters.discord.simulated.interactions import callbacks, followups
from adapters.discord.simulated.rest import (
    application_emojis,
    applications,
    channels,
    guilds,
    messages,
    pins,
    polls,
    reactions,
    threads,
    users,
    webhook_messages,
    webhooks,
)
from adapters.discord.simulated.rest.applications import gateway_routes
from adapters.discord.simulated.rest.routes import Route

FILES = (
    *(application_emojis, applications, channels, commands, guilds, messages, pins, polls, reactions, threads, users),
    *(webhook_messages, webhooks, callbacks, followups),
)


def all_routes(hub: Hub) -> list[Route]:
    declared = [route for file in FILES for route in file.routes.declared]
    return declared + gateway_routes(hub).declared
