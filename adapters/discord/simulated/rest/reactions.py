"""Reactions. Source: docs, resources/message ("Create Reaction", …). An emoji is `👍` or `name:id` in the path."""

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.payloads import users
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.messages import ONE, message_of
from adapters.discord.simulated.rest.posting import refuse_if_archived
from adapters.discord.simulated.rest.queries import limit_of, snowflake_of
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import Permission

MOST_EMOJIS = 20  # docs, JSON error 30010
USUAL_USERS = 25

ALL = ONE + "/reactions"
EMOJI = ALL + "/{emoji_name}"

routes = Routes()


@routes.put(EMOJI + "/@me")
def create_reaction(call: Call) -> Answer:
    channel, message = _message(call)
    refuse_if_archived(channel)
    name, emoji_id = _emoji(call)
    key = call.path["emoji_name"]
    if key not in message.reactions:
        if not call.may(Permission.ADD_REACTIONS, channel):
            raise errors.missing_permissions()
        if len(message.reactions) >= MOST_EMOJIS:
            raise Refusal(400, 30010, f"Maximum number of reactions reached ({MOST_EMOJIS})")
    changes.react(call.world, message, call.application.user.id, name, emoji_id)
    return Answer(204)


@routes.delete(EMOJI + "/@me")
def delete_own_reaction(call: Call) -> Answer:
    _, message = _message(call)
    changes.unreact(call.world, message, call.application.user.id, call.path["emoji_name"])
    return Answer(204)


@routes.delete(EMOJI + "/{user_id}")
def delete_user_reaction(call: Call) -> Answer:
    _, message = _message(call, Permission.MANAGE_MESSAGES)
    changes.unreact(call.world, message, call.id("user_id"), call.path["emoji_name"])
    return Answer(204)


@routes.get(EMOJI, query=["after", "limit", "type"])
def list_reactions(call: Call) -> Answer:
    _, message = _message(call)
    reaction = message.reactions.get(call.path["emoji_name"])
    after = snowflake_of(call.query, "after") or 0
    ids = sorted(each for each in (reaction.user_ids if reaction else ()) if each > after)
    return Answer(200, [users.user(call.world.users[each]) for each in ids[: limit_of(call.query, usual=USUAL_USERS)]])


@routes.delete(ALL)
def delete_all_reactions(call: Call) -> Answer:
    _, message = _message(call, Permission.MANAGE_MESSAGES)
    changes.clear_reactions(call.world, message)
    return Answer(204)


@routes.delete(EMOJI)
def delete_emoji_reactions(call: Call) -> Answer:
    _, message = _message(call, Permission.MANAGE_MESSAGES)
    changes.clear_reactions(call.world, message, call.path["emoji_name"])
    return Answer(204)


def _message(call: Call, *needed: Permission) -> tuple[Channel, Message]:
    channel = call.channel(*needed)
    if not call.may(Permission.READ_MESSAGE_HISTORY, channel):
        raise errors.missing_permissions()
    return channel, message_of(call, channel)


def _emoji(call: Call) -> tuple[str, int | None]:
    """Unicode, or a guild's own by `name:id`; words are none."""
    name, _, emoji_id = call.path["emoji_name"].partition(":")
    if not emoji_id:
        if name.isascii():
            raise errors.unknown("Emoji")
        return name, None
    if not any(int(emoji_id) in guild.emojis for guild in call.world.guilds.values()):
        raise errors.unknown("Emoji")
    return name, int(emoji_id)
