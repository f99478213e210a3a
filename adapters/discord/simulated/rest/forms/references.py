"""`message_reference`: the message that a new one answers or forwards. Source: docs, "Message Reference Types"."""

from typing import Any

from adapters.discord.simulated.problems import Problem, missing, not_one_of, refuse_if_any, unknown
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.routes import Call
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.messages import Message, MessageType, Reference, ReferenceType
from adapters.discord.simulated.world.permissions import Permission

FORWARD = ReferenceType.FORWARD
PATH = "message_reference"
FIELDS = frozenset({"type", "message_id", "channel_id", "guild_id", "fail_if_not_exists"})
# System messages cannot be answered (docs, "Message Types").
ANSWERABLE = frozenset(
    {MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND, MessageType.CONTEXT_MENU_COMMAND}
)


def read(call: Call, channel: Channel, told: dict[str, Any] | None) -> Reference | None:
    """The reference, when what it points at is there and may be seen; None for a reply that may go without."""
    if told is None:
        return None
    refuse_if_any(unknown(PATH, told, FIELDS))
    refuse_if_any(missing(PATH, told, "message_id"))
    refuse_if_any(not_one_of(f"{PATH}.type", told.get("type"), [0, 1]))
    kind = ReferenceType(told.get("type") or 0)
    return _forward(call, told) if kind is FORWARD else _reply(call, channel, told)


def _reply(call: Call, channel: Channel, told: dict[str, Any]) -> Reference | None:
    if not call.may(Permission.READ_MESSAGE_HISTORY, channel):
        raise Refusal(403, 160002, "Cannot reply without permission to read message history")
    if told.get("channel_id") is not None and int(told["channel_id"]) != channel.id:
        _refuse("REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply to a message in a different channel")
    message = call.world.messages.get(int(told["message_id"]))
    if message is None or message.channel_id != channel.id or message.only_for is not None:
        if told.get("fail_if_not_exists") is False:
            return None
        _refuse("MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if message.type not in ANSWERABLE:
        _refuse("REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
    return _to(message, ReferenceType.REPLY)


def _forward(call: Call, told: dict[str, Any]) -> Reference:
    refuse_if_any(missing(PATH, told, "channel_id"))
    source = call.world.channels.get(int(told["channel_id"]))
    message = call.world.messages.get(int(told["message_id"]))
    if (
        source is None
        or message is None
        or message.channel_id != source.id
        or not call.may(Permission.VIEW_CHANNEL, source)
        or not call.may(Permission.READ_MESSAGE_HISTORY, source)
    ):
        _refuse("MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
    assert message is not None, "it was refused otherwise"
    return _to(message, FORWARD)


def _to(message: Message, kind: ReferenceType) -> Reference:
    return Reference(kind, message.channel_id, message.id, message.guild_id)


def _refuse(code: str, words: str) -> None:
    refuse_if_any([Problem(PATH, code, words)])
