"""What happens to messages: each function changes the world and tells the gateways.

Nobody is asked for permission here and no limit is enforced: REST and the actors do that before.
"""

from dataclasses import dataclass, field
from typing import Any

from adapters.discord.simulated.changes import threads
from adapters.discord.simulated.changes.mentions import ALL, AllowedMentions, mentioned
from adapters.discord.simulated.payloads import messages as payloads
from adapters.discord.simulated.payloads import users as user_payloads
from adapters.discord.simulated.payloads.scalars import snowflake
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.dispatches import Ping
from adapters.discord.simulated.world.messages import (
    NO_FLAGS,
    Attachment,
    Mentions,
    Message,
    MessageFlag,
    MessageType,
    Poll,
    Reaction,
    Reference,
    ReferenceType,
    Snapshot,
)
from adapters.discord.simulated.world.users import Author, User
from adapters.discord.simulated.world.world import World


@dataclass(slots=True)
class Draft:
    """A message that is about to stand in a channel."""

    content: str = ""
    type: MessageType | None = None  # None: REPLY when it answers one, else DEFAULT
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    sticker_ids: list[int] = field(default_factory=list)
    flags: MessageFlag = NO_FLAGS
    reference: Reference | None = None
    poll: Poll | None = None
    allowed_mentions: AllowedMentions = ALL
    is_tts: bool = False
    nonce: str | int | None = None
    webhook_id: int | None = None
    application_id: int | None = None
    interaction_metadata: dict[str, Any] | None = None
    only_for: int | None = None
    # Whether @everyone and roles that are not mentionable may be pinged by its author.
    may_mention_everyone: bool = False


def post(world: World, channel: Channel, author: Author, draft: Draft, *, id: int | None = None) -> Message:
    """A message comes to stand in a channel (or before one person, when it is only for them).

    `id`: that of the thread, for the first message of a forum post; else its own.
    """
    message = _composed(world, channel, author, draft, world.next_id() if id is None else id)
    world.messages[message.id] = message
    if message.only_for is not None:
        return message
    threads.enter(world, channel, author.id)
    _take_its_place(channel, message)
    _ping(world, message)
    payload = payloads.dispatched(world, message)
    if draft.nonce is not None:
        payload["nonce"] = draft.nonce
    world.publish("MESSAGE_CREATE", payload | _channel_type(channel), channel=channel)
    return message


def edit(world: World, message: Message, *, is_by_author: bool = True, **fields: Any) -> None:
    """Set fields of a message; editing what is written marks it as edited and pings nobody."""
    for name, value in fields.items():
        setattr(message, name, value)
    if is_by_author:
        message.edited_timestamp = world.clock.now()
    updated(world, message)


def updated(world: World, message: Message) -> None:
    if message.only_for is None:
        channel = world.channels[message.channel_id]
        payload = payloads.dispatched(world, message) | _channel_type(channel)
        world.publish("MESSAGE_UPDATE", payload, channel=channel)


def delete(world: World, message: Message) -> None:
    _take_away(world, message)
    if message.only_for is None:
        channel = world.channels[message.channel_id]
        world.publish("MESSAGE_DELETE", {"id": snowflake(message.id)} | _where(message), channel=channel)


def delete_many(world: World, channel: Channel, messages: list[Message]) -> None:
    for message in messages:
        _take_away(world, message)
    if messages:
        ids = [snowflake(message.id) for message in messages]
        world.publish("MESSAGE_DELETE_BULK", {"ids": ids} | _where(messages[0]), channel=channel)


def react(world: World, message: Message, user_id: int, name: str, emoji_id: int | None = None) -> None:
    new = Reaction(name, emoji_id)
    reaction = message.reactions.setdefault(new.key, new)
    if user_id in reaction.user_ids:
        return
    reaction.user_ids.append(user_id)
    payload = _reaction(message, reaction, user_id) | {"message_author_id": snowflake(message.author.id)}
    if message.guild_id is not None and user_id in world.guilds[message.guild_id].members:
        member = world.guilds[message.guild_id].members[user_id]
        payload["member"] = user_payloads.member(member, world.users[user_id])
    world.publish("MESSAGE_REACTION_ADD", payload, channel=world.channels[message.channel_id])


def unreact(world: World, message: Message, user_id: int, key: str) -> None:
    reaction = message.reactions.get(key)
    if reaction is None or user_id not in reaction.user_ids:
        return
    reaction.user_ids.remove(user_id)
    if not reaction.user_ids:
        del message.reactions[key]
    payload = _reaction(message, reaction, user_id)
    world.publish("MESSAGE_REACTION_REMOVE", payload, channel=world.channels[message.channel_id])


def clear_reactions(world: World, message: Message, key: str | None = None) -> None:
    """Take away all reactions, or all with one emoji."""
    channel = world.channels[message.channel_id]
    where = {"message_id": snowflake(message.id)} | _where(message)
    if key is None:
        message.reactions.clear()
        world.publish("MESSAGE_REACTION_REMOVE_ALL", where, channel=channel)
    elif (reaction := message.reactions.pop(key, None)) is not None:
        payload = where | {"emoji": payloads.emoji(reaction)}
        world.publish("MESSAGE_REACTION_REMOVE_EMOJI", payload, channel=channel)


def type_in(world: World, channel: Channel, user_id: int) -> None:
    payload: dict[str, Any] = {
        "channel_id": snowflake(channel.id),
        "user_id": snowflake(user_id),
        "timestamp": int(world.clock.now().timestamp()),
    }
    if channel.guild_id is not None:
        payload["guild_id"] = snowflake(channel.guild_id)
        if (member := world.guilds[channel.guild_id].members.get(user_id)) is not None:
            payload["member"] = user_payloads.member(member, world.users[user_id])
    world.typings.append((channel.id, user_id, world.clock.now()))
    world.publish("TYPING_START", payload, channel=channel)


def tell_of_pin(world: World, channel: Channel, user: User, pinned: Message) -> None:
    """The line in the channel that says that somebody pinned a message."""
    reference = Reference(ReferenceType.REPLY, channel.id, pinned.id, channel.guild_id)
    post(world, channel, user, Draft(type=MessageType.CHANNEL_PINNED_MESSAGE, reference=reference))


def snapshot_of(message: Message) -> Snapshot:
    """What a forward shows of a message."""
    return Snapshot(
        content=message.content,
        timestamp=message.timestamp,
        edited_timestamp=message.edited_timestamp,
        type=message.type,
        flags=message.flags,
        embeds=tuple(message.embeds),
        attachments=tuple(message.attachments),
        components=tuple(message.components),
        sticker_ids=tuple(message.sticker_ids),
        mentions=message.mentions.users,
        mention_roles=message.mentions.roles,
    )


def _composed(world: World, channel: Channel, author: Author, draft: Draft, id: int) -> Message:
    is_reply = draft.reference is not None and draft.reference.type == ReferenceType.REPLY
    message = Message(
        id=id,
        channel_id=channel.id,
        author=author,
        timestamp=world.clock.now(),
        content=draft.content,
        type=draft.type if draft.type is not None else MessageType.REPLY if is_reply else MessageType.DEFAULT,
        guild_id=channel.guild_id,
        flags=draft.flags,
        is_tts=draft.is_tts,
        attachments=draft.attachments,
        embeds=draft.embeds,
        components=draft.components,
        sticker_ids=draft.sticker_ids,
        poll=draft.poll,
        reference=draft.reference,
        webhook_id=draft.webhook_id,
        application_id=draft.application_id,
        nonce=draft.nonce,
        interaction_metadata=draft.interaction_metadata,
        only_for=draft.only_for,
    )
    if draft.reference is not None and draft.reference.type == ReferenceType.FORWARD:
        original = world.messages[draft.reference.message_id or 0]
        message.snapshots = list(original.snapshots) or [snapshot_of(original)]
        message.flags |= MessageFlag.HAS_SNAPSHOT
    message.mentions = mentioned(
        world, message, draft.allowed_mentions, may_mention_everyone=draft.may_mention_everyone
    )
    return message


def _take_its_place(channel: Channel, message: Message) -> None:
    channel.message_ids.append(message.id)
    channel.last_message_id = message.id
    if channel.thread is not None:
        message.position = channel.thread.message_count
        if message.id != channel.id:  # docs: "excluding the initial message or deleted messages"
            channel.thread.message_count += 1
            channel.thread.total_message_sent += 1


def _take_away(world: World, message: Message) -> None:
    world.messages.pop(message.id, None)
    channel = world.channels[message.channel_id]
    if message.id in channel.message_ids:
        channel.message_ids.remove(message.id)
        if channel.thread is not None and message.id != channel.id:
            channel.thread.message_count -= 1


def _ping(world: World, message: Message) -> None:
    named = message.mentions
    if named != Mentions():
        ping = Ping(message.id, message.channel_id, message.author.id, named.users, named.roles, named.everyone)
        world.pings.append(ping)


def _where(message: Message) -> dict[str, Any]:
    where = {"channel_id": snowflake(message.channel_id)}
    return where if message.guild_id is None else where | {"guild_id": snowflake(message.guild_id)}


def _channel_type(channel: Channel) -> dict[str, Any]:
    return {"channel_type": int(channel.type)}


def _reaction(message: Message, reaction: Reaction, user_id: int) -> dict[str, Any]:
    return {
        "user_id": snowflake(user_id),
        "message_id": snowflake(message.id),
        "emoji": payloads.emoji(reaction),
        "burst": False,
        "type": 0,
    } | _where(message)
