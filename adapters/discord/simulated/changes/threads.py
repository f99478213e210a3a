"""What posting does to a thread: an archived one wakes, and who writes in it is in it. Source: docs, topics/threads."""

from adapters.discord.simulated.changes import channels
from adapters.discord.simulated.world.channels import Channel
from adapters.discord.simulated.world.world import World


def wake(world: World, channel: Channel) -> None:
    """A message un-archives its thread; a locked one stays locked."""
    state = channel.thread
    if state is None or not state.is_archived:
        return
    state.is_archived = False
    state.archive_timestamp = world.clock.now()
    channels.updated(world, channel)


def enter(world: World, channel: Channel, user_id: int) -> None:
    """Who writes in a thread joins it; webhooks do not."""
    if channel.thread is not None and user_id in world.users:
        channels.join_thread(world, channel, user_id)


def archive(world: World, channel: Channel, *, is_locked: bool = False) -> None:
    assert channel.thread is not None, "a thread"
    channel.thread.is_archived = True
    channel.thread.archive_timestamp = world.clock.now()
    channel.thread.is_locked = is_locked
    channels.updated(world, channel)
