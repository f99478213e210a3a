"""The real nextcord client, connected to a simulated Discord for the time of a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nextcord

from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from tests.discord import openapi


def new_client() -> nextcord.Client:
    return nextcord.Client(intents=nextcord.Intents.all(), guild_ready_timeout=0.05)


@asynccontextmanager
async def connected(
    discord: SimulatedDiscord, application: Application, client: nextcord.Client
) -> AsyncIterator[nextcord.Client]:
    """Ready, and with its commands registered."""
    before = nextcord.http.Route.BASE, nextcord.asset.Asset.BASE
    nextcord.http.Route.BASE, nextcord.asset.Asset.BASE = discord.api_base, discord.cdn_base
    running = asyncio.create_task(client.start(application.token))
    try:
        declared = len(client._application_commands_to_add)
        await discord.until(lambda: running.done() or _is_synced(client, declared))
        if running.done():
            await running
        yield client
    finally:
        await client.close()
        await running
        nextcord.http.Route.BASE, nextcord.asset.Asset.BASE = before


def _is_synced(client: nextcord.Client, declared: int) -> bool:
    """Whether the client has an id for every command that it declares."""
    known = [command for command in client.get_all_application_commands() if command.command_ids]
    return client.is_ready() and len(known) == declared


def agrees(discord: SimulatedDiscord) -> None:
    """Nothing unknown was asked for, and every exchange agrees with Discord's description where that is present."""
    path = openapi.found()
    description = None if path is None else openapi.Description(path)
    found = [f"{each}: unrouted" for each in discord.journal.unrouted]
    for exchange in discord.journal.exchanges if description is not None else ():
        found += description.problems(exchange) if description is not None else ()
    assert not found, "\n".join(found)
