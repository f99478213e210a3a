"""Webhooks through the real client: personas in channels, threads and forums."""

from typing import Any

import aiohttp
import nextcord
import pytest

from adapters.discord.simulated.world.permissions import Permission


async def webhook_in(bot: Any, channel: Any, name: str = "Tzurot") -> nextcord.Webhook:
    webhook: nextcord.Webhook = await bot.client.get_channel(channel.id).create_webhook(name=name)
    return webhook


async def test_a_persona_speaks_with_its_own_name_and_picture(scene: Any, bot: Any) -> None:
    webhook = await webhook_in(bot, scene.tavern)

    sent = await webhook.send("The tide turns.", username="Elara", avatar_url="https://cdn.example/e.png", wait=True)

    assert (sent.author.name, sent.author.id, sent.author.discriminator) == ("Elara", webhook.id, "0000")
    await scene.discord.until(lambda: bot.heard)
    assert bot.heard[0].webhook_id == webhook.id
    [message] = scene.tavern.messages
    assert message.application_id == scene.application.id
    assert message.author.avatar_url == "https://cdn.example/e.png"


async def test_without_wait_nothing_is_answered_and_the_message_stands(scene: Any, bot: Any) -> None:
    webhook = await webhook_in(bot, scene.tavern)

    assert await webhook.send("gone") is None

    assert [each.content for each in scene.tavern.messages] == ["gone"]


async def test_a_message_in_a_thread_is_found_by_its_thread_only(scene: Any, bot: Any) -> None:
    thread = nextcord.Object(scene.tavern.thread("corner").id)
    webhook = await webhook_in(bot, scene.tavern)
    sent = await webhook.send("here", thread=thread, wait=True)

    with pytest.raises(nextcord.NotFound) as refused:
        await webhook.edit_message(sent.id, content="elsewhere")
    assert refused.value.code == 10008

    edited = await webhook.edit_message(sent.id, content="still here", thread=thread)
    assert edited.content == "still here"


async def test_a_webhook_message_is_deleted_in_its_thread(scene: Any, bot: Any) -> None:
    thread = scene.tavern.thread("corner")
    webhook = await webhook_in(bot, scene.tavern)
    sent = await webhook.send("here", thread=nextcord.Object(thread.id), wait=True)

    route = nextcord.http.Route(
        "DELETE",
        "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
        webhook_id=webhook.id,
        webhook_token=webhook.token,
        message_id=sent.id,
    )
    await bot.client.http.request(route, params={"thread_id": thread.id}, auth=None)

    assert thread.messages == []


async def test_a_forum_wants_a_thread_or_the_name_of_one(scene: Any, bot: Any) -> None:
    board = scene.harbour.forum("board")
    await scene.discord.until(lambda: bot.client.get_channel(board.id))
    webhook = await webhook_in(bot, board)

    with pytest.raises(nextcord.HTTPException) as refused:
        await webhook.send("lost")
    assert refused.value.code == 220001

    sent = await webhook.send("found", thread_name="A post", wait=True)
    post = scene.discord.world.channels[sent.id]
    assert (post.name, post.parent_id) == ("A post", board.id)
    with pytest.raises(nextcord.HTTPException) as refused:
        await webhook.send("both", thread_name="Another", thread=nextcord.Object(post.id))
    assert refused.value.code == 220002


async def test_only_forums_get_threads_by_webhook(scene: Any, bot: Any) -> None:
    webhook = await webhook_in(bot, scene.tavern)

    with pytest.raises(nextcord.HTTPException) as refused:
        await webhook.send("no", thread_name="A post")

    assert refused.value.code == 220003


async def test_a_thread_of_another_channel_is_unknown_to_a_webhook(scene: Any, bot: Any) -> None:
    elsewhere = scene.harbour.text_channel("cellar").thread("corner")
    webhook = await webhook_in(bot, scene.tavern)

    with pytest.raises(nextcord.NotFound) as refused:
        await webhook.send("no", thread=nextcord.Object(elsewhere.id))

    assert refused.value.code == 10003


async def test_a_webhook_wakes_an_archived_thread_and_not_a_locked_one(scene: Any, bot: Any) -> None:
    archived, locked = scene.tavern.thread("archived"), scene.tavern.thread("locked")
    archived.archive()
    locked.archive(is_locked=True)
    webhook = await webhook_in(bot, scene.tavern)

    await webhook.send("wake up", thread=nextcord.Object(archived.id))
    assert not archived.state.thread.is_archived

    with pytest.raises(nextcord.HTTPException) as refused:
        await webhook.send("wake up", thread=nextcord.Object(locked.id))
    assert refused.value.code == 160005


async def test_a_deleted_webhook_is_unknown_and_the_client_is_told(scene: Any, bot: Any) -> None:
    webhook = await webhook_in(bot, scene.tavern)
    await webhook.delete()

    with pytest.raises(nextcord.NotFound) as refused:
        await webhook.send("anyone?")

    assert refused.value.code == 10015
    await scene.discord.until(lambda: bot.events.count("webhooks_update") == 2)


async def test_a_wrong_token_is_refused(scene: Any, bot: Any) -> None:
    webhook = await webhook_in(bot, scene.tavern)
    async with aiohttp.ClientSession() as session:
        stranger = nextcord.Webhook.partial(webhook.id, "wrong", session=session)
        with pytest.raises(nextcord.HTTPException) as refused:
            await stranger.send("hello")

    assert refused.value.code == 50027


async def test_the_sixteenth_webhook_of_a_channel_is_refused(scene: Any, bot: Any) -> None:
    for number in range(15):
        await webhook_in(bot, scene.tavern, f"hook {number}")

    with pytest.raises(nextcord.HTTPException) as refused:
        await webhook_in(bot, scene.tavern)

    assert refused.value.code == 30007


@pytest.mark.parametrize("name", ["Discord Elara", "my cLyDe", " ", "x" * 81, "everyone"])
async def test_names_that_discord_keeps_for_itself_are_refused(scene: Any, bot: Any, name: str) -> None:
    webhook = await webhook_in(bot, scene.tavern)

    with pytest.raises(nextcord.HTTPException) as refused:
        await webhook.send("hello", username=name)

    assert refused.value.code == 50035
    assert "username" in scene.discord.journal.exchanges[-1].answer["errors"]


async def test_whoever_may_not_manage_webhooks_makes_none(scene: Any, bot: Any) -> None:
    scene.tavern.deny(scene.application.user, Permission.MANAGE_WEBHOOKS)

    with pytest.raises(nextcord.Forbidden) as refused:
        await webhook_in(bot, scene.tavern)

    assert refused.value.code == 50013


async def test_the_token_of_another_applications_webhook_is_not_told(scene: Any, bot: Any, connect: Any) -> None:
    other = scene.discord.application("Other")
    theirs = await connect(other)
    await webhook_in(theirs, scene.tavern)
    await webhook_in(bot, scene.tavern)

    listed = await bot.client.get_channel(scene.tavern.id).webhooks()

    assert [each.token is None for each in listed] == [True, False]
