"""Whether a person can use a command where they are, and whether what they fill in fits. Pure: sentences come back.

Source: docs, application-commands, "Contexts", "Permissions", "Age-Restricted Commands" and the option structure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord.simulated.commands.kinds import NESTING, Context, OptionType
from adapters.discord.simulated.world.commands import Command
from adapters.discord.simulated.world.permissions import Permission

type Option = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a person is and what they may do there; `installed` are the ways in which the application is there."""

    context: Context
    installed: frozenset[int]
    permissions: Permission
    is_age_restricted: bool
    is_adult: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """A command as it was typed: the groups and sub-commands, and the options that can be filled in at the end."""

    command: Command
    path: tuple[Option, ...]
    options: tuple[Option, ...]

    @property
    def name(self) -> str:
        return " ".join([self.command.body["name"], *(step["name"] for step in self.path)])

    def data_options(self, filled: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The interaction's `options`: each group and sub-command around what it holds."""
        options = [dict(option) for option in filled]
        for step in reversed(self.path):
            options = [{"type": int(step["type"]), "name": step["name"], "options": options}]
        return options


def why_not(command: Command, situation: Situation) -> str | None:
    """Why the person does not find the command there; None if they do."""
    body = command.body
    name = body["name"]
    if command.guild_id is None and not situation.installed & set(body["integration_types"]):
        return f"the application of /{name} is not installed here in any way that the command allows"
    if body["contexts"] is not None and situation.context not in body["contexts"]:
        return f"/{name} cannot be used in the context {situation.context.name}"
    if body["nsfw"] and not (situation.is_adult and situation.is_age_restricted):
        return f"/{name} is age-restricted: it is shown to adults in age-restricted channels only"
    if situation.context is Context.GUILD:
        return _why_not_allowed(command, situation.permissions)
    return None


def find(commands: Iterable[Command], typed: str) -> Usage | str:
    """Go down from the command's name through its groups and sub-commands; a sentence says what is not there."""
    name, *steps = typed.removeprefix("/").split()
    command = next((each for each in commands if each.body["name"] == name), None)
    if command is None:
        return f"there is no command /{name}"
    path: list[Option] = []
    options = tuple(command.body.get("options", ()))
    for step in steps:
        inner = next((each for each in options if each["type"] in NESTING and each["name"] == step), None)
        if inner is None:
            return f"/{name} has no {step}"
        path.append(inner)
        options = tuple(inner.get("options", ()))
    if any(option["type"] in NESTING for option in options):
        return f"/{typed} is not a command by itself: choose one of {', '.join(each['name'] for each in options)}"
    return Usage(command, tuple(path), options)


def wrong_value(option: Option, value: object) -> str | None:
    """What the client would not let a person send as this option's plain value (text, number, yes or no)."""
    name, kind = option["name"], OptionType(option["type"])
    if option.get("choices") and not any(choice["value"] == value for choice in option["choices"]):
        return f"{value!r} is not among the choices of {name}"
    match kind:
        case OptionType.STRING:
            return _wrong_text(option, value)
        case OptionType.INTEGER | OptionType.NUMBER:
            allowed = int if kind is OptionType.INTEGER else (int, float)
            if not isinstance(value, allowed) or isinstance(value, bool):
                return f"{name} takes {'a whole number' if kind is OptionType.INTEGER else 'a number'}, not {value!r}"
            return _out_of_range(option, value)
        case OptionType.BOOLEAN:
            return None if isinstance(value, bool) else f"{name} takes True or False, not {value!r}"
        case _:
            return None


def chosen(option: Option, value: object) -> object:
    """A choice that is picked by the name that people read stands for its value."""
    named = (choice["value"] for choice in option.get("choices", ()) if choice["name"] == value)
    return next(named, value)


def missing_or_unknown(usage: Usage, given: Iterable[str]) -> str | None:
    names = {option["name"] for option in usage.options}
    given = set(given)
    if unknown := sorted(given - names):
        return f"/{usage.name} has no option {unknown[0]}"
    required = [option["name"] for option in usage.options if option.get("required")]
    if missing := [name for name in required if name not in given]:
        return f"/{usage.name} needs {missing[0]}"
    return None


def _why_not_allowed(command: Command, permissions: Permission) -> str | None:
    name, needed = command.body["name"], command.body["default_member_permissions"]
    if Permission.ADMINISTRATOR in permissions:
        return None
    if Permission.USE_APPLICATION_COMMANDS not in permissions:
        return "no application commands may be used there"
    if needed is None:
        return None
    bits = Permission(int(needed))
    if not bits or bits not in permissions:
        return f"/{name} is not shown to members without its permissions"
    return None


def _wrong_text(option: Option, value: object) -> str | None:
    if not isinstance(value, str):
        return f"{option['name']} takes a text, not {value!r}"
    least, most = option.get("min_length", 0), option.get("max_length", 6000)
    if not least <= len(value) <= most:
        return f"{option['name']} takes {least} to {most} characters, not {len(value)}"
    return None


def _out_of_range(option: Option, value: float) -> str | None:
    least, most = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
    if not least <= value <= most:
        return f"{option['name']} takes {least} to {most}, not {value}"
    return None
