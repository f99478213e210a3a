"""Text as people read it: mentions, emoji and times by their names (docs: reference, "Message Formatting").

What stands in code marks is read as it is written.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from adapters.discord.simulated.world.guilds import Guild
from adapters.discord.simulated.world.users import Author, User
from adapters.discord.simulated.world.world import World

CODE = re.compile(r"(```.*?```|``.*?``|`[^`]*`)", re.DOTALL)
USER = re.compile(r"<@!?(\d{1,20})>")
ROLE = re.compile(r"<@&(\d{1,20})>")
CHANNEL = re.compile(r"<#(\d{1,20})>")
COMMAND = re.compile(r"</([^:>]{1,100}):\d{1,20}>")
EMOJI = re.compile(r"<a?:(\w{2,32}):\d{1,20}>")
TIME = re.compile(r"<t:(-?\d{1,13})(?::[tTdDfFRsS])?>")


def as_read(world: World, guild: Guild | None, text: str) -> str:
    parts = CODE.split(text)
    return "".join(part if number % 2 else _read(world, guild, part) for number, part in enumerate(parts))


def shown_name(guild: Guild | None, author: Author) -> str:
    """The nickname in a guild, else the display name, else the username."""
    if not isinstance(author, User):
        return author.username
    member = None if guild is None else guild.members.get(author.id)
    return (member.nick if member is not None else None) or author.shown_name


def _read(world: World, guild: Guild | None, text: str) -> str:
    def user(id: str) -> str:
        found = world.users.get(int(id))
        return "@unknown-user" if found is None else f"@{shown_name(guild, found)}"

    def role(id: str) -> str:
        found = None if guild is None else guild.roles.get(int(id))
        return "@unknown-role" if found is None else f"@{found.name.removeprefix('@')}"

    def channel(id: str) -> str:
        found = world.channels.get(int(id))
        return "#unknown" if found is None else f"#{found.name}"

    for pattern, name in ((USER, user), (ROLE, role), (CHANNEL, channel)):
        text = pattern.sub(_with(name), text)
    text = COMMAND.sub(r"/\1", text)
    text = EMOJI.sub(r":\1:", text)
    return TIME.sub(_with(_date), text)


def _with(name: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda match: name(match[1])


def _date(seconds: str) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%d %B %Y %H:%M")
