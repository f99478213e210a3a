"""Registering commands: names are unique by type and scope, and registering one again keeps its id.

Source: docs, application-commands, "Registering a Command" and "Updating and Deleting a Command". A scope is one
application's commands everywhere, or in one guild.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.discord.simulated.commands.definition import command_problems
from adapters.discord.simulated.commands.kinds import CommandType
from adapters.discord.simulated.commands.normal_form import normal
from adapters.discord.simulated.problems import Problem, at, refuse_if_any
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.world.commands import Command
from adapters.discord.simulated.world.world import World

MOST_COMMANDS: Mapping[int, int] = {CommandType.CHAT_INPUT: 100, CommandType.USER: 15, CommandType.MESSAGE: 15}
MOST_CREATES_A_DAY = 200
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scope:
    application_id: int
    guild_id: int | None = None

    def commands(self, world: World) -> list[Command]:
        """Oldest first."""
        return [
            command
            for command in world.commands.values()
            if command.application_id == self.application_id and command.guild_id == self.guild_id
        ]

    def command(self, world: World, id: int) -> Command:
        command = world.commands.get(id)
        if command is None or (command.application_id, command.guild_id) != (self.application_id, self.guild_id):
            raise errors.unknown("application command")
        return command


def register(world: World, scope: Scope, body: Mapping[str, Any]) -> tuple[Command, bool]:
    """The command, and whether it is new."""
    refuse_if_any(command_problems(body))
    form = normal(body, is_global=scope.guild_id is None)
    standing = _same_name(scope.commands(world), form)
    if standing is not None:
        return _replace(world, standing, form), False
    _refuse_too_many(scope.commands(world), [form])
    return _create(world, scope, form), True


def change(world: World, scope: Scope, id: int, body: Mapping[str, Any]) -> Command:
    """Fields that are given replace the command's whole fields; its type stays."""
    command = scope.command(world, id)
    kind = command.body["type"]
    refuse_if_any(command_problems({**body, "type": kind}, is_partial=True))
    form = normal({**command.body, **body, "type": kind}, is_global=scope.guild_id is None)
    standing = _same_name(scope.commands(world), form)
    if standing is not None and standing is not command:
        refuse_if_any([_name_taken("name")])
    return _replace(world, command, form)


def withdraw(world: World, scope: Scope, id: int) -> None:
    del world.commands[scope.command(world, id).id]


def overwrite(world: World, scope: Scope, bodies: object) -> list[Command]:
    """The whole list at once: what is not in it goes, what has the id or the name of a standing one replaces it."""
    if not isinstance(bodies, list):
        raise errors.invalid_form({"_errors": [{"code": "LIST_TYPE_CONVERT", "message": "Must be a list"}]})
    refuse_if_any(_bulk_problems(bodies))
    forms = [normal(body, is_global=scope.guild_id is None) for body in bodies]
    _refuse_too_many([], forms)
    standing = scope.commands(world)
    matched = [_by_id(standing, body) or _same_name(standing, form) for body, form in zip(bodies, forms, strict=True)]
    _refuse_creates(world, scope, matched.count(None))
    kept = {command.id for command in matched if command is not None}
    for command in standing:
        if command.id not in kept:
            del world.commands[command.id]
    return [
        _create(world, scope, form) if command is None else _replace(world, command, form)
        for command, form in zip(matched, forms, strict=True)
    ]


def _create(world: World, scope: Scope, form: dict[str, Any]) -> Command:
    _refuse_creates(world, scope, 1)
    command = Command(world.next_id(), scope.application_id, scope.guild_id, version=world.next_id(), body=form)
    world.commands[command.id] = command
    world.command_creates.append((scope.application_id, scope.guild_id, world.clock.now()))
    return command


def _replace(world: World, command: Command, form: dict[str, Any]) -> Command:
    if command.body != form:
        command.body = form
        command.version = world.next_id()
    return command


def _refuse_creates(world: World, scope: Scope, number: int) -> None:
    since = world.clock.now() - DAY
    today = [
        at_time
        for application_id, guild_id, at_time in world.command_creates
        if (application_id, guild_id) == (scope.application_id, scope.guild_id) and at_time > since
    ]
    if len(today) + number > MOST_CREATES_A_DAY:
        limit = f"Max number of daily application command creates has been reached ({MOST_CREATES_A_DAY})"
        raise Refusal(400, 30034, limit)


def _refuse_too_many(standing: Sequence[Command], forms: Sequence[Mapping[str, Any]]) -> None:
    for kind, most in MOST_COMMANDS.items():
        number = sum(command.body["type"] == kind for command in standing) + sum(form["type"] == kind for form in forms)
        if number > most:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({most}).")


def _bulk_problems(bodies: Sequence[Any]) -> Iterator[Problem]:
    names: set[tuple[object, object]] = set()
    for position, body in enumerate(bodies):
        if not isinstance(body, Mapping):
            message = "Only dictionaries may be used in a ModelType"
            yield Problem(str(position), "MODEL_TYPE_CONVERT", message)
            continue
        yield from command_problems(body, path=str(position))
        key = (body.get("type") or CommandType.CHAT_INPUT, body.get("name"))
        if key in names:
            yield _name_taken(at(str(position), "name"))
        names.add(key)


def _name_taken(path: str) -> Problem:
    return Problem(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")


def _by_id(standing: Sequence[Command], body: Mapping[str, Any]) -> Command | None:
    wanted = str(body.get("id") or "")
    return next((command for command in standing if str(command.id) == wanted), None)


def _same_name(standing: Sequence[Command], form: Mapping[str, Any]) -> Command | None:
    key = (form["type"], form["name"])
    return next((command for command in standing if (command.body["type"], command.body["name"]) == key), None)
