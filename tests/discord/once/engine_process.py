"""A whole engine with Discord in a process of its own, configured by its environment, until it is killed.

The program itself is the parent of such processes: it has everything imported, begins one for each line that it reads,
writes that one's process id, and how it ended (a signal's number is negative).
"""

import asyncio
import logging
import os
import sys

import adapters.discord.commands.opening
import adapters.discord.opening
import adapters.models.openai_compatible
import tzurot
from adapters.terminal.host import Role
from engine.settings import Settings
from tests.discord.once.hurrying import hurried, taken_up_soon

EVERYTHING: frozenset[Role] = frozenset({"projections", "responder", "deliverer", "discord"})

__all__ = ["adapters"]  # imported before it is needed, since that takes a second


async def work() -> None:
    async with tzurot.Root(Settings.from_environment()).opened(EVERYTHING):
        await asyncio.Event().wait()


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            with hurried(), taken_up_soon():
                asyncio.run(work())
            return
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
