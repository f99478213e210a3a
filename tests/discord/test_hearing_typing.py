"""People see the bot typing while an answer is made, are told once when that takes long, and get it all the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.discord.opening import Tuning
from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.speaking.typing import STILL_AT_IT, Rhythm
from tests.discord.listening_scene import Scene, listening_scene
from tests.scripted_model_server import REPLY, Received

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUICK = Rhythm(first_after_s=0, every_s=0.05, longest_s=0.5)
"""Half a second stands for the ten minutes."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("typing"), tuning=Tuning(rhythm=QUICK)) as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="module")
async def may_answer(scene: Scene) -> AsyncIterator[asyncio.Event]:
    """What the model waits for."""
    event = asyncio.Event()

    async def hold(_: Received) -> None:
        await event.wait()

    scene.model.before_answering = hold
    yield event
    event.set()
    scene.model.before_answering = None


async def is_shown_until_told_and_answered(
    scene: Scene, alice: Actor, tavern: BuiltChannel, may_answer: asyncio.Event, *, after: int = 0
) -> None:
    """`after` so many messages of the bot that stand there already."""
    await scene.discord.until(lambda: "Tzurot" in alice.sees_typing(tavern))
    assert len(scene.said_by_us(tavern, alice)) == after
    *_, told = await scene.answers(tavern, seen_by=alice, many=after + 1)
    assert (told.author, told.content) == ("Tzurot", STILL_AT_IT)
    may_answer.set()
    answers = await scene.answers(tavern, seen_by=alice, many=after + 2)
    assert [(each.author, each.content.partition("\n")[0]) for each in answers[after:]] == [
        ("Tzurot", STILL_AT_IT),
        ("Bramble Quill", REPLY),
    ]


async def test_the_bot_is_seen_typing_while_the_model_is_slow_and_the_late_answer_still_comes(
    scene: Scene, may_answer: asyncio.Event
) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await alice.say(tavern, "@Bramble Quill, are you there?")
    await is_shown_until_told_and_answered(scene, alice, tavern, may_answer)


async def test_it_is_seen_typing_after_a_command_too(scene: Scene, may_answer: asyncio.Event) -> None:
    await scene.register_commands()
    tavern, alice = scene.channel(), scene.somebody()
    said = await alice.slash("character chat", tavern, character="bramble", message="Good evening.")
    await said.finished()
    await is_shown_until_told_and_answered(scene, alice, tavern, may_answer, after=1)
