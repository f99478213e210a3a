"""The REST routes of application commands, everywhere and in one guild. Source: docs, application-commands."""

from adapters.discord.simulated.commands import registration
from adapters.discord.simulated.commands.normal_form import shown
from adapters.discord.simulated.commands.registration import Scope
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.routes import Answer, Call, Routes

routes = Routes()

EVERYWHERE = "/applications/{application_id}/commands"
IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


def _scope(call: Call) -> Scope:
    if call.id("application_id") != call.application.id:
        raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
    if "guild_id" not in call.path:
        return Scope(call.application.id)
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or call.application.user.id not in guild.members:
        raise errors.missing_access()
    return Scope(call.application.id, guild.id)


@routes.get(EVERYWHERE, query=["with_localizations"])
@routes.get(IN_GUILD, query=["with_localizations"])
def list_commands(call: Call) -> Answer:
    is_whole = call.query.get("with_localizations", "false").lower() in {"true", "1"}
    commands = _scope(call).commands(call.world)
    return Answer(200, [shown(command, with_localizations=is_whole) for command in commands])


@routes.post(EVERYWHERE)
@routes.post(IN_GUILD)
def create_command(call: Call) -> Answer:
    command, is_new = registration.register(call.world, _scope(call), call.body)
    return Answer(201 if is_new else 200, shown(command))


@routes.put(EVERYWHERE)
@routes.put(IN_GUILD)
def overwrite_commands(call: Call) -> Answer:
    commands = registration.overwrite(call.world, _scope(call), call.body)
    return Answer(200, [shown(command) for command in commands])


@routes.get(EVERYWHERE + "/{command_id}")
@routes.get(IN_GUILD + "/{command_id}")
def get_command(call: Call) -> Answer:
    return Answer(200, shown(_scope(call).command(call.world, call.id("command_id"))))


@routes.patch(EVERYWHERE + "/{command_id}")
@routes.patch(IN_GUILD + "/{command_id}")
def edit_command(call: Call) -> Answer:
    return Answer(200, shown(registration.change(call.world, _scope(call), call.id("command_id"), call.body)))


@routes.delete(EVERYWHERE + "/{command_id}")
@routes.delete(IN_GUILD + "/{command_id}")
def delete_command(call: Call) -> Answer:
    registration.withdraw(call.world, _scope(call), call.id("command_id"))
    return Answer(204)


@routes.get(IN_GUILD + "/permissions")
def list_permissions(call: Call) -> Answer:
    """None: what a guild's admins allow or forbid by command is not simulated, only a command's defaults are."""
    _scope(call)
    return Answer(200, [])


@routes.get(IN_GUILD + "/{command_id}/permissions")
def get_permissions(call: Call) -> Answer:
    _scope(call)
    raise Refusal(404, 10066, "Unknown application command permissions")


@routes.put(IN_GUILD + "/{command_id}/permissions")
def set_permissions(call: Call) -> Answer:
    """Only people may, with a Bearer token (docs, application-commands, "Permissions")."""
    _scope(call)
    raise Refusal(403, 20001, "Bots cannot use this endpoint")
