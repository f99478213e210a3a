"""What happens to channels and threads: each function changes the world and tells the gateways."""

from dataclasses import dataclass, field

from adapters.discord.simulated.payloads import channels as payloads
from adapters.discord.simulated.payloads.scalars import snowflake, snowflake_or_none
from adapters.discord.simulated.world.channels import Channel, ChannelType, ThreadState
from adapters.discord.simulated.world.guilds import Guild
from adapters.discord.simulated.world.permissions import Overwrite
from adapters.discord.simulated.world.world import World


@dataclass(frozen=True, slots=True)
class ThreadPlan:
    """A thread that is about to be opened."""

    name: str
    type: ChannelType = ChannelType.PUBLIC_THREAD
    auto_archive_duration_min: int = 1440
    rate_limit_per_user_s: int = 0
    is_invitable: bool = True
    applied_tags: list[int] = field(default_factory=list)


def make(
    world: World,
    guild: Guild,
    type: ChannelType,
    name: str,
    *,
    parent: Channel | None = None,
    overwrites: list[Overwrite] | None = None,
    is_nsfw: bool = False,
    topic: str | None = None,
) -> Channel:
    channel = Channel(
        id=world.next_id(),
        type=type,
        name=name,
        guild_id=guild.id,
        parent_id=None if parent is None else parent.id,
        position=sum(1 for each in world.channels.values() if each.guild_id == guild.id and not each.is_thread),
        overwrites=overwrites or [],
        is_nsfw=is_nsfw,
        topic=topic,
    )
    world.channels[channel.id] = channel
    world.publish("CHANNEL_CREATE", payloads.channel(world, channel), channel=channel)
    return channel


def open_thread(world: World, parent: Channel, owner_id: int, plan: ThreadPlan, *, id: int | None = None) -> Channel:
    """`id`: that of the message that it starts from, or of a forum post's first message; else its own."""
    now = world.clock.now()
    thread = Channel(
        id=world.next_id() if id is None else id,
        type=plan.type,
        name=plan.name,
        guild_id=parent.guild_id,
        parent_id=parent.id,
        owner_id=owner_id,
        rate_limit_per_user_s=plan.rate_limit_per_user_s,
        thread=ThreadState(
            archive_timestamp=now,
            is_invitable=plan.is_invitable,
            auto_archive_duration_min=plan.auto_archive_duration_min,
            members={owner_id: now} if owner_id in world.users else {},
            applied_tags=plan.applied_tags,
        ),
    )
    world.channels[thread.id] = thread
    payload = payloads.thread(world, thread) | {"newly_created": True}
    world.publish("THREAD_CREATE", payload, channel=thread)
    return thread


def updated(world: World, channel: Channel) -> None:
    """Tell that fields of a channel were set."""
    name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    world.publish(name, payloads.channel(world, channel), channel=channel)


def delete(world: World, channel: Channel) -> None:
    """A channel goes, with its threads, messages and webhooks."""
    payload = payloads.channel(world, channel)
    if channel.is_thread:
        short = {
            "id": snowflake(channel.id),
            "guild_id": snowflake_or_none(channel.guild_id),
            "parent_id": snowflake_or_none(channel.parent_id),
            "type": int(channel.type),
        }
        world.publish("THREAD_DELETE", short, channel=channel)
    else:
        for thread in [each for each in world.channels.values() if each.is_thread and each.parent_id == channel.id]:
            _forget(world, thread)
        for webhook in [each for each in world.webhooks.values() if each.channel_id == channel.id]:
            del world.webhooks[webhook.id]
        world.publish("CHANNEL_DELETE", payload, channel=channel)
    _forget(world, channel)


def _forget(world: World, channel: Channel) -> None:
    for message_id in channel.message_ids:
        world.messages.pop(message_id, None)
    world.channels.pop(channel.id, None)


def dm_between(world: World, one: int, other: int) -> Channel:
    """The DM of two users, opened when there is none yet."""
    for channel in world.channels.values():
        if channel.type == ChannelType.DM and set(channel.recipients) == {one, other}:
            return channel
    channel = Channel(id=world.next_id(), type=ChannelType.DM, recipients=[one, other])
    world.channels[channel.id] = channel
    return channel


def join_thread(world: World, thread: Channel, user_id: int) -> None:
    assert thread.thread is not None, "a thread"
    if user_id in thread.thread.members:
        return
    thread.thread.members[user_id] = world.clock.now()
    _membership_told(world, thread, joined=user_id)
    for application in world.applications.values():
        if application.user.id == user_id:
            # A bot that is added to a thread is told of the thread itself (docs, topics/threads).
            payload = payloads.thread(world, thread, seen_by=user_id)
            world.publish_to([application.id], "THREAD_CREATE", payload, guild_id=thread.guild_id)


def leave_thread(world: World, thread: Channel, user_id: int) -> None:
    assert thread.thread is not None, "a thread"
    if thread.thread.members.pop(user_id, None) is not None:
        _membership_told(world, thread, left=user_id)


def _membership_told(world: World, thread: Channel, joined: int | None = None, left: int | None = None) -> None:
    state = thread.thread
    assert state is not None, "a thread"
    payload = {
        "id": snowflake(thread.id),
        "guild_id": snowflake_or_none(thread.guild_id),
        "member_count": min(len(state.members), 50),
        "added_members": [] if joined is None else [payloads.thread_member(thread, joined)],
        "removed_member_ids": [] if left is None else [snowflake(left)],
    }
    world.publish("THREAD_MEMBERS_UPDATE", payload, channel=thread)
