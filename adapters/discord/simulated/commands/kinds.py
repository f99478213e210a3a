"""The kinds of commands and options, and where they work. Source: docs, interactions/application-commands."""

from enum import IntEnum


class CommandType(IntEnum):
    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3
    PRIMARY_ENTRY_POINT = 4  # only of applications with an Activity, which there are none of here


class OptionType(IntEnum):
    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


class Context(IntEnum):
    """Where a command can be used."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


class Installation(IntEnum):
    """What an application was added to: a server, or somebody's account."""

    GUILD_INSTALL = 0
    USER_INSTALL = 1


NESTING = frozenset({OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP})
WITH_CHOICES = frozenset({OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER})
WITH_RANGE = frozenset({OptionType.INTEGER, OptionType.NUMBER})
