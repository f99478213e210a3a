"""Who may post where, and what cannot be done in an archived thread. Source: docs, topics/threads and permissions."""

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.discord.simulated.rest import errors
from adapters.discord.simulated.rest.errors import Refusal
from adapters.discord.simulated.rest.routes import Call
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.permissions import Permission
from adapters.discord.simulated.world.world import World

SHARING_A_GUILD = "Cannot send messages to this user"


def refuse_unless_may_post(call: Call, channel: Channel, body: Mapping[str, Any]) -> None:
    """For a bot; slow mode does not hold for bots."""
    if channel.is_private:
        _refuse_unless_reachable(call.world, call.application.user.id, channel)
        return
    needed = [Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES]
    if call.uploads:
        needed.append(Permission.ATTACH_FILES)
    if body.get("embeds"):
        needed.append(Permission.EMBED_LINKS)
    if body.get("poll"):
        needed.append(Permission.SEND_POLLS)
    if any(not call.may(each, channel) for each in needed):
        raise errors.missing_permissions()
    refuse_if_locked(call.world, call.application.user.id, channel)


def refuse_if_locked(world: World, user_id: int, channel: Channel) -> None:
    is_locked = channel.thread is not None and channel.thread.is_locked and channel.thread.is_archived
    if is_locked and not world.may(user_id, Permission.MANAGE_THREADS, channel):
        raise Refusal(403, 160005, "Thread is locked")


def refuse_if_archived(channel: Channel) -> None:
    """Nothing is edited, deleted or reacted to in an archived thread (docs, topics/threads)."""
    if channel.thread is not None and channel.thread.is_archived:
        words = "Tried to perform an operation on an archived thread, such as editing a message or adding a user"
        raise Refusal(400, 50083, f"{words} to the thread")


def refuse_unknown_stickers(world: World, sticker_ids: Iterable[int]) -> None:
    known = {each for guild in world.guilds.values() for each in guild.stickers}
    if any(each not in known for each in sticker_ids):
        raise Refusal(400, 50081, "Invalid sticker sent")


def _refuse_unless_reachable(world: World, bot_id: int, channel: Channel) -> None:
    """A bot reaches people with whom it shares a guild and who take messages from strangers."""
    for user_id in channel.recipients:
        shares = any(bot_id in guild.members and user_id in guild.members for guild in world.guilds.values())
        has_spoken = any(world.messages[each].author.id == user_id for each in channel.message_ids)
        if user_id != bot_id and (user_id in world.closed_dms or not (shares or has_spoken)):
            raise Refusal(403, 50007, SHARING_A_GUILD)
