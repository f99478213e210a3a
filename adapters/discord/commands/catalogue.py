"""Every command there is: a file of commands is listed here, or Discord never hears of it."""

from adapters.discord.commands import admin, channel, character, helping, me
from adapters.discord.commands.declaring import Group

GROUPS: tuple[Group, ...] = (character.GROUP, channel.GROUP, me.GROUP, helping.GROUP, admin.GROUP)
