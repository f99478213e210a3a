"""Slash commands, opened: what they need is at hand, and whatever the gateway dispatches can be given to them."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import nats

from adapters.discord.commands.answering import DiscordAnswering
from adapters.discord.commands.catalogue import GROUPS
from adapters.discord.commands.dispatch import Dispatch
from adapters.discord.commands.fetching import Fetching
from adapters.discord.commands.fitting import Fitting
from adapters.discord.commands.servers import DiscordServers
from adapters.discord.commands.sessions import NatsBucket, Sessions
from adapters.discord.faces import ApplicationEmojis
from adapters.discord.files import DiscordFiles
from adapters.discord.opening import Discord, OnDispatch, Plug
from adapters.discord.publishing import Publishing
from engine.application import Engine
from engine.envelope.key_ring import KeyRing
from engine.settings import Settings

CLOSING_S = 5.0


def slash_commands(engine: Engine, settings: Settings, *, nats_url: str, key_ring: KeyRing) -> Plug:
    """What is to be plugged into an open Discord. On closing, what is being answered has a few seconds to end."""

    @asynccontextmanager
    async def plug(opened: Discord) -> AsyncIterator[OnDispatch]:
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            client = await nats.connect(nats_url)
            stack.push_async_callback(client.close)
            pictures = ThreadPoolExecutor(1, "pictures")
            stack.callback(pictures.shutdown, wait=False, cancel_futures=True)
            answering: set[asyncio.Task[None]] = set()
            stack.push_async_callback(_end, answering)
            sessions = Sessions(NatsBucket(client.jetstream()), key_ring, engine.clock)
            fetching = Fetching(DiscordFiles(http, cdn_base=settings.discord_cdn_base))

            dispatch = Dispatch(
                engine,
                GROUPS,
                answering=DiscordAnswering(opened.rest),
                sessions=sessions,
                fetch=fetching,
                fit=Fitting(pictures),
                publishing=Publishing(engine, ApplicationEmojis(opened.rest)),
                servers=DiscordServers(opened.rest),
                show_typing=opened.show_typing,
                operators=[int(id_) for id_ in settings.discord_operators.split(",") if id_],
                clock=engine.clock,
            )

            def on_dispatch(event: str, payload: dict[str, Any]) -> None:
                if event == "INTERACTION_CREATE":
                    task = asyncio.create_task(dispatch.take(payload))
                    answering.add(task)
                    task.add_done_callback(answering.discard)

            yield on_dispatch

    return plug


async def _end(answering: set[asyncio.Task[None]]) -> None:
    if answering:
        _, late = await asyncio.wait(answering, timeout=CLOSING_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
