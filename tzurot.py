"""The composition root: the one place that knows engine, adapters and projections, and puts them together.

embedded servers, or those of NATS_URL and DATABASE_URL
    └─ key ring ─ log ─ projections ─ engine ─ reactors        opened by `Root.opened`, closed in reverse
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, override

from pydantic import SecretStr

from adapters.configured import check_configured
from adapters.embedded import embedded_servers
from adapters.models.offline import Offline
from adapters.models.tokens import load_token_counter
from adapters.models.watchdogs import Patience
from adapters.terminal.doctor import examine
from adapters.terminal.host import ALL_ROLES, Check, Host, LogOnly, Opened, Role
from adapters.terminal.postman import TerminalPostman
from engine.application import Engine, Parts, now
from engine.characters import bundled_characters
from engine.domain.ids import INSTANCE
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.errors import AlreadyExists
from engine.event_log import EventLog, Tzurot
from engine.log.reader import LogReader
from engine.log.subjects import stream_name
from engine.log.tail import Tail
from engine.ports import Describer, Model, Postman, Senses, TokenCounter, Transcriber
from engine.replaying import OnProgress
from engine.settings import OPENAI_BASE_URL, Settings
from engine.why import Why
from projections.opening import open_projections
from projections.source import LogFollower

SHOWN_VERSIONS = ("tzurot", "eventsourcing", "nats-py", "faststream", "psycopg", "openai")


class Root(Host):
    """Opens what the command line asks for, as the settings say."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @override
    @asynccontextmanager
    async def opened(
        self, roles: frozenset[Role] = ALL_ROLES, *, on_progress: OnProgress | None = None
    ) -> AsyncIterator[Opened]:
        settings = self._settings
        stream = stream_name(settings.log_name)
        async with AsyncExitStack() as stack:
            counting = stack.enter_context(_Background(load_token_counter()))
            nats_url, database_url = await stack.enter_async_context(_servers(settings))
            key_ring, log = await _open_log(settings, nats_url, stack)
            reader = stack.enter_context(LogReader(nats_url, stream))
            source = LogFollower(reader, lambda: Tail(nats_url, stream))
            projections = await stack.enter_async_context(
                open_projections(database_url, source, key_ring, on_progress=on_progress)
            )
            tokens = await counting.result()
            model = _model(settings, tokens)
            stack.push_async_callback(model.close)
            senses = await _senses(settings, stack) if "responder" in roles else None
            engine = Engine(
                Parts(
                    log=log,
                    reader=projections.reader,
                    model=model,
                    tokens=tokens,
                    key_ring=key_ring,
                    refusals=key_ring,
                    instance=settings.instance,
                    senses=senses,
                )
            )
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            if "projections" in roles:
                running = tasks.create_task(projections.run())
                stack.callback(running.cancel)
            await _install_characters(engine)
            postmen = await _postmen(engine, settings, roles, stack, nats_url=nats_url, key_ring=key_ring)
            playing = frozenset(map(str, roles)) | ({"deliverer"} if postmen else set())
            await stack.enter_async_context(engine.reacting(nats_url, stream, postmen, roles=playing))
            yield Opened(engine, projections, settings, model.name, _versions(), frozenset(postmen))

    @override
    @asynccontextmanager
    async def log_only(self) -> AsyncIterator[LogOnly]:
        async with AsyncExitStack() as stack:
            nats_url, _ = await stack.enter_async_context(_servers(self._settings, postgres=False))
            key_ring, log = await _open_log(self._settings, nats_url, stack)
            yield LogOnly(log, Why(log, key_ring))

    @override
    async def examine(self) -> list[Check]:
        return await examine(self, self._settings)


class _Background[T]:
    """Work that goes on while something else starts; given up when its context ends first."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._task = asyncio.ensure_future(work)

    def __enter__(self) -> "_Background[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self._task.cancel()

    async def result(self) -> T:
        return await self._task


@asynccontextmanager
async def _servers(settings: Settings, *, postgres: bool = True) -> AsyncIterator[tuple[str, str]]:
    """The URLs of the log's and the projections' servers; starts those that are not configured."""
    await check_configured(
        nats_url=_value(settings.nats_url), database_url=_value(settings.database_url) if postgres else None
    )
    needs_nats = settings.nats_url is None
    needs_postgres = postgres and settings.database_url is None
    async with embedded_servers(settings.data_dir, nats=needs_nats, postgres=needs_postgres) as servers:
        yield (
            _value(settings.nats_url) or servers.nats_url or "",
            _value(settings.database_url) or servers.database_url or "",
        )


async def _open_log(settings: Settings, nats_url: str, stack: AsyncExitStack) -> tuple[SqliteKeyRing, EventLog]:
    key_ring = SqliteKeyRing(settings.key_ring_path)
    stack.callback(key_ring.close)
    log = EventLog(await asyncio.to_thread(Tzurot, key_ring, nats_url=nats_url, name=settings.log_name))
    stack.push_async_callback(log.close)
    return key_ring, log


def _model(settings: Settings, tokens: TokenCounter) -> Model:
    if settings.is_offline:
        return Offline(tokens)
    from adapters.models.openai_compatible import OpenAICompatible  # noqa: PLC0415 - it takes a second to import

    return OpenAICompatible(
        base_url=settings.openai_base_url or OPENAI_BASE_URL,
        api_key=settings.openai_api_key,
        patience=Patience(
            first_token_s=settings.model_first_token_s,
            stall_s=settings.model_stall_s,
            total_s=settings.model_total_s,
        ),
    )


async def _senses(settings: Settings, stack: AsyncExitStack) -> Senses | None:
    """What attachments are described with; None where nothing is configured for that."""
    if not (settings.openai_vision_model or settings.openai_transcription_model):
        return None
    # they take a moment to import, too
    from aiohttp import ClientSession  # noqa: PLC0415

    from adapters.discord.files import DiscordFiles  # noqa: PLC0415
    from adapters.models.senses import OpenAICompatibleDescriber, OpenAICompatibleTranscriber  # noqa: PLC0415

    base_url, api_key = settings.openai_base_url or OPENAI_BASE_URL, settings.openai_api_key
    describer: Describer | None = None
    transcriber: Transcriber | None = None
    if model := settings.openai_vision_model:
        describer = seeing = OpenAICompatibleDescriber(base_url=base_url, model=model, api_key=api_key)
        stack.push_async_callback(seeing.close)
    if model := settings.openai_transcription_model:
        transcriber = hearing = OpenAICompatibleTranscriber(base_url=base_url, model=model, api_key=api_key)
        stack.push_async_callback(hearing.close)
    session = await stack.enter_async_context(ClientSession())
    return Senses(DiscordFiles(session, cdn_base=settings.discord_cdn_base), describer, transcriber)


async def _postmen(
    engine: Engine,
    settings: Settings,
    roles: frozenset[Role],
    stack: AsyncExitStack,
    *,
    nats_url: str,
    key_ring: SqliteKeyRing,
) -> Mapping[str, Postman]:
    """Who delivers where, by platform; opens Discord where that is played and configured."""
    postmen: list[Postman] = []
    if "deliverer" in roles:
        postmen.append(TerminalPostman())
    if "discord" in roles and settings.discord_token is not None:
        # nextcord takes half a second to import
        from adapters.discord.commands.opening import slash_commands  # noqa: PLC0415
        from adapters.discord.opening import discord  # noqa: PLC0415

        commands = slash_commands(engine, settings, nats_url=nats_url, key_ring=key_ring)
        opened = await stack.enter_async_context(discord(engine, settings, nats_url=nats_url, plugs=[commands]))
        postmen.append(opened.postman)
    return {postman.platform: postman for postman in postmen}


async def _install_characters(engine: Engine) -> None:
    """Make the characters that come with Tzurot, once; whoever deleted or changed one keeps it so."""
    for character in bundled_characters():
        try:
            await engine.settables.create_character(
                owner=INSTANCE, fields=character.fields, at=now(), token=character.token
            )
        except AlreadyExists:
            continue


def _value(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _versions() -> Mapping[str, str]:
    return {name: version(name) for name in SHOWN_VERSIONS}


def main() -> None:
    """Run the command line."""
    from adapters import benchmarks  # noqa: PLC0415
    from adapters.discord import command_line as discord  # noqa: PLC0415
    from adapters.terminal.command_line import run  # noqa: PLC0415

    run(Root, benchmarks.build(Root), discord.app)
