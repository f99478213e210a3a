"""Discord, simulated, alone: `python -m adapters.discord.simulated --port 8765`, and a page to be somebody there."""

import argparse
import asyncio
import contextlib
import sys

from adapters.discord.simulated.by_hand.acting import ByHand
from adapters.discord.simulated.by_hand.page import PREFIX
from adapters.discord.simulated.simulated import SimulatedDiscord

WELCOME = """\
A simulated Discord, with {people} in {guild}. Nothing of it is kept.

  page       {page}
  bot token  {token}

Point a bot at it:

  DISCORD_API_BASE={api}
  DISCORD_CDN_BASE={cdn}

Ctrl-C ends it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m adapters.discord.simulated", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765, help="0 for any that is free")
    parser.add_argument("--bot", default="Tzurot", help="the application's name")
    parser.add_argument("--token", help="the bot's token; one is made up otherwise")
    parser.add_argument("--guild", default="Harbour")
    parser.add_argument("--channels", nargs="*", default=["tavern", "pier"])
    parser.add_argument("--people", nargs="+", default=["alice", "bob"])
    with contextlib.suppress(KeyboardInterrupt):  # that is how it is meant to end
        asyncio.run(_serve(parser.parse_args()))


async def _serve(chosen: argparse.Namespace) -> None:
    async with SimulatedDiscord(host=chosen.host, port=chosen.port) as discord:
        guild = discord.guild(chosen.guild, owner=discord.person(chosen.people[0]).user)
        for name in chosen.people:
            guild.member(name)
        for name in chosen.channels:
            guild.text_channel(name)
        guild.forum("board")
        application = discord.application(chosen.bot, owner=discord.person(chosen.people[0]).user)
        application.token = chosen.token or application.token
        discord.serve_beside(PREFIX, ByHand(discord).answer)
        welcome = WELCOME.format(
            people=", ".join(chosen.people),
            guild=chosen.guild,
            page=discord.base + PREFIX,
            token=application.token,
            api=discord.api_base,
            cdn=discord.cdn_base,
        )
        sys.stdout.write(welcome)
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
