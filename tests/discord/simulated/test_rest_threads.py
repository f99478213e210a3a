"""Threads, forums and channels through the real client."""

from typing import Any

import nextcord
import pytest

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.world.permissions import Permission


async def test_a_thread_is_started_from_a_message(scene: Any, bot: Any) -> None:
    sent = await bot.client.get_channel(scene.tavern.id).send("let us talk")

    thread = await sent.create_thread(name="talk")

    assert thread.id == sent.id
    assert thread.parent_id == scene.tavern.id
    await thread.send("inside")
    await scene.discord.until(lambda: "inside" in bot.contents)
    with pytest.raises(nextcord.HTTPException) as refused:
        await sent.create_thread(name="again")
    assert refused.value.code == 160004


async def test_a_forum_post_is_a_thread_whose_first_message_has_its_id(scene: Any, bot: Any) -> None:
    board = scene.harbour.forum("board")
    await scene.discord.until(lambda: bot.client.get_channel(board.id))

    post = await bot.client.get_channel(board.id).create_thread(name="Wanted", content="A crew")

    [message] = [scene.discord.world.messages[each] for each in scene.discord.world.channels[post.id].message_ids]
    assert (message.id, message.content) == (post.id, "A crew")
    with pytest.raises(nextcord.HTTPException) as refused:
        await bot.client.get_partial_messageable(board.id).send("not here")
    assert refused.value.code == 40058


async def test_a_private_thread_is_seen_by_its_members_only(scene: Any, bot: Any) -> None:
    scene.tavern.deny(scene.application.user, Permission.MANAGE_THREADS)
    hidden = scene.tavern.thread("hidden", is_private=True)
    with pytest.raises(nextcord.Forbidden) as refused:
        await bot.client.fetch_channel(hidden.id)
    assert refused.value.code == 50001

    invited = scene.tavern.thread("invited", is_private=True, members=[scene.application.user])

    assert (await bot.client.fetch_channel(invited.id)).name == "invited"
    await scene.discord.until(lambda: bot.client.get_channel(invited.id))
    assert bot.client.get_channel(hidden.id) is None


async def test_nothing_is_edited_in_an_archived_thread_and_a_message_wakes_it(scene: Any, bot: Any) -> None:
    corner = scene.tavern.thread("corner")
    thread = await bot.client.fetch_channel(corner.id)
    sent = await thread.send("before")
    corner.archive()

    with pytest.raises(nextcord.HTTPException) as refused:
        await sent.edit(content="after")
    assert refused.value.code == 50083

    await thread.send("awake")
    assert not corner.state.thread.is_archived


async def test_a_locked_thread_takes_messages_from_moderators_only(scene: Any, bot: Any) -> None:
    corner = scene.tavern.thread("corner")
    thread = await bot.client.fetch_channel(corner.id)
    corner.archive(is_locked=True)
    await thread.send("I may manage threads")
    corner.archive(is_locked=True)
    scene.tavern.deny(scene.application.user, Permission.MANAGE_THREADS)

    with pytest.raises(nextcord.HTTPException) as refused:
        await thread.send("I may not any more")

    assert refused.value.code == 160005


async def test_in_a_thread_the_permission_for_threads_counts(scene: Any, bot: Any) -> None:
    thread = await bot.client.fetch_channel(scene.tavern.thread("corner").id)
    scene.tavern.deny(scene.application.user, Permission.SEND_MESSAGES)
    await thread.send("still")
    scene.tavern.deny(scene.application.user, Permission.SEND_MESSAGES_IN_THREADS)

    with pytest.raises(nextcord.Forbidden) as refused:
        await thread.send("no more")

    assert refused.value.code == 50013


async def test_threads_are_listed_and_joined(scene: Any, bot: Any) -> None:
    corner, old = scene.tavern.thread("corner"), scene.tavern.thread("old")
    old.archive()
    guild = bot.client.get_guild(scene.harbour.id)

    assert [each.id for each in await guild.active_threads()] == [corner.id]
    channel = bot.client.get_channel(scene.tavern.id)
    assert [each.id async for each in channel.archived_threads()] == [old.id]
    thread = await bot.client.fetch_channel(corner.id)
    await thread.join()
    assert scene.application.user.id in corner.state.thread.members
    await thread.leave()
    assert scene.application.user.id not in corner.state.thread.members


async def test_a_deleted_channel_takes_everything_with_it(scene: Any, bot: Any) -> None:
    thread = scene.tavern.thread("corner")
    changes.post(scene.discord.world, thread.state, scene.application.user, changes.Draft(content="gone"))
    scene.tavern.delete()

    await scene.discord.until(lambda: "guild_channel_delete" in bot.events)
    with pytest.raises(nextcord.NotFound) as refused:
        await bot.client.fetch_channel(thread.id)
    assert refused.value.code == 10003
    assert scene.discord.world.messages == {}


async def test_channels_are_made_and_renamed_by_those_who_may(scene: Any, connect: Any) -> None:
    steward = scene.discord.application("Steward", permissions=Permission.ADMINISTRATOR)
    bot = await connect(steward)

    made = await bot.client.get_guild(scene.harbour.id).create_text_channel("cellar", topic="Casks", nsfw=True)
    await made.edit(name="vault")

    state = scene.discord.world.channels[made.id]
    assert (state.name, state.topic, state.is_nsfw) == ("vault", "Casks", True)
    await made.delete()
    assert made.id not in scene.discord.world.channels
