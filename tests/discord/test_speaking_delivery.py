"""From what somebody says to the answer that stands, with the real deliverer in between: one, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import pytest_asyncio

from adapters.discord.hearing.recording import message_of
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.messages import Message as Posted
from adapters.discord.simulated.world.permissions import Permission
from engine.domain import Reply
from engine.domain.ids import reply_id
from engine.domain.reply import ReplyState
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXECUTE = r"/webhooks/\d+/[^/]+"
PATIENCE_S = 30.0

TROUBLES: dict[str, Callable[[SimulatedDiscord], object]] = {
    "none": lambda discord: discord,
    "down for a moment": lambda discord: discord.faults.rest("POST", EXECUTE, status=503),
    "cut before": lambda discord: discord.faults.abort_before("POST", EXECUTE),
    "cut after it stood": lambda discord: discord.faults.abort_after_commit("POST", EXECUTE),
    "cut after it stood, twice": lambda discord: discord.faults.abort_after_commit("POST", EXECUTE, times=2),
    "limited": lambda discord: discord.faults.rest("POST", EXECUTE, status=429, retry_after_s=0.05),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("speaking")) as scene:
        yield scene


@pytest.fixture(autouse=True)
def nothing_stays_broken(scene: Scene) -> Iterator[None]:
    spoken = scene.model.reply
    yield
    scene.discord.faults.clear()
    scene.model.reply = spoken


async def ended(scene: Scene, message: Posted, state: ReplyState) -> Reply:
    """The reply to a message, once it is in this state."""
    asked = reply_id(message_of(str(message.channel_id), str(message.id)), "bramble")
    async with asyncio.timeout(PATIENCE_S):
        while (reply := await scene.engine.log.find(Reply, asked)) is None or reply.state is not state:  # noqa: ASYNC110 - another's doing
            await asyncio.sleep(0.01)
    return reply


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_one_answer_stands(scene: Scene, trouble: str) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    TROUBLES[trouble](scene.discord)
    asked = await alice.say(tavern, "Good evening, @Bramble Quill!")
    reply = await ended(scene, asked, ReplyState.DELIVERED)
    [answer] = scene.said_by_us(tavern, alice)
    assert reply.posts == (str(answer.id),)
    assert answer.content == f"{scene.model.reply}\n-# model: scripted-1"
    assert reply.text == scene.model.reply


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_long_answer_stands_once_and_in_order(scene: Scene, trouble: str) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    scene.model.reply = "\n\n".join(f"Part {number}. " + "Rain on the roof. " * 60 for number in range(4))
    TROUBLES[trouble](scene.discord)
    asked = await alice.say(tavern, "A long story, @Bramble Quill!")
    reply = await ended(scene, asked, ReplyState.DELIVERED)
    answers = scene.said_by_us(tavern, alice)
    assert reply.posts == tuple(str(answer.id) for answer in answers)
    read = "".join(answer.content for answer in answers).removesuffix("\n-# model: scripted-1")
    assert "".join(read.split()) == "".join(scene.model.reply.split())


async def test_the_same_answer_to_two_people_stands_twice(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    scene.discord.faults.abort_after_commit("POST", EXECUTE, times=2)
    asked = [await one.say(tavern, "Good evening, @Bramble Quill!") for one in (alice, bob)]
    posts = [(await ended(scene, message, ReplyState.DELIVERED)).posts for message in asked]
    assert [(str(answer.id),) for answer in scene.said_by_us(tavern, alice)] == posts


async def test_an_answer_goes_with_what_it_answers(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    asked = await alice.say(tavern.thread("corner"), "Good evening, @Bramble Quill!")
    await ended(scene, asked, ReplyState.DELIVERED)
    await alice.delete(asked)
    thread = scene.discord.world.channels[asked.channel_id]
    await scene.discord.until(lambda: not alice.sees(thread))


async def test_where_nobody_may_post_the_log_says_why(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    for permission in (Permission.MANAGE_WEBHOOKS, Permission.SEND_MESSAGES):
        tavern.deny(scene.bot.user, permission)
    asked = await alice.say(tavern, "Good evening, @Bramble Quill!")
    reply = await ended(scene, asked, ReplyState.UNDELIVERABLE)
    assert "Send Messages" in (reply.obstacle or "")
    assert scene.said_by_us(tavern, alice) == []
