"""Commands as Discord's API takes them, and what differs from what is registered there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord.commands.declaring import Command, Group, Kind, Option
from adapters.discord.commands.drawing import MAX_CHOICE_CHARS, cut

CHAT_INPUT = 1
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
LONGEST_PATH = 3
"""Words of a command: the command, a group of sub-commands, a sub-command."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a registration would change, by command name."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def registration(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """The body of the one call that registers everything."""
    return [_command(group) for group in groups]


def difference(wanted: Sequence[Mapping[str, Any]], registered: Sequence[Mapping[str, Any]]) -> Difference:
    """Compare by name; of what is registered only that counts which we state ourselves."""
    now = {command["name"]: command for command in registered}
    then = {command["name"]: command for command in wanted}
    return Difference(
        added=tuple(sorted(then.keys() - now.keys())),
        changed=tuple(sorted(name for name in then.keys() & now.keys() if not _says(now[name], then[name]))),
        removed=tuple(sorted(now.keys() - then.keys())),
    )


def _says(registered: Any, wanted: Any) -> bool:
    """Whether what is registered says all that is wanted; Discord adds ids and defaults of its own."""
    match wanted:
        case Mapping():
            given = registered if isinstance(registered, Mapping) else {}
            return all(_says(given.get(name), value) for name, value in wanted.items())
        case list():
            given_list = registered or []
            return len(given_list) == len(wanted) and all(map(_says, given_list, wanted))
        case False | None:
            return not registered
        case _:
            return bool(registered == wanted)


def _command(group: Group) -> dict[str, Any]:
    where = sorted({place for command in group.commands for place in command.where})
    body: dict[str, Any] = {
        "type": CHAT_INPUT,
        "name": group.name,
        "description": group.description,
        "contexts": [int(place) for place in where],
        "integration_types": [0],
        "options": [],
    }
    for command in group.commands:
        _place(body, command, command.path.split()[1:])
    return body


def _place(body: dict[str, Any], command: Command, words: list[str]) -> None:
    """Put a command where its path leads, making the group of sub-commands on the way."""
    if not words:
        body["options"] = [_option(option) for option in command.options]
        return
    name, *rest = words
    if not rest:
        body["options"].append(
            {
                "type": SUB_COMMAND,
                "name": name,
                "description": command.description,
                "options": [_option(option) for option in command.options],
            }
        )
        return
    group = next((option for option in body["options"] if option["name"] == name), None)
    if group is None:
        group = {"type": SUB_COMMAND_GROUP, "name": name, "description": f"/{body['name']} {name} …", "options": []}
        body["options"].append(group)
    _place(group, command, rest)


def _option(option: Option) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": int(option.kind),
        "name": option.name,
        "description": option.description,
        "required": option.is_required,
    }
    if option.choices:
        body["choices"] = [
            {"name": cut(choice.label, MAX_CHOICE_CHARS), "value": _value(choice.value, option.kind)}
            for choice in option.choices
        ]
    if option.complete is not None:
        body["autocomplete"] = True
    if option.min_value is not None:
        body["min_value"] = option.min_value
    if option.max_value is not None:
        body["max_value"] = option.max_value
    if option.max_chars is not None:
        body["max_length"] = option.max_chars
    return body


def _value(value: str, kind: Kind) -> str | int | float:
    match kind:
        case Kind.WHOLE_NUMBER:
            return int(value)
        case Kind.NUMBER:
            return float(value)
        case _:
            return value
