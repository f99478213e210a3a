"""The messages with which an application answers: posted, still thinking, fulfilled, changed.

Whoever may see an ephemeral one, the type, the reference and the metadata are Discord's to set, not the application's.
"""

from typing import Any

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.commands.kinds import CommandType
from adapters.discord.simulated.interactions.kinds import InteractionType
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import messages as forms
from adapters.discord.simulated.rest.messages import rewrite
from adapters.discord.simulated.rest.routes import Call
from adapters.discord.simulated.world.interactions import Interaction
from adapters.discord.simulated.world.messages import Message, MessageFlag, MessageType, Reference, ReferenceType
from adapters.discord.simulated.world.permissions import Permission

# What a follow-up or an answer may say; the name and picture are the bot's own.
FIELDS = forms.NEW


def post(call: Call, interaction: Interaction, body: dict[str, Any], *, is_loading: bool = False) -> Message:
    """A new message: the answer itself, or a follow-up when there is an answer already."""
    world = call.world
    channel, bot = world.channels[interaction.channel_id], world.applications[interaction.application_id].user
    draft = forms.draft(world, channel.id, body, call.uploads)
    if not is_loading:
        forms.refuse_if_empty(draft)
    told = MessageFlag(body.get("flags") or 0)
    draft.flags |= told & MessageFlag.EPHEMERAL | (MessageFlag.LOADING if is_loading else MessageFlag(0))
    draft.only_for = interaction.user_id if MessageFlag.EPHEMERAL in draft.flags else None
    draft.application_id = draft.webhook_id = interaction.application_id
    draft.may_mention_everyone = world.may(bot.id, Permission.MENTION_EVERYONE, channel)
    draft.interaction_metadata = interaction.metadata | _first_answer(interaction)
    draft.type, draft.reference = _looks(interaction)
    return changes.post(world, channel, bot, draft)


def fulfil(call: Call, message: Message, body: dict[str, Any]) -> None:
    """The message that was still thinking says something, under the visibility that it was promised with."""
    message.flags &= ~MessageFlag.LOADING
    try:
        rewrite(call, message, body, is_by_author=False)
    except Refusal:  # nothing was said: it goes on thinking
        message.flags |= MessageFlag.LOADING
        raise


def change(call: Call, message: Message, body: dict[str, Any]) -> None:
    if MessageFlag.LOADING in message.flags:
        fulfil(call, message, body)
    else:
        rewrite(call, message, body)


def _first_answer(interaction: Interaction) -> dict[str, str]:
    original = interaction.original_id
    return {} if original is None else {"original_response_message_id": snowflake(original)}


def _looks(interaction: Interaction) -> tuple[MessageType, Reference | None]:
    """Answers to components reply to the component's message, follow-ups to the answer."""
    refers_to = interaction.original_id or interaction.message_id
    if refers_to is not None:
        return MessageType.REPLY, Reference(
            ReferenceType.REPLY, interaction.channel_id, refers_to, interaction.guild_id
        )
    if interaction.type == InteractionType.MODAL_SUBMIT:
        return MessageType.DEFAULT, None
    is_slash = interaction.metadata.get("command_type") == CommandType.CHAT_INPUT
    return (MessageType.CHAT_INPUT_COMMAND if is_slash else MessageType.CONTEXT_MENU_COMMAND), None
