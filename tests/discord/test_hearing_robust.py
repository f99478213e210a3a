"""Whatever the gateway and the API do: what is said is heard once, and the connection comes back."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.discord.simulated.changes import webhooks as webhook_changes
from engine.errors import Misconfigured
from tests.discord.listening_scene import Scene, listening_scene
from tzurot import Root

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("robust")) as scene:
        yield scene


async def says_and_is_answered_once(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await alice.say(tavern, "@Bramble Quill, are you there?")
    await scene.answers(tavern, seen_by=alice)
    await alice.say(tavern, "@Thessaly, and you?")
    answers = await scene.answers(tavern, seen_by=alice, many=2)
    assert [answer.author.split()[0] for answer in answers] == ["Bramble", "Thessaly"]


async def test_a_message_that_is_told_twice_is_answered_once(scene: Scene) -> None:
    scene.discord.gateway.duplicate("MESSAGE_CREATE", times=2)
    await says_and_is_answered_once(scene)


@pytest.mark.parametrize("what", ["reconnect", "abort", "close 4000", "close 1001", "invalidate, resumable"])
async def test_what_is_said_while_the_connection_is_away_is_heard_when_it_is_back(scene: Scene, what: str) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    [session] = scene.discord.hub.sessions.values()
    gateway = scene.discord.gateway
    match what.split():
        case ["reconnect"]:
            gateway.reconnect()
        case ["abort"]:
            gateway.abort()
        case ["close", code]:
            gateway.close(int(code))
        case _:
            gateway.invalidate(is_resumable=True)
    await alice.say(tavern, "@Bramble Quill, are you there?")
    [answer] = await scene.answers(tavern, seen_by=alice)
    assert answer.author == "Bramble Quill"
    assert [*scene.discord.hub.sessions.values()] == [session]


async def test_a_new_session_hears_on(scene: Scene) -> None:
    [before] = scene.discord.hub.sessions
    scene.discord.gateway.invalidate()
    await scene.discord.until(lambda: scene.discord.hub.sessions.keys() - {before}, timeout_s=20)
    await says_and_is_answered_once(scene)


@pytest.mark.parametrize("event", ["MESSAGE_CREATE", "GUILD_CREATE", "THREAD_CREATE", "MESSAGE_DELETE"])
async def test_a_payload_that_nobody_can_read_loses_nothing_else(scene: Scene, event: str) -> None:
    sessions = list(scene.discord.hub.sessions)
    scene.discord.gateway.malformed(event)
    await says_and_is_answered_once(scene)
    assert list(scene.discord.hub.sessions) == sessions


async def test_a_webhook_that_was_deleted_is_made_anew(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await alice.say(tavern, "@Bramble Quill, one")
    await scene.answers(tavern, seen_by=alice)
    for webhook in [each for each in scene.discord.world.webhooks.values() if each.channel_id == tavern.id]:
        webhook_changes.delete(scene.discord.world, webhook)
    await alice.say(tavern, "@Bramble Quill, two")
    answers = await scene.answers(tavern, seen_by=alice, many=2)
    assert [answer.author for answer in answers] == ["Bramble Quill"] * 2


async def test_a_channel_that_cannot_be_looked_up_now_is_looked_up_again(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    thread = tavern.thread("corner")
    [client] = [client for client in scene.clients if client.is_connected]
    guild = client.get_guild(scene.harbour.id)
    assert guild is not None
    await scene.discord.until(lambda: guild.get_thread(thread.id))
    guild._threads.clear()
    scene.discord.faults.rest("GET", rf".*/channels/{thread.id}$", status=503, times=1)
    await alice.say(thread, "Hello?")
    [answer] = await scene.answers(thread, seen_by=alice)
    assert answer.author == "Bramble Quill"


async def test_a_second_process_stands_by(scene: Scene) -> None:
    sessions = list(scene.discord.hub.sessions)
    async with Root(scene.opened.settings).opened(frozenset({"discord"})):
        await says_and_is_answered_once(scene)
        assert list(scene.discord.hub.sessions) == sessions


async def test_a_gateway_that_is_not_there_at_first_is_tried_until_it_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with listening_scene(tmp_path_factory.mktemp("later"), refused_connections=1) as scene:
        assert len(scene.clients) > 1
        await says_and_is_answered_once(scene)


async def test_a_bot_that_may_not_read_messages_ends_with_what_to_switch_on(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(Misconfigured, match="MESSAGE CONTENT INTENT"), flatten_subgroups=True):
        async with listening_scene(tmp_path_factory.mktemp("deaf"), of_application={"privileged_intents": 0}):
            pass
