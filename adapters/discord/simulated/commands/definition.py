"""What Discord refuses in the definition of a command. Source: docs, "Application Command Structure"."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord.simulated.commands.kinds import CommandType, Context, Installation
from adapters.discord.simulated.commands.naming import (
    LONGEST_NAME_CHARS,
    description_problems,
    localization_problems,
    longest,
    name_problems,
)
from adapters.discord.simulated.commands.options import options_problems
from adapters.discord.simulated.problems import Problem, at, bad_flag, bad_text, missing, not_one_of, unknown

LARGEST_COMMAND_CHARS = 8000
FIELDS = frozenset(
    {
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "default_member_permissions",
        "default_permission",
        "dm_permission",
        "integration_types",
        "contexts",
        "type",
        "nsfw",
        "handler",
        # Read-only ones, which clients send back and Discord lets pass.
        "id",
        "application_id",
        "guild_id",
        "version",
    }
)


def command_problems(body: Mapping[str, Any], *, path: str = "", is_partial: bool = False) -> Iterator[Problem]:
    """Of a whole definition, or of one whose absent fields stay as they are (`is_partial`, with its `type` given)."""
    kind = body.get("type") or CommandType.CHAT_INPUT
    yield from unknown(path, body, FIELDS)
    yield from not_one_of(at(path, "type"), kind, (CommandType.CHAT_INPUT, CommandType.USER, CommandType.MESSAGE))
    if not is_partial or "name" in body:
        yield from missing(path, body, "name")
    if kind == CommandType.CHAT_INPUT:
        yield from _chat_input(path, body, is_partial=is_partial)
    else:
        yield from _context_menu(path, body)
    yield from bad_flag(at(path, "nsfw"), body.get("nsfw"))
    yield from _permissions(at(path, "default_member_permissions"), body.get("default_member_permissions"))
    for field, values in (("contexts", Context), ("integration_types", Installation)):
        yield from _set_of(at(path, field), body.get(field), tuple(values))


def size_chars(body: Mapping[str, Any]) -> int:
    """Names, descriptions and values of a command, its options and their choices, all together."""
    size = longest(body, "name") + longest(body, "description")
    for choice in body.get("choices") or ():
        size += longest(choice, "name") + (len(choice["value"]) if isinstance(choice.get("value"), str) else 0)
    return size + sum(size_chars(option) for option in body.get("options") or ())


def _chat_input(path: str, body: Mapping[str, Any], *, is_partial: bool) -> Iterator[Problem]:
    if not is_partial or "description" in body:
        yield from missing(path, body, "description")
    yield from name_problems(at(path, "name"), body.get("name"))
    yield from description_problems(at(path, "description"), body.get("description"))
    yield from localization_problems(path, body)
    problems = list(options_problems(at(path, "options"), body.get("options")))
    yield from problems
    if not problems and size_chars(body) > LARGEST_COMMAND_CHARS:
        yield Problem(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({LARGEST_COMMAND_CHARS})")


def _context_menu(path: str, body: Mapping[str, Any]) -> Iterator[Problem]:
    """Commands on users and messages: any characters in the name, no description, no options."""
    yield from bad_text(at(path, "name"), body.get("name"), 1, LONGEST_NAME_CHARS)
    if body.get("description"):
        yield Problem(
            at(path, "description"),
            "APPLICATION_COMMAND_INVALID_DESCRIPTION",
            "Context menu commands cannot have description",
        )
    if body.get("options"):
        yield Problem(
            at(path, "options"), "APPLICATION_COMMAND_INVALID_OPTIONS", "Context menu commands cannot have options"
        )


def _permissions(path: str, value: object) -> Iterator[Problem]:
    if value is None or (isinstance(value, int | str) and not isinstance(value, bool) and str(value).isdecimal()):
        return
    yield Problem(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')


def _set_of(path: str, values: object, choices: tuple[int, ...]) -> Iterator[Problem]:
    if values is None:
        return
    if not isinstance(values, list) or not values or len(set(values)) != len(values):
        yield Problem(path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "Must be a list of one or more values, each once")
        return
    for value in values:
        yield from not_one_of(path, value, choices)
