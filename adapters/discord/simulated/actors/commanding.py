"""Using application commands: finding one, filling in its options, and the interaction that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.discord.simulated.actors import speaking
from adapters.discord.simulated.actors.files import File, refuse_files, uploaded
from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.commands import usage
from adapters.discord.simulated.commands.kinds import CommandType, OptionType
from adapters.discord.simulated.commands.usage import Situation, Usage
from adapters.discord.simulated.interactions.beginning import begin
from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.interactions.payload import context_of, owners
from adapters.discord.simulated.interactions.resolving import Resolved
from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.commands import Command
from adapters.discord.simulated.world.guilds import Role
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World


@dataclass(frozen=True, slots=True)
class Person:
    """What a client knows of its user beyond the account."""

    user: User
    is_adult: bool = True
    # The setting that shows age-restricted commands in DMs with bots.
    allows_age_restricted_in_dms: bool = False


def slash(world: World, person: Person, channel: Channel, typed: str, values: Mapping[str, Any]) -> Interaction:
    used = _found(world, person, channel, typed)
    if problem := usage.missing_or_unknown(used, values):
        raise ImpossibleAct(f"{problem}.")
    resolved = Resolved(world, used.command.application_id, person.user, channel)
    by_name = {option["name"]: option for option in used.options}
    filled = [_filled(resolved, by_name[name], value) for name, value in values.items()]
    data = _data(used.command, used.data_options(filled)) | _with(resolved)
    return _begin(world, person, channel, used.command, data=data, name=used.name)


def autocomplete(
    world: World, person: Person, channel: Channel, typed: str, *, focused: str, text: str, others: Mapping[str, Any]
) -> Interaction:
    """Writing into one option while others may be filled in already."""
    used = _found(world, person, channel, typed)
    by_name = {option["name"]: option for option in used.options}
    if unknown := sorted({focused, *others} - set(by_name)):
        raise ImpossibleAct(f"/{used.name} has no option {unknown[0]}.")
    option = by_name[focused]
    if not option.get("autocomplete"):
        raise ImpossibleAct(f"{focused} of /{used.name} suggests nothing.")
    resolved = Resolved(world, used.command.application_id, person.user, channel)
    filled = [_filled(resolved, by_name[name], value) for name, value in others.items()]
    filled.append({"type": int(option["type"]), "name": focused, "value": text, "focused": True})
    return begin(
        world,
        InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE,
        application_id=used.command.application_id,
        user=person.user,
        channel=channel,
        data=_data(used.command, used.data_options(filled)) | _with(resolved),
        focused_type=option["type"],
    )


def on_message(world: World, person: Person, name: str, message: Message) -> Interaction:
    speaking.still_there(world, person.user, message)
    channel = world.channels[message.channel_id]
    if message.is_ephemeral:
        raise ImpossibleAct("A message that only one person sees has no commands.")
    command = _of_menu(world, person, channel, CommandType.MESSAGE, name)
    resolved = Resolved(world, command.application_id, person.user, channel)
    data = _data(command, []) | {"target_id": resolved.message(message)} | _with(resolved)
    about = {"target_message_id": snowflake(message.id)}
    return _begin(world, person, channel, command, data=data, name=name, about=about)


def on_user(world: World, person: Person, name: str, channel: Channel, target: User) -> Interaction:
    speaking.may_see(world, person.user, channel)
    command = _of_menu(world, person, channel, CommandType.USER, name)
    resolved = Resolved(world, command.application_id, person.user, channel)
    data = _data(command, []) | {"target_id": resolved.user(target)} | _with(resolved)
    about = {"target_user": users.user(target)}
    return _begin(world, person, channel, command, data=data, name=name, about=about)


def shown(world: World, person: Person, channel: Channel, kind: CommandType) -> list[Command]:
    """The commands that the person finds in that channel; a guild's own before those that are everywhere."""
    candidates = [
        command
        for command in world.commands.values()
        if command.body["type"] == kind
        and command.guild_id in {None, channel.guild_id}
        and usage.why_not(command, _situation(world, person, channel, command)) is None
    ]
    return sorted(candidates, key=lambda command: command.guild_id is None)


def _found(world: World, person: Person, channel: Channel, typed: str) -> Usage:
    speaking.may_write(world, person.user, channel)
    found = usage.find(shown(world, person, channel, CommandType.CHAT_INPUT), typed)
    if isinstance(found, Usage):
        return found
    _explain_hidden(world, person, channel, CommandType.CHAT_INPUT, typed.removeprefix("/").split()[0])
    raise ImpossibleAct(f"{person.user.username} cannot use /{typed}: {found}.")


def _of_menu(world: World, person: Person, channel: Channel, kind: CommandType, name: str) -> Command:
    found = (command for command in shown(world, person, channel, kind) if command.body["name"] == name)
    command = next(found, None)
    if command is None:
        _explain_hidden(world, person, channel, kind, name)
        raise ImpossibleAct(f"There is no command {name!r} in that menu.")
    return command


def _explain_hidden(world: World, person: Person, channel: Channel, kind: CommandType, name: str) -> None:
    """Raise with the reason when the command is there and only not for that person in that place."""
    for command in world.commands.values():
        if command.body["type"] != kind or command.body["name"] != name:
            continue
        if command.guild_id not in {None, channel.guild_id}:
            continue
        if reason := usage.why_not(command, _situation(world, person, channel, command)):
            raise ImpossibleAct(f"{person.user.username} does not find it: {reason}.")


def _situation(world: World, person: Person, channel: Channel, command: Command) -> Situation:
    parent = world.channels.get(channel.parent_id or 0) if channel.is_thread else None
    in_dm = channel.is_private and person.allows_age_restricted_in_dms
    return Situation(
        context=context_of(world, command.application_id, channel),
        installed=frozenset(map(int, owners(world, command.application_id, person.user.id, channel))),
        permissions=world.permissions_in(person.user.id, channel),
        is_age_restricted=channel.is_nsfw or in_dm or (parent is not None and parent.is_nsfw),
        is_adult=person.is_adult,
    )


def _begin(
    world: World,
    person: Person,
    channel: Channel,
    command: Command,
    *,
    data: Mapping[str, Any],
    name: str,
    about: Mapping[str, Any] | None = None,
) -> Interaction:
    metadata = {"name": name, "command_type": int(command.body["type"]), **(about or {})}
    return begin(
        world,
        InteractionType.APPLICATION_COMMAND,
        application_id=command.application_id,
        user=person.user,
        channel=channel,
        data=data,
        metadata=metadata,
    )


def _data(command: Command, options: list[dict[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": snowflake(command.id),
        "name": command.body["name"],
        "type": int(command.body["type"]),
    }
    if command.guild_id is not None:
        data["guild_id"] = snowflake(command.guild_id)
    return data | ({"options": options} if options else {})


def _with(resolved: Resolved) -> dict[str, Any]:
    return {"resolved": resolved.payload} if resolved.payload else {}


def _filled(resolved: Resolved, option: Mapping[str, Any], value: Any) -> dict[str, Any]:
    kind = OptionType(option["type"])
    value = usage.chosen(option, value)
    if problem := usage.wrong_value(option, value):
        raise ImpossibleAct(f"{problem}.")
    referred = _referred(resolved, option, kind, value)
    return {"type": int(kind), "name": option["name"], "value": value if referred is None else referred}


def _referred(resolved: Resolved, option: Mapping[str, Any], kind: OptionType, value: Any) -> str | None:
    """The id of what is picked from a list of people, channels or roles, or of the uploaded file."""
    if kind in {OptionType.USER, OptionType.MENTIONABLE} and isinstance(value, User):
        return resolved.user(value)
    if kind in {OptionType.ROLE, OptionType.MENTIONABLE} and isinstance(value, Role):
        return resolved.role(value)
    if kind is OptionType.CHANNEL and isinstance(value, Channel):
        speaking.may_see(resolved.world, resolved.asker, value)
        if option.get("channel_types") and value.type not in option["channel_types"]:
            raise ImpossibleAct(f"{option['name']} does not offer {speaking.name_of(value)}.")
        return resolved.other_channel(value)
    if kind is OptionType.ATTACHMENT and isinstance(value, File):
        refuse_files([value])
        return resolved.attachment(uploaded(resolved.world, resolved.channel.id, value, is_ephemeral=True))
    if kind in {OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER, OptionType.BOOLEAN}:
        return None
    raise ImpossibleAct(f"{option['name']} takes a {kind.name.lower()}, not {value!r}.")
