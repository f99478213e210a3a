"""A reply as people read it on Discord, wherever it was asked for."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from adapters.discord.simulated.changes.webhooks import make
from adapters.discord.simulated.rest import webhook_messages
from adapters.discord.simulated.rest.forms import webhooks as webhook_forms
from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.speaking.postman import DiscordPostman
from adapters.discord.speaking.rooms import channel_of
from engine.domain.ids import place_id
from engine.ports import Footer
from tests.discord.speaking_scene import BY_WEBHOOK, Scene, posting, scene

AVATAR = "https://example.org/lyra.png"


@pytest.fixture
async def harbour() -> AsyncIterator[Scene]:
    async with scene() as it:
        yield it


async def test_in_a_channel_a_character_speaks_under_its_own_name_and_picture(harbour: Scene) -> None:
    post = await harbour.postman.post(posting(harbour.tavern, avatar_url=AVATAR))
    seen = harbour.alice.sees(harbour.tavern)[-1]
    assert (seen.id, seen.author, seen.avatar_url) == (int(post), "Lyra", AVATAR)
    assert seen.content == "We watched its lamp go out."


async def test_one_webhook_serves_every_character_of_a_channel_and_its_threads(harbour: Scene) -> None:
    corner = harbour.tavern.thread("corner")
    await harbour.postman.post(posting(harbour.tavern))
    await harbour.postman.post(posting(harbour.tavern, "Aye.", character_name="Bramble"))
    await harbour.postman.post(posting(corner, "Aye, aye."))
    assert [seen.author for seen in harbour.alice.sees(harbour.tavern)][-2:] == ["Lyra", "Bramble"]
    assert harbour.alice.sees(corner)[-1].content == "Aye, aye."
    assert len(harbour.discord.world.webhooks) == 1


async def test_in_a_forum_a_character_speaks_in_its_posts(harbour: Scene) -> None:
    board = harbour.harbour.forum("board")
    await harbour.alice.post(board, "Lamps", "Who saw the lamp?")
    thread = next(channel for channel in harbour.discord.world.channels.values() if channel.name == "Lamps")
    await harbour.postman.post(posting(thread))
    assert harbour.alice.sees(thread)[-1].author == "Lyra"


async def test_in_a_direct_message_the_bot_speaks_and_says_for_whom(harbour: Scene) -> None:
    direct = harbour.alice.dm_with(harbour.bot)
    await harbour.alice.say(direct, "Lyra?")
    await harbour.postman.post(posting(direct))
    seen = harbour.alice.sees(direct)[-1]
    assert (seen.author, seen.content) == ("Tzurot", "**Lyra:** We watched its lamp go out.")
    assert harbour.discord.journal.asked("POST", BY_WEBHOOK) == []


async def test_an_archived_thread_is_opened_again_by_an_answer(harbour: Scene) -> None:
    corner = harbour.tavern.thread("corner")
    corner.archive()
    await harbour.postman.post(posting(corner))
    assert corner.state.thread is not None
    assert not corner.state.thread.is_archived


async def test_a_webhook_of_ours_is_found_again_by_another_process(harbour: Scene) -> None:
    await harbour.postman.post(posting(harbour.tavern))
    async with harbour.rest_of_another_process() as rest:
        await DiscordPostman(rest).post(posting(harbour.tavern, "Aye."))
    assert len(harbour.discord.world.webhooks) == 1


async def test_somebody_else_s_webhook_is_not_spoken_through(harbour: Scene) -> None:
    other = harbour.discord.application("Other")
    tavern, webhooks = harbour.tavern.state, harbour.discord.world.webhooks
    theirs = make(harbour.discord.world, tavern, "Theirs", user_id=other.user.id, application_id=other.id)
    people_s = make(harbour.discord.world, tavern, "News", user_id=harbour.alice.id, application_id=None)
    post = await harbour.postman.post(posting(harbour.tavern))
    assert harbour.discord.world.messages[int(post)].webhook_id in webhooks.keys() - {theirs.id, people_s.id}


async def test_without_manage_webhooks_the_bot_speaks_plainly_and_does_not_ask_each_time() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        for text in ("One.", "Two."):
            await harbour.postman.post(posting(harbour.tavern, text, nonce=text))
        contents = [seen.content for seen in harbour.alice.sees(harbour.tavern)]
        assert contents[-2:] == ["**Lyra:** One.", "**Lyra:** Two."]
        assert len(harbour.discord.journal.asked("GET", r"/channels/\d+/webhooks")) == 1


async def test_where_permissions_changed_it_looks_for_a_webhook_again() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        await harbour.postman.post(posting(harbour.tavern, "One."))
        harbour.tavern.allow(harbour.bot.user, Permission.MANAGE_WEBHOOKS)
        harbour.postman.forget(str(harbour.tavern.id))
        await harbour.postman.post(posting(harbour.tavern, "Two."))
        assert harbour.alice.sees(harbour.tavern)[-1].author == "Lyra"


async def test_it_is_not_misled_by_the_news_of_its_own_webhook(harbour: Scene) -> None:
    for text in ("One.", "Two."):
        await harbour.postman.post(posting(harbour.tavern, text))
        harbour.postman.forget(str(harbour.tavern.id))
    assert len(harbour.discord.journal.asked("GET", r"/channels/\d+/webhooks")) == 2  # before and after making it


async def test_with_all_webhooks_of_a_channel_used_up_the_bot_speaks_plainly(harbour: Scene) -> None:
    for number in range(15):
        name = f"Theirs {number}"
        make(harbour.discord.world, harbour.tavern.state, name, user_id=harbour.alice.id, application_id=None)
    await harbour.postman.post(posting(harbour.tavern))
    assert harbour.alice.sees(harbour.tavern)[-1].content == "**Lyra:** We watched its lamp go out."


async def test_a_webhook_that_was_deleted_is_made_again(harbour: Scene) -> None:
    await harbour.postman.post(posting(harbour.tavern, "One."))
    harbour.discord.world.webhooks.clear()
    await harbour.postman.post(posting(harbour.tavern, "Two."))
    assert [(seen.author, seen.content) for seen in harbour.alice.sees(harbour.tavern)][-1] == ("Lyra", "Two.")
    assert len(harbour.discord.world.webhooks) == 1


@pytest.mark.parametrize("where", ["channel", "thread"])
async def test_a_webhook_that_was_moved_speaks_nowhere_but_where_it_is_asked(harbour: Scene, where: str) -> None:
    place = harbour.tavern.thread("corner") if where == "thread" else harbour.tavern
    await harbour.postman.post(posting(place, "One."))
    elsewhere = harbour.harbour.text_channel("elsewhere")
    next(iter(harbour.discord.world.webhooks.values())).channel_id = elsewhere.id
    await harbour.postman.post(posting(place, "Two."))
    assert harbour.alice.sees(elsewhere) == ()
    assert (harbour.alice.sees(place)[-1].author, harbour.alice.sees(place)[-1].content) == ("Lyra", "Two.")


@pytest.mark.parametrize(
    "name", ["Discord", "my discord friend", "CLYDE", "everyone", "x" * 200, " ", "\u200b", "@everyone", "a\nb", "```"]
)
async def test_a_character_of_any_name_can_speak(harbour: Scene, name: str) -> None:
    chunk = posting(harbour.tavern, character_name=name)
    post = await harbour.postman.post(chunk)
    assert harbour.discord.journal.asked("POST", BY_WEBHOOK, status=400) == []
    assert not harbour.alice.sees(harbour.tavern)[-1].pings_me
    assert await harbour.postman.find(chunk) == (post,)


async def test_a_name_that_discord_dislikes_all_the_same_is_shown_more_plainly(
    harbour: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_forms, "FORBIDDEN", ("d\u200aiscord",))
    await harbour.postman.post(posting(harbour.tavern, character_name="Discordia"))
    assert harbour.alice.sees(harbour.tavern)[-1].author == "D-iscordia"


async def test_two_bots_in_one_server_can_be_told_apart(harbour: Scene) -> None:
    await DiscordPostman(harbour.rest, suffix="Tzurot").post(posting(harbour.tavern))
    assert harbour.alice.sees(harbour.tavern)[-1].author == "Lyra | Tzurot"


async def test_a_picture_that_discord_dislikes_is_left_out(harbour: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_messages, "LONGEST_AVATAR_URL_CHARS", 20)
    await harbour.postman.post(posting(harbour.tavern, avatar_url=AVATAR))
    assert harbour.alice.sees(harbour.tavern)[-1].avatar_url != AVATAR


async def test_the_footer_stands_in_small_print_below_the_last_message(harbour: Scene) -> None:
    footer = Footer(model="acme/model-7b", is_automatic=True)
    await harbour.postman.post(posting(harbour.tavern, "One.", chunks=2, footer=footer))
    await harbour.postman.post(posting(harbour.tavern, "Two.", chunk=1, chunks=2, footer=footer))
    contents = [seen.content for seen in harbour.alice.sees(harbour.tavern)]
    assert contents[-2:] == ["One.", "Two.\n-# model: acme/model-7b • 📍 auto"]


@pytest.mark.parametrize("permissions", [EVERYDAY | Permission.MANAGE_WEBHOOKS, EVERYDAY])
async def test_a_full_message_carries_its_name_and_footer_beside_it(permissions: Permission) -> None:
    async with scene(permissions=permissions) as harbour:
        chunk = posting(harbour.tavern, "x" * 2_000, footer=Footer(model="acme/model-7b"))
        post = await harbour.postman.post(chunk)
        seen = harbour.alice.sees(harbour.tavern)[-1]
        assert seen.content == "x" * 2_000
        assert seen.embeds[0].footer == "model: acme/model-7b"
        assert (seen.embeds[0].author or seen.author) == "Lyra"
        assert await harbour.postman.find(chunk) == (post,)


async def test_where_the_bot_may_not_embed_a_full_message_goes_without() -> None:
    async with scene(permissions=EVERYDAY & ~Permission.EMBED_LINKS) as harbour:
        harbour.tavern.deny(harbour.bot.user, Permission.EMBED_LINKS)
        await harbour.postman.post(posting(harbour.tavern, "x" * 2_000))
        assert harbour.alice.sees(harbour.tavern)[-1].content == "x" * 2_000


async def test_a_long_reply_with_code_arrives_in_order_and_its_code_as_code(harbour: Scene) -> None:
    code = "```py\n" + "\n".join(f"    line_{number} = {number}" for number in range(150)) + "\n```"
    text = f"Here it is.\n\n{code}\n\n" + "And so on. " * 300
    chunks = harbour.postman.split(text)
    for number, chunk in enumerate(chunks):
        await harbour.postman.post(
            posting(harbour.tavern, chunk, chunk=number, chunks=len(chunks), nonce=f"n-{number}")
        )
    contents = [seen.content for seen in harbour.alice.sees(harbour.tavern)][-len(chunks) :]
    assert len(chunks) >= 3
    assert all(content.count("```") % 2 == 0 for content in contents)
    read = re.sub(r"\s|```(py)?", "", "".join(contents))
    assert read == re.sub(r"\s|```(py)?", "", text)


async def test_a_channel_that_waits_for_its_limit_holds_no_other_up() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        quay = harbour.harbour.text_channel("quay")
        for number in range(5):
            await harbour.postman.post(posting(harbour.tavern, f"{number}", nonce=f"t-{number}"))
        waiting = asyncio.create_task(harbour.postman.post(posting(harbour.tavern, "Held up.", nonce="t-5")))
        await harbour.postman.post(posting(quay, "Not held up."))
        assert not waiting.done()
        waiting.cancel()
        assert harbour.alice.sees(quay)[-1].content == "**Lyra:** Not held up."


async def test_a_place_is_a_channel_s_id() -> None:
    assert channel_of(place_id("discord", "175928847299117063")) == "175928847299117063"
