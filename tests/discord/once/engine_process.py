"""A whole engine with Discord in a process of its own, configured by its environment, until it is killed.

It gets ready and waits for a line before it opens anything, so that one stands by when another one is killed.
"""

import asyncio
import logging
import sys

import adapters.discord.commands.opening
import adapters.models.openai_compatible
import tzurot
from adapters.terminal.host import Role
from engine.settings import Settings
from tests.discord.once.hurrying import hurried, taken_up_soon

EVERYTHING: frozenset[Role] = frozenset({"projections", "responder", "deliverer", "discord"})

__all__ = ["adapters"]  # imported early, since it takes a second


async def work() -> None:
    async with tzurot.Root(Settings.from_environment()).opened(EVERYTHING):
        await asyncio.Event().wait()


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    if sys.stdin.readline():
        with hurried(), taken_up_soon():
            asyncio.run(work())


if __name__ == "__main__":
    main()
