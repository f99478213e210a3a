"""Messages in Discord's JSON."""

from collections.abc import Mapping
from typing import Any

from adapters.discord.simulated.payloads import channels, users
from adapters.discord.simulated.payloads.scalars import snowflake, snowflake_or_none, timestamp, timestamp_or_none
from adapters.discord.simulated.world.messages import (
    Attachment,
    Message,
    MessageFlag,
    Poll,
    Reaction,
    Reference,
    ReferenceType,
    Snapshot,
)
from adapters.discord.simulated.world.users import User
from adapters.discord.simulated.world.world import World

ATTACHMENT_IS_SPOILER = 1 << 3
# Which command it was: kept for the client's "alice used /list", and left out of the documentation on purpose.
ONLY_FOR_CLIENTS = frozenset({"name", "command_type"})
OPENED_BY = "triggering_interaction_metadata"


def message(world: World, message: Message, *, seen_by: int | None = None) -> dict[str, Any]:
    """A message as REST gives it to the user `seen_by`; `nonce` is told by whoever sends it."""
    payload = _basic(world, message, seen_by)
    answered = message.reference
    if answered is not None and answered.type == ReferenceType.REPLY and answered.message_id is not None:
        target = world.messages.get(answered.message_id)
        payload["referenced_message"] = None if target is None else _basic(world, target, seen_by)
    return payload


def dispatched(world: World, each: Message) -> dict[str, Any]:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE bring it: with guild and member."""
    payload = message(world, each)
    if each.guild_id is not None:
        payload["guild_id"] = snowflake(each.guild_id)
        guild = world.guilds[each.guild_id]
        if isinstance(each.author, User) and each.author.id in guild.members:
            payload["member"] = users.member(guild.members[each.author.id])
        for mentioned in payload["mentions"]:
            if int(mentioned["id"]) in guild.members:
                mentioned["member"] = users.member(guild.members[int(mentioned["id"])])
    return payload


def _basic(world: World, message: Message, seen_by: int | None) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "id": snowflake(message.id),
        "channel_id": snowflake(message.channel_id),
        "type": int(message.type),
        "content": message.content,
        "author": users.user(message.author),
        "timestamp": timestamp(message.timestamp),
        "edited_timestamp": timestamp_or_none(message.edited_timestamp),
        "tts": message.is_tts,
        "mention_everyone": message.mentions.everyone,
        "mentions": [users.user(world.users[each]) for each in message.mentions.users],
        "mention_roles": [snowflake(each) for each in message.mentions.roles],
        "attachments": [attachment(world, each) for each in message.attachments],
        "embeds": [] if MessageFlag.SUPPRESS_EMBEDS in message.flags else message.embeds,
        "components": message.components,
        "pinned": message.is_pinned,
        "flags": int(message.flags),
    }
    return payload | _optional(world, message, seen_by)


def _optional(world: World, message: Message, seen_by: int | None) -> dict[str, Any]:
    """What is there only when the message has it."""
    stickers = [sticker_item(world, each) for each in message.sticker_ids]
    reactions = [reaction(each, seen_by) for each in message.reactions.values()]
    snapshots = [{"message": snapshot(world, each)} for each in message.snapshots]
    has_thread = MessageFlag.HAS_THREAD in message.flags and message.id in world.channels
    optional = {
        "sticker_items": stickers or None,
        "reactions": reactions or None,
        "poll": None if message.poll is None else poll(message.poll, seen_by),
        "message_reference": None if message.reference is None else reference(message.reference),
        "message_snapshots": snapshots or None,
        "webhook_id": snowflake_or_none(message.webhook_id),
        "application_id": snowflake_or_none(message.application_id),
        "interaction_metadata": metadata(message.interaction_metadata),
        "position": message.position,
        "thread": channels.thread(world, world.channels[message.id]) if has_thread else None,
    }
    return {key: value for key, value in optional.items() if value is not None}


def metadata(known: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Of an interaction, without what only Discord's own client shows; a modal's tells of what opened it, too."""
    if known is None:
        return None
    told = {name: value for name, value in known.items() if name not in ONLY_FOR_CLIENTS}
    if OPENED_BY in told:
        told[OPENED_BY] = metadata(told[OPENED_BY])
    return told


def reference(reference: Reference) -> dict[str, Any]:
    payload = {
        "type": int(reference.type),
        "channel_id": snowflake(reference.channel_id),
        "message_id": snowflake_or_none(reference.message_id),
        "guild_id": snowflake_or_none(reference.guild_id),
    }
    return {key: value for key, value in payload.items() if value is not None}


def attachment(world: World, attachment: Attachment) -> dict[str, Any]:
    url = f"{world.cdn_base}/{attachment.path}"
    payload: dict[str, Any] = {
        "id": snowflake(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
        "flags": ATTACHMENT_IS_SPOILER if attachment.is_spoiler else 0,
    }
    optional = {
        "content_type": attachment.content_type,
        "description": attachment.description,
        "title": attachment.title,
        "width": attachment.width,
        "height": attachment.height,
        "duration_secs": attachment.duration_s,
        "waveform": attachment.waveform,
        "ephemeral": attachment.is_ephemeral or None,
    }
    return payload | {key: value for key, value in optional.items() if value is not None}


def sticker_item(world: World, sticker_id: int) -> dict[str, Any]:
    for guild in world.guilds.values():
        if (sticker := guild.stickers.get(sticker_id)) is not None:
            return {"id": snowflake(sticker.id), "name": sticker.name, "format_type": sticker.format_type}
    raise KeyError(sticker_id)


def reaction(reaction: Reaction, seen_by: int | None) -> dict[str, Any]:
    count = len(reaction.user_ids)
    return {
        "emoji": emoji(reaction),
        "count": count,
        "count_details": {"burst": 0, "normal": count},
        "burst_colors": [],
        "me_burst": False,
        "me": seen_by in reaction.user_ids,
    }


def emoji(reaction: Reaction) -> dict[str, Any]:
    return {"id": snowflake_or_none(reaction.id), "name": reaction.name}


def poll(poll: Poll, seen_by: int | None) -> dict[str, Any]:
    return {
        "question": {"text": poll.question},
        "answers": poll.answers,
        "expiry": timestamp_or_none(poll.expiry),
        "allow_multiselect": poll.is_multiselect,
        "layout_type": 1,
        "results": {
            "is_finalized": poll.is_finalized,
            "answer_counts": [
                {"id": answer, "count": len(voters), "me_voted": seen_by in voters}
                for answer, voters in poll.votes.items()
                if voters
            ],
        },
    }


def snapshot(world: World, snapshot: Snapshot) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "type": int(snapshot.type),
        "content": snapshot.content,
        "mentions": [users.user(world.users[each]) for each in snapshot.mentions],
        "mention_roles": [snowflake(each) for each in snapshot.mention_roles],
        "attachments": [attachment(world, each) for each in snapshot.attachments],
        "embeds": list(snapshot.embeds),
        "timestamp": timestamp(snapshot.timestamp),
        "edited_timestamp": timestamp_or_none(snapshot.edited_timestamp),
        "flags": int(snapshot.flags),
        "components": list(snapshot.components),
    }
    if snapshot.sticker_ids:
        payload["sticker_items"] = [sticker_item(world, each) for each in snapshot.sticker_ids]
    return payload
