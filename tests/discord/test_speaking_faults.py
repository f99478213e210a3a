"""What goes wrong on the way to Discord: refused for good, or unknown and looked for; one post in the end."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.discord.rest import rest
from adapters.discord.simulated.changes import webhooks
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.speaking.postman import DiscordPostman
from engine.errors import PostUncertain
from engine.ports import PostRefusal, PostRefused
from tests.discord.speaking_scene import BY_WEBHOOK, IN_CHANNEL, Scene, delivered, posting, scene

PLAIN = EVERYDAY
BY_CHARACTERS = EVERYDAY | Permission.MANAGE_WEBHOOKS | Permission.MANAGE_THREADS


@pytest.fixture(autouse=True)
def what_may_be_repeated_is_repeated_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "PAUSES_S", (0.001, 0.001, 0.001))


@pytest.fixture
async def harbour() -> AsyncIterator[Scene]:
    async with scene() as it:
        yield it


def standing(harbour: Scene) -> list[str]:
    return [seen.content.removeprefix("**Lyra:** ") for seen in harbour.alice.sees(harbour.tavern)]


@pytest.mark.parametrize("permissions", [BY_CHARACTERS, PLAIN])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_that_is_down_for_a_moment_leads_to_one_post(permissions: Permission, status: int) -> None:
    async with scene(permissions=permissions) as harbour:
        harbour.discord.faults.rest("POST", f"{BY_WEBHOOK}|{IN_CHANNEL}", status=status, times=2)
        await delivered(harbour.postman, posting(harbour.tavern))
        assert standing(harbour) == ["We watched its lamp go out."]


@pytest.mark.parametrize("permissions", [BY_CHARACTERS, PLAIN])
async def test_a_connection_cut_before_discord_took_it_leads_to_one_post(permissions: Permission) -> None:
    async with scene(permissions=permissions) as harbour:
        harbour.discord.faults.abort_before("POST", f"{BY_WEBHOOK}|{IN_CHANNEL}", times=2)
        await delivered(harbour.postman, posting(harbour.tavern))
        assert standing(harbour) == ["We watched its lamp go out."]


@pytest.mark.parametrize("permissions", [BY_CHARACTERS, PLAIN])
@pytest.mark.parametrize("where", ["channel", "thread"])
async def test_a_connection_cut_after_discord_took_it_leads_to_one_post(permissions: Permission, where: str) -> None:
    async with scene(permissions=permissions) as harbour:
        place = harbour.tavern.thread("corner") if where == "thread" else harbour.tavern
        harbour.discord.faults.abort_after_commit("POST", f"{BY_WEBHOOK}|{IN_CHANNEL}")
        post = await delivered(harbour.postman, posting(place))
        assert [seen.id for seen in harbour.alice.sees(place)] == [int(post)]


async def test_a_post_by_webhook_is_not_repeated_before_somebody_has_looked(harbour: Scene) -> None:
    harbour.discord.faults.abort_after_commit("POST", BY_WEBHOOK)
    with pytest.raises(PostUncertain):
        await harbour.postman.post(posting(harbour.tavern))
    assert len(harbour.discord.journal.asked("POST", BY_WEBHOOK)) == 1


async def test_a_plain_post_is_repeated_at_once_since_its_nonce_makes_it_one(harbour: Scene) -> None:
    direct = harbour.alice.dm_with(harbour.bot)
    harbour.discord.faults.abort_after_commit("POST", IN_CHANNEL)
    post = await harbour.postman.post(posting(direct))
    assert [seen.id for seen in harbour.alice.sees(direct)] == [int(post)]


async def test_what_a_process_left_that_died_is_found_by_the_next_one(harbour: Scene) -> None:
    chunk = posting(harbour.tavern)
    for number in range(120):
        await harbour.alice.say(harbour.tavern, f"noise {number}")
    post = await harbour.postman.post(chunk)
    async with harbour.rest_of_another_process() as own:
        assert await DiscordPostman(own).find(chunk) == (post,)


async def test_the_same_words_twice_are_found_twice_the_oldest_first(harbour: Scene) -> None:
    chunk = posting(harbour.tavern)
    posts = [await harbour.postman.post(chunk), await harbour.postman.post(chunk)]
    await harbour.postman.post(posting(harbour.tavern, character_name="Bramble"))
    await harbour.alice.say(harbour.tavern, chunk.text)
    assert await harbour.postman.find(chunk) == tuple(posts)


async def test_where_it_may_not_look_it_does_not_post_again() -> None:
    async with scene(permissions=BY_CHARACTERS) as harbour:
        chunk = posting(harbour.tavern)
        await harbour.postman.post(chunk)
        harbour.tavern.deny(harbour.bot.user, Permission.READ_MESSAGE_HISTORY)
        with pytest.raises(PostRefused, match="Read Message History"):
            await harbour.postman.find(chunk)


async def test_a_rate_limit_is_waited_for(harbour: Scene) -> None:
    harbour.discord.faults.rest("POST", BY_WEBHOOK, status=429, retry_after_s=0.05, times=2)
    await harbour.postman.post(posting(harbour.tavern))
    assert standing(harbour) == ["We watched its lamp go out."]


async def test_many_places_at_once_are_all_served_within_discord_s_limits(harbour: Scene) -> None:
    places = [harbour.harbour.text_channel(f"room-{number}") for number in range(20)]
    await asyncio.gather(*(harbour.postman.post(posting(place, f"{n}")) for place in places for n in range(3)))
    assert [len(harbour.alice.sees(place)) for place in places] == [3] * 20
    assert harbour.discord.journal.asked(status=429) == []
    assert len(harbour.discord.world.webhooks) == 20


async def test_two_processes_that_begin_at_once_agree_on_one_webhook(harbour: Scene) -> None:
    async with harbour.rest_of_another_process() as own:
        other = DiscordPostman(own)
        held = harbour.discord.faults.hold("POST", r"/channels/\d+/webhooks", times=2)
        both = asyncio.gather(
            harbour.postman.post(posting(harbour.tavern, "One.")), other.post(posting(harbour.tavern, "Two."))
        )
        await harbour.discord.until(lambda: held.struck == 2)
        held.release()
        await both
    assert sorted(standing(harbour)) == ["One.", "Two."]
    assert len(harbour.discord.world.webhooks) == 1


async def test_where_no_webhook_stays_the_bot_itself_says_it(harbour: Scene) -> None:
    world = harbour.discord.world

    def delete_at_once(dispatch: Dispatch) -> None:
        if dispatch.name == "WEBHOOKS_UPDATE":
            for webhook in list(world.webhooks.values()):
                webhooks.delete(world, webhook)

    world.listeners.append(delete_at_once)
    await delivered(harbour.postman, posting(harbour.tavern))
    assert standing(harbour) == ["We watched its lamp go out."]


async def test_a_locked_thread_is_refused_for_good(harbour: Scene) -> None:
    corner = harbour.tavern.thread("corner")
    corner.archive(is_locked=True)
    with pytest.raises(PostRefused, match="locked") as refused:
        await harbour.postman.post(posting(corner))
    assert refused.value.reason is PostRefusal.NO_PERMISSION


async def test_a_channel_that_is_gone_is_refused_for_good(harbour: Scene) -> None:
    await harbour.postman.post(posting(harbour.tavern))
    harbour.tavern.delete()
    for postman in (harbour.postman, DiscordPostman(harbour.rest)):
        with pytest.raises(PostRefused) as refused:
            await postman.post(posting(harbour.tavern))
        assert refused.value.reason is PostRefusal.PLACE_GONE


async def test_where_the_bot_may_not_write_it_is_refused_for_good() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        harbour.tavern.deny(harbour.bot.user, Permission.SEND_MESSAGES)
        with pytest.raises(PostRefused, match="Send Messages") as refused:
            await harbour.postman.post(posting(harbour.tavern))
        assert refused.value.reason is PostRefusal.NO_PERMISSION


async def test_where_the_bot_sees_nothing_it_is_refused_for_good() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        harbour.tavern.deny(harbour.bot.user, Permission.VIEW_CHANNEL)
        with pytest.raises(PostRefused, match="View Channel"):
            await harbour.postman.post(posting(harbour.tavern))


async def test_somebody_who_takes_no_messages_is_not_written_to(harbour: Scene) -> None:
    direct = harbour.alice.dm_with(harbour.bot)
    harbour.discord.world.closed_dms.add(harbour.alice.id)
    with pytest.raises(PostRefused, match="takes no messages"):
        await harbour.postman.post(posting(direct))


async def test_a_wrong_token_is_said_and_nothing_is_given_up(harbour: Scene) -> None:
    harbour.bot.token = "another"
    with pytest.raises(PostUncertain, match="DISCORD_TOKEN"):
        await harbour.postman.post(posting(harbour.tavern))


# --- taking back ---


@pytest.mark.parametrize("permissions", [BY_CHARACTERS, PLAIN])
@pytest.mark.parametrize("where", ["channel", "thread"])
async def test_a_post_is_taken_back_and_twice_is_no_error(permissions: Permission, where: str) -> None:
    async with scene(permissions=permissions) as harbour:
        place = harbour.tavern.thread("corner") if where == "thread" else harbour.tavern
        chunk = posting(place)
        post = await harbour.postman.post(chunk)
        for _ in range(2):
            await harbour.postman.withdraw(chunk.place, post)
        assert harbour.alice.sees(place) == ()


async def test_a_post_in_a_direct_message_is_taken_back(harbour: Scene) -> None:
    chunk = posting(harbour.alice.dm_with(harbour.bot))
    await harbour.postman.withdraw(chunk.place, await harbour.postman.post(chunk))
    assert harbour.alice.sees(harbour.alice.dm_with(harbour.bot)) == ()


async def test_a_post_in_an_archived_thread_is_taken_back_and_the_thread_stays_archived(harbour: Scene) -> None:
    corner = harbour.tavern.thread("corner")
    chunk = posting(corner)
    post = await harbour.postman.post(chunk)
    corner.archive()
    await harbour.postman.withdraw(chunk.place, post)
    assert harbour.alice.sees(corner) == ()
    assert corner.state.thread is not None
    assert corner.state.thread.is_archived


async def test_a_post_of_a_webhook_that_is_gone_is_taken_back_by_the_bot(harbour: Scene) -> None:
    chunk = posting(harbour.tavern)
    post = await harbour.postman.post(chunk)
    harbour.discord.world.webhooks.clear()
    await harbour.postman.withdraw(chunk.place, post)
    assert standing(harbour) == []


async def test_a_post_that_went_with_its_channel_is_gone(harbour: Scene) -> None:
    chunk = posting(harbour.tavern)
    post = await harbour.postman.post(chunk)
    harbour.tavern.delete()
    for postman in (harbour.postman, DiscordPostman(harbour.rest)):
        await postman.withdraw(chunk.place, post)


async def test_taking_back_survives_a_cut_connection(harbour: Scene) -> None:
    chunk = posting(harbour.tavern)
    post = await harbour.postman.post(chunk)
    harbour.discord.faults.abort_after_commit("DELETE")
    await harbour.postman.withdraw(chunk.place, post)
    assert standing(harbour) == []
