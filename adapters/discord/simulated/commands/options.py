"""What Discord refuses in the options of a command. Source: docs, "Application Command Option Structure"."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.simulated.commands.kinds import NESTING, WITH_CHOICES, WITH_RANGE, OptionType
from adapters.discord.simulated.commands.naming import description_problems, localization_problems, name_problems
from adapters.discord.simulated.problems import (
    Problem,
    at,
    bad_flag,
    bad_list,
    bad_number,
    bad_text,
    missing,
    not_one_of,
    unknown,
)
from adapters.discord.simulated.world.channels import ChannelType

MOST_OPTIONS = 25
MOST_CHOICES = 25
LONGEST_CHOICE_CHARS = 100
LONGEST_VALUE_CHARS = 6000  # of a string option
LARGEST_INTEGER = 2**53 - 1
LARGEST_NUMBER = float(2**53)

COMMON = frozenset({"type", "name", "name_localizations", "description", "description_localizations"})
NESTED = COMMON | {"options", "required"}
VALUED = COMMON | {
    "required",
    "choices",
    "options",  # clients send it empty
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
}
# Fields that only some kinds of option may carry.
ONLY_FOR: Mapping[str, frozenset[OptionType]] = {
    "choices": WITH_CHOICES,
    "autocomplete": WITH_CHOICES,
    "min_value": WITH_RANGE,
    "max_value": WITH_RANGE,
    "min_length": frozenset({OptionType.STRING}),
    "max_length": frozenset({OptionType.STRING}),
    "channel_types": frozenset({OptionType.CHANNEL}),
}


def options_problems(path: str, options: object, *, inside: OptionType | None = None) -> Iterator[Problem]:
    """`inside` is the group or sub-command that holds them; None for a command's own."""
    yield from bad_list(path, options, 0, MOST_OPTIONS)
    if not isinstance(options, list):
        return
    yield from _mixed(path, options)
    yield from _order(path, options)
    yield from _repeated(path, options)
    for position, option in enumerate(options):
        yield from _option(at(path, position), option, inside)


def _option(path: str, option: object, inside: OptionType | None) -> Iterator[Problem]:
    if not isinstance(option, Mapping):
        yield Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    yield from missing(path, option, "type", "name", "description")
    yield from name_problems(at(path, "name"), option.get("name"))
    yield from description_problems(at(path, "description"), option.get("description"))
    yield from localization_problems(path, option)
    yield from not_one_of(at(path, "type"), option.get("type"), tuple(OptionType))
    if option.get("type") not in tuple(OptionType):
        return
    kind = OptionType(option["type"])
    if kind in NESTING:
        yield from unknown(path, option, NESTED)
        yield from _nesting(path, kind, inside)
        yield from options_problems(at(path, "options"), option.get("options"), inside=kind)
    else:
        yield from unknown(path, option, VALUED)
        yield from _value(path, option, kind)


def _nesting(path: str, kind: OptionType, inside: OptionType | None) -> Iterator[Problem]:
    """A command holds groups and sub-commands, a group sub-commands, a sub-command neither."""
    is_allowed = inside is None or (inside is OptionType.SUB_COMMAND_GROUP and kind is OptionType.SUB_COMMAND)
    if not is_allowed:
        yield Problem(
            at(path, "type"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types cannot be nested here",
        )


def _value(path: str, option: Mapping[str, Any], kind: OptionType) -> Iterator[Problem]:
    yield from bad_flag(at(path, "required"), option.get("required"))
    yield from bad_flag(at(path, "autocomplete"), option.get("autocomplete"))
    for name, kinds in ONLY_FOR.items():
        if option.get(name) and kind not in kinds:
            yield Problem(
                at(path, name), "APPLICATION_COMMAND_OPTIONS_FIELD_INVALID", f"This option type does not have {name}"
            )
    yield from bad_number(at(path, "min_length"), option.get("min_length"), 0, LONGEST_VALUE_CHARS)
    yield from bad_number(at(path, "max_length"), option.get("max_length"), 1, LONGEST_VALUE_CHARS)
    is_whole = kind is OptionType.INTEGER
    limit = LARGEST_INTEGER if is_whole else LARGEST_NUMBER
    for name in ("min_value", "max_value"):
        yield from bad_number(at(path, name), option.get(name), -limit, limit, whole=is_whole)
    for least, most in (("min_value", "max_value"), ("min_length", "max_length")):
        yield from _range(path, option, least, most)
    for kind_of_channel in option.get("channel_types") or ():
        yield from not_one_of(at(path, "channel_types"), kind_of_channel, tuple(ChannelType))
    yield from _choices(at(path, "choices"), option, kind)


def _range(path: str, option: Mapping[str, Any], least: str, most: str) -> Iterator[Problem]:
    if option.get(least) is not None and option.get(most) is not None and option[least] > option[most]:
        yield Problem(
            at(path, least), "APPLICATION_COMMAND_OPTIONS_RANGE_INVALID", f"{least} must not be more than {most}"
        )


def _choices(path: str, option: Mapping[str, Any], kind: OptionType) -> Iterator[Problem]:
    choices = option.get("choices")
    yield from bad_list(path, choices, 0, MOST_CHOICES)
    if choices and option.get("autocomplete"):
        yield Problem(
            path,
            "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES",
            "Autocomplete may not be set to true if choices are present",
        )
    if isinstance(choices, list):
        yield from choice_problems(path, choices, kind)


def choice_problems(path: str, choices: Sequence[Any], kind: OptionType) -> Iterator[Problem]:
    """Of an option's choices, and of those that autocomplete offers."""
    names: set[str] = set()
    for position, choice in enumerate(choices):
        where = at(path, position)
        yield from unknown(where, choice, frozenset({"name", "name_localizations", "value"}))
        yield from missing(where, choice, "name", "value")
        yield from bad_text(at(where, "name"), choice.get("name"), 1, LONGEST_CHOICE_CHARS)
        if choice.get("name") in names:
            yield Problem(
                at(where, "name"),
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
                f"Option choice name {choice['name']} already exists",
            )
        names.add(choice.get("name"))
        yield from _choice_value(at(where, "value"), choice.get("value"), kind)


def _choice_value(path: str, value: object, kind: OptionType) -> Iterator[Problem]:
    if kind is OptionType.STRING:
        yield from bad_text(path, value, 0, LONGEST_CHOICE_CHARS)
    elif kind is OptionType.INTEGER:
        yield from bad_number(path, value, -LARGEST_INTEGER, LARGEST_INTEGER)
    else:
        yield from bad_number(path, value, -LARGEST_NUMBER, LARGEST_NUMBER, whole=False)


def _mixed(path: str, options: Sequence[Any]) -> Iterator[Problem]:
    kinds = {option.get("type") in NESTING for option in options if isinstance(option, Mapping)}
    if len(kinds) > 1:
        yield Problem(
            path,
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        )


def _order(path: str, options: Sequence[Any]) -> Iterator[Problem]:
    seen_optional = False
    for position, option in enumerate(options):
        if not isinstance(option, Mapping) or option.get("type") in NESTING:
            continue
        if option.get("required") and seen_optional:
            yield Problem(
                at(path, position),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        seen_optional = seen_optional or not option.get("required")


def _repeated(path: str, options: Sequence[Any]) -> Iterator[Problem]:
    names: set[object] = set()
    for position, option in enumerate(options):
        name = option.get("name") if isinstance(option, Mapping) else None
        if name in names:
            yield Problem(
                at(at(path, position), "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                f"Option name {name} already exists",
            )
        names.add(name)
