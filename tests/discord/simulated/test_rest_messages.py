"""Messages through the real client: sent, answered, changed, found again."""

import io
from typing import Any

import nextcord
import pytest

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.world.permissions import Permission


async def test_a_message_of_a_person_reaches_the_client_with_member_and_mentions(scene: Any, bot: Any) -> None:
    alice = scene.harbour.member("alice", nick="Al")

    changes.post(
        scene.discord.world,
        scene.tavern.state,
        alice.user,
        changes.Draft(content=f"hello {scene.application.user.mention}"),
    )

    await scene.discord.until(lambda: bot.heard)
    [message] = bot.heard
    assert message.author.display_name == "Al"
    assert message.mentions == [bot.client.user]
    assert message.guild.id == scene.harbour.id


async def test_a_reply_refers_to_what_it_answers_and_pings_its_author(scene: Any, bot: Any) -> None:
    alice = scene.harbour.member("alice")
    asked = changes.post(scene.discord.world, scene.tavern.state, alice.user, changes.Draft(content="anyone?"))
    await scene.discord.until(lambda: bot.heard)

    answer = await bot.heard[0].reply("here")

    assert answer.type is nextcord.MessageType.reply
    assert answer.reference.message_id == asked.id
    assert scene.discord.world.pings[-1].user_ids == (alice.user.id,)


async def test_the_bot_hears_its_own_message(scene: Any, bot: Any) -> None:
    await bot.client.get_channel(scene.tavern.id).send("echo?")

    await scene.discord.until(lambda: bot.heard)
    assert bot.heard[0].author == bot.client.user


async def test_a_file_is_sent_and_downloaded_again(scene: Any, bot: Any) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4) + b"rest"

    sent = await bot.client.get_channel(scene.tavern.id).send(
        "look", file=nextcord.File(io.BytesIO(picture), "my picture.png", description="a harbour")
    )

    [attachment] = sent.attachments
    assert (attachment.filename, attachment.description, attachment.width) == ("my_picture.png", "a harbour", 640)
    assert await attachment.read() == picture


async def test_an_edit_keeps_what_it_does_not_name(scene: Any, bot: Any) -> None:
    channel = bot.client.get_channel(scene.tavern.id)
    sent = await channel.send("first", embed=nextcord.Embed(title="Chart", description="of the coast"))

    edited = await sent.edit(content="second")

    assert edited.content == "second"
    assert edited.embeds[0].title == "Chart"
    assert edited.edited_at is not None


async def test_history_is_given_newest_first_and_in_pages(scene: Any, bot: Any) -> None:
    channel = bot.client.get_channel(scene.tavern.id)
    posted = [
        changes.post(scene.discord.world, scene.tavern.state, scene.application.user, changes.Draft(content=str(n)))
        for n in range(120)
    ]

    # From a place in it: without one, nextcord 3.2 asks for the newest page again and again.
    whole = channel.history(limit=None, before=nextcord.Object(posted[-1].id + 1))
    assert [each.content async for each in whole] == [str(n) for n in reversed(range(120))]
    around = channel.history(limit=5, around=nextcord.Object(posted[60].id))
    assert [each.content async for each in around] == ["62", "61", "60", "59", "58"]
    after = channel.history(limit=2, after=nextcord.Object(posted[10].id))
    assert [each.content async for each in after] == ["11", "12"]


async def test_a_forward_shows_the_words_and_not_who_wrote_them(scene: Any, bot: Any) -> None:
    alice = scene.harbour.member("alice")
    cellar = scene.harbour.text_channel("cellar")
    changes.post(scene.discord.world, scene.tavern.state, alice.user, changes.Draft(content="a secret"))
    await scene.discord.until(lambda: bot.heard)

    forwarded = await bot.heard[0].forward(bot.client.get_channel(cellar.id))

    assert forwarded.content == ""
    assert forwarded.snapshots[0].content == "a secret"


async def test_reactions_come_and_go(scene: Any, bot: Any) -> None:
    sent = await bot.client.get_channel(scene.tavern.id).send("vote")
    await sent.add_reaction("👍")
    again = await sent.channel.fetch_message(sent.id)
    assert [(each.emoji, each.count, each.me) for each in again.reactions] == [("👍", 1, True)]

    await sent.remove_reaction("👍", bot.client.user)

    assert (await sent.channel.fetch_message(sent.id)).reactions == []


async def test_a_pin_is_listed_and_told_in_the_channel(scene: Any, bot: Any) -> None:
    sent = await bot.client.get_channel(scene.tavern.id).send("rules")

    await sent.pin()

    assert [each.id for each in await sent.channel.pins()] == [sent.id]
    assert [each.type for each in scene.tavern.messages] == [0, 6]


async def test_many_messages_are_deleted_at_once(scene: Any, bot: Any) -> None:
    channel = bot.client.get_channel(scene.tavern.id)
    sent = [await channel.send(str(n)) for n in range(3)]

    await channel.delete_messages(sent)

    assert scene.tavern.messages == []
    await scene.discord.until(lambda: "raw_bulk_message_delete" in bot.events)


async def test_a_direct_message_goes_both_ways(scene: Any, bot: Any) -> None:
    alice = scene.harbour.member("alice")
    dm = await (await bot.client.fetch_user(alice.user.id)).create_dm()

    await dm.send("psst")
    changes.post(scene.discord.world, scene.discord.world.channels[dm.id], alice.user, changes.Draft(content="yes?"))

    await scene.discord.until(lambda: bot.contents == ["psst", "yes?"])
    assert isinstance(bot.heard[1].channel, nextcord.DMChannel)


async def test_a_user_who_takes_no_messages_cannot_be_written_to(scene: Any, bot: Any) -> None:
    alice = scene.harbour.member("alice")
    scene.discord.world.closed_dms.add(alice.user.id)

    with pytest.raises(nextcord.Forbidden) as refused:
        await (await bot.client.fetch_user(alice.user.id)).send("psst")

    assert refused.value.code == 50007


@pytest.mark.parametrize(("missing", "code"), [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)])
async def test_what_the_bot_may_not_do_is_refused(scene: Any, bot: Any, missing: Permission, code: int) -> None:
    scene.tavern.deny(scene.application.user, missing)

    with pytest.raises(nextcord.Forbidden) as refused:
        await bot.client.get_partial_messageable(scene.tavern.id).send("hello")

    assert refused.value.code == code


async def test_typing_is_told(scene: Any, bot: Any) -> None:
    async with bot.client.get_channel(scene.tavern.id).typing():
        pass

    assert [(channel, user) for channel, user, _ in scene.discord.world.typings] == [
        (scene.tavern.id, scene.application.user.id)
    ]
