"""The three bots as processes: how each is started, what it says, and how it ends.

A bot is told where Discord is and who it is by DISCORD_API_BASE and DISCORD_TOKEN, and nothing else. What it notices it
writes to its standard output, one JSON object a line; its library's warnings go to its standard error.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from tests.discord.conformance.installing import HERE, node_modules_with, python_with

ENDS_WITHIN_S = 5
NOTHING_MORE_WITHIN_S = 30


@dataclass(frozen=True, slots=True)
class Command:
    """How a bot is started."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


type Prepare = Callable[[Mapping[str, str]], Command]


def discordjs(environment: Mapping[str, str]) -> Command:
    modules = node_modules_with("discordjs", environment)
    return Command(["node", str(HERE / "discordjs" / "bot.js")], {"NODE_PATH": str(modules)})


def discordpy(environment: Mapping[str, str]) -> Command:
    return Command([str(python_with("discordpy", environment)), str(HERE / "discordpy" / "bot.py")])


def hikari(environment: Mapping[str, str]) -> Command:
    return Command([str(python_with("hikari", environment)), str(HERE / "hikari" / "bot.py")])


def name_of(prepare: Prepare) -> str:
    return prepare.__name__


@dataclass(slots=True)
class Client:
    """A bot that runs."""

    process: asyncio.subprocess.Process
    notices: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def noticed(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """What it has noticed of that kind, with those facts."""
        wanted = {"event": event, **facts}.items()
        return [each for each in self.notices if wanted <= each.items()]

    @property
    def has_ended(self) -> bool:
        return self.process.returncode is not None

    def output(self) -> str:
        said = [json.dumps(each, ensure_ascii=False) for each in self.notices]
        return "\n".join(["The client noticed:", *said, "The client complained:", *self.complaints])


@asynccontextmanager
async def running(command: Command, discord: SimulatedDiscord, application: Application) -> AsyncIterator[Client]:
    """The bot, from its start to its end; whatever fails meanwhile is shown with what the bot said."""
    process = await asyncio.create_subprocess_exec(
        *command.words,
        env={
            **os.environ,
            **command.environment,
            "DISCORD_API_BASE": discord.api_base,
            "DISCORD_TOKEN": application.token,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    client = Client(process)
    listening = asyncio.gather(_notices(client), _complaints(client))
    try:
        yield client
    except BaseException as error:
        error.add_note(client.output())
        raise
    finally:
        await _end(process)
        await listening


async def _notices(client: Client) -> None:
    assert client.process.stdout is not None, "a pipe"
    async for line in client.process.stdout:
        try:
            client.notices.append(json.loads(line))
        except json.JSONDecodeError:
            client.complaints.append(line.decode().rstrip())  # a library that prints: the test shows it


async def _complaints(client: Client) -> None:
    assert client.process.stderr is not None, "a pipe"
    async for line in client.process.stderr:
        client.complaints.append(line.decode().rstrip())


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()  # it has nothing to lose
        await process.wait()
