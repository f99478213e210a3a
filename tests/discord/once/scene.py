"""A simulated Discord with a bot in it, whose engine lives in this process or in another one that can be killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from adapters.discord.simulated.building import BuiltGuild
from adapters.discord.simulated.pluralkit import PluralKit
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from adapters.embedded import embedded_servers
from adapters.terminal.host import Opened, Role
from engine.application import Engine
from engine.errors import AlreadyExists
from engine.settings import Settings
from tests.discord.once.hurrying import HOLD_S
from tests.discord.once.model import TellingModel, telling_model
from tests.discord.once.striking import Line
from tests.discord.once.watching import Watch, watched
from tzurot import Root

PROGRAM = Path(__file__).with_name("engine_process.py")
PROJECT = PROGRAM.parents[3]
EVERYTHING: frozenset[Role] = frozenset({"projections", "responder", "deliverer", "discord"})
NOTHING: frozenset[Role] = frozenset()
START_S = 60.0

_numbers = count(1)


@dataclass
class Scene:
    discord: SimulatedDiscord
    bot: Application
    harbour: BuiltGuild
    lodge: BuiltGuild
    """Where PluralKit is."""
    pluralkit: PluralKit
    model: TellingModel
    line: Line
    opened: Opened
    watch: Watch

    @property
    def engine(self) -> Engine:
        return self.opened.engine

    @staticmethod
    def number() -> int:
        return next(_numbers)

    async def caught_up(self) -> None:
        await self.engine.read.wait_for(await self.engine.log.last_position(), timeout_s=30)


@asynccontextmanager
async def _stage(directory: Path, roles: frozenset[Role]) -> AsyncIterator[tuple[Scene, Mapping[str, str]]]:
    """Everything but an engine that lives elsewhere, with the environment that such an engine needs.

    For whoever is `hurried`.
    """
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(SimulatedDiscord())
        model = await stack.enter_async_context(telling_model())
        servers = await stack.enter_async_context(embedded_servers(directory))
        assert servers.nats_url
        assert servers.database_url
        bot = discord.application("Tzurot")
        harbour, lodge = discord.guild("Harbour"), discord.guild("Lodge")
        environment = {
            "TZUROT_DATA_DIR": str(directory),
            "NATS_URL": servers.nats_url,
            "DATABASE_URL": servers.database_url,
            "OPENAI_BASE_URL": model.base_url,
            "OPENAI_MODEL": "plain",
            "DISCORD_TOKEN": bot.token,
            "DISCORD_SHARD_COUNT": "1",
            "DISCORD_API_BASE": discord.api_base,
            "DISCORD_CDN_BASE": discord.cdn_base,
            "PLURALKIT_API_BASE": f"{discord.base}/pluralkit/v2",
            "TZUROT_PLURALKIT_HOLD_S": str(HOLD_S),
        }
        settings = Settings.model_validate(environment)
        line = Line(discord, bot)
        discord.world.listeners.append(line.note)
        watch = await stack.enter_async_context(watched(servers.nats_url, settings.log_name))
        opened = await stack.enter_async_context(Root(settings).opened(roles))
        await _introduce_corin(opened.engine)
        kit = discord.pluralkit(lodge)
        yield Scene(discord, bot, harbour, lodge, kit, model, line, opened, watch), environment


async def _introduce_corin(engine: Engine) -> None:
    try:
        await engine.settables.create_character(
            owner="instance",
            fields={"name": "Corin Vale", "slug": "corin", "description": "Keeps the lamp.", "is_public": True},
            at=engine.clock(),
            token="corin",
        )
    except AlreadyExists:
        return


@asynccontextmanager
async def scene_of_one(directory: Path) -> AsyncIterator[Scene]:
    """With the engine in this process."""
    async with _stage(directory, EVERYTHING) as (scene, _):
        await scene.caught_up()
        await scene.line.until_connected()
        yield scene


@dataclass
class Apart:
    """An engine in a process of its own; a parent with everything imported begins it as often as it is told to."""

    scene: Scene
    environment: Mapping[str, str]
    errors: Path
    kills: int = 0
    parent: asyncio.subprocess.Process | None = None
    pid: int | None = None

    async def start(self) -> None:
        """Begin an engine, and return when it is connected."""
        before = set(self.scene.discord.hub.sessions)
        if self.parent is None:
            self.parent = await self._spawn()
        assert self.parent.stdin is not None
        self.parent.stdin.write(b"begin\n")
        self.pid = await self._heard()

        def is_connected() -> bool:
            new = [it for id_, it in self.scene.discord.hub.sessions.items() if id_ not in before]
            return any(session.outlet is not None for session in new)

        try:
            await self.scene.discord.until(is_connected, timeout_s=START_S)
        except AssertionError as error:
            raise AssertionError(f"the engine does not connect:\n{self.last_words()}") from error

    def kill(self) -> None:
        """At once: the process does nothing more when this returns."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)
        self.kills += 1

    async def until_dead(self) -> None:
        code = await self._heard()
        self.pid = None
        assert code == -signal.SIGKILL, f"the engine ended by itself with {code}:\n{self.last_words()}"

    async def stop(self) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            await self._heard()
        if self.parent is not None:
            assert self.parent.stdin is not None
            self.parent.stdin.close()
            await self.parent.wait()

    def last_words(self) -> str:
        return self.errors.read_text()[-4_000:]

    async def _heard(self) -> int:
        assert self.parent is not None
        assert self.parent.stdout is not None
        return int(await self.parent.stdout.readline())

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self.errors.open("ab") as errors:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                str(PROGRAM),
                cwd=PROJECT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **self.environment, "PYTHONPATH": str(PROJECT)},
            )


@asynccontextmanager
async def scene_apart(directory: Path) -> AsyncIterator[tuple[Scene, Apart]]:
    """With the engine in a process that can be killed; the servers of log and projections live on."""
    async with _stage(directory, NOTHING) as (scene, environment):
        apart = Apart(scene, environment, directory / "stderr")
        try:
            await apart.start()
            await scene.caught_up()
            yield scene, apart
        finally:
            await apart.stop()
