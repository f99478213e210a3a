"""Messages of channels. Source: docs, resources/message."""

from typing import Any

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.changes import threads
from adapters.discord.simulated.changes.mentions import mentioned
from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.forms import messages as forms
from adapters.discord.simulated.rest.forms import references
from adapters.discord.simulated.rest.forms.mentions import allowed_mentions
from adapters.discord.simulated.rest.posting import (
    refuse_if_archived,
    refuse_unknown_stickers,
    refuse_unless_may_post,
)
from adapters.discord.simulated.rest.queries import page
from adapters.discord.simulated.rest.routes import Answer, Call, Routes
from adapters.discord.simulated.rest.seeing import as_seen
from adapters.discord.simulated.world.channels import WITH_MESSAGES, Channel
from adapters.discord.simulated.world.messages import Message
from adapters.discord.simulated.world.permissions import Permission

IN_CHANNEL = "/channels/{channel_id}/messages"
ONE = IN_CHANNEL + "/{message_id}"

routes = Routes()

BULK_LEAST = 2
BULK_MOST = 100
# Docs, "Create Message": a nonce is "checked for uniqueness in the past few minutes".
NONCE_KEPT_S = 300
BULK_OLDEST_S = 14 * 86_400  # docs, "Bulk Delete Messages": nothing older than two weeks


@routes.get(IN_CHANNEL, query=["around", "before", "after", "limit"])
def list_messages(call: Call) -> Answer:
    """Newest first; nothing at all without READ_MESSAGE_HISTORY (docs, "Get Channel Messages")."""
    channel = with_messages(call.channel())
    if not call.may(Permission.READ_MESSAGE_HISTORY, channel):
        return Answer(200, [])
    found = page(channel.message_ids, call.query)
    return Answer(200, [as_seen(call, call.world.messages[each]) for each in found])


@routes.get(ONE)
def get_message(call: Call) -> Answer:
    channel = with_messages(call.channel())
    if not call.may(Permission.READ_MESSAGE_HISTORY, channel):
        raise errors.missing_permissions()
    return Answer(200, as_seen(call, message_of(call, channel)))


@routes.post(IN_CHANNEL)
def create_message(call: Call) -> Answer:
    channel = with_messages(call.channel())
    body = forms.check(call.body, call.uploads, fields=forms.CREATE)
    refuse_unless_may_post(call, channel, body)
    if body.get("enforce_nonce") and (standing := _same_nonce(call, channel, body.get("nonce"))) is not None:
        return Answer(200, as_seen(call, standing))
    draft = forms.draft(call.world, channel.id, body, call.uploads)
    refuse_unknown_stickers(call.world, draft.sticker_ids)
    draft.reference = references.read(call, channel, body.get("message_reference"))
    if draft.reference is None or draft.reference.type != references.FORWARD:
        forms.refuse_if_empty(draft)
    draft.may_mention_everyone = call.may(Permission.MENTION_EVERYONE, channel)
    threads.wake(call.world, channel)
    message = changes.post(call.world, channel, call.application.user, draft)
    payload = as_seen(call, message)
    return Answer(200, payload if draft.nonce is None else payload | {"nonce": draft.nonce})


@routes.patch(ONE)
def edit_message(call: Call) -> Answer:
    """Content, embeds, components and files are its author's; others may hide embeds with MANAGE_MESSAGES."""
    channel = with_messages(call.channel())
    message = message_of(call, channel)
    body = forms.check(call.body, call.uploads, fields=forms.EDIT, before=message)
    refuse_if_archived(channel)
    is_author = message.author.id == call.application.user.id
    if not is_author and (body.keys() - {"flags"} or not call.may(Permission.MANAGE_MESSAGES, channel)):
        raise Refusal(403, 50005, "Cannot edit a message authored by another user")
    rewrite(call, message, body, is_by_author=is_author)
    return Answer(200, as_seen(call, message))


@routes.delete(ONE)
def delete_message(call: Call) -> Answer:
    channel = with_messages(call.channel())
    message = message_of(call, channel)
    is_own = message.author.id == call.application.user.id
    if not is_own and (channel.is_private or not call.may(Permission.MANAGE_MESSAGES, channel)):
        raise (
            Refusal(403, 50003, "Cannot execute action on a DM channel")
            if channel.is_private
            else (errors.missing_permissions())
        )
    refuse_if_archived(channel)
    changes.delete(call.world, message)
    return Answer(204)


@routes.post(IN_CHANNEL + "/bulk-delete")
def bulk_delete(call: Call) -> Answer:
    channel = with_messages(call.channel(Permission.MANAGE_MESSAGES))
    ids = [int(each) for each in (call.body or {}).get("messages", ())]
    if not BULK_LEAST <= len(ids) <= BULK_MOST:
        words = "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100"
        raise Refusal(400, 50016, words)
    found = [call.world.messages[each] for each in ids if each in channel.message_ids]
    now = call.world.clock.now()
    if any((now - message.timestamp).total_seconds() > BULK_OLDEST_S for message in found):
        raise Refusal(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    changes.delete_many(call.world, channel, found)
    return Answer(204)


def message_of(call: Call, channel: Channel) -> Message:
    """The path's message, when it stands in that channel."""
    message = call.world.messages.get(call.id("message_id"))
    if message is None or message.channel_id != channel.id or message.only_for is not None:
        raise errors.unknown("Message")
    return message


def rewrite(call: Call, message: Message, body: dict[str, Any], *, is_by_author: bool = True) -> None:
    """Do what a checked edit says; whom the new text mentions is worked out anew, and nobody is pinged."""
    world = call.world
    changed = forms.edits(world, message, body, call.uploads)
    kept = any(getattr(message, name) for name in forms.SUBSTANCE if name not in changed)
    if not kept and not any(changed.get(name) for name in forms.SUBSTANCE):
        raise Refusal(400, 50006, "Cannot send an empty message")
    for name, value in changed.items():
        setattr(message, name, value)
    if "content" in changed or "components" in changed or "allowed_mentions" in body:
        allowed = allowed_mentions(body.get("allowed_mentions"))
        message.mentions = mentioned(world, message, allowed, may_mention_everyone=False)
    changes.edit(world, message, is_by_author=is_by_author)


def with_messages(channel: Channel) -> Channel:
    if channel.is_forum:
        raise Refusal(400, 40058, "Cannot send a message in a forum channel")
    if channel.type not in WITH_MESSAGES:
        raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
    return channel


def _same_nonce(call: Call, channel: Channel, nonce: object) -> Message | None:
    """The message that the same author sent with that nonce in the last minutes (docs, "Create Message")."""
    now = call.world.clock.now()
    for each in reversed(channel.message_ids):
        message = call.world.messages[each]
        if (now - message.timestamp).total_seconds() > NONCE_KEPT_S:
            return None
        if nonce is not None and message.nonce == nonce and message.author.id == call.application.user.id:
            return message
    return None
