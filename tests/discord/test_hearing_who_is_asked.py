"""Who answers on Discord, seen by those who were there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("hearing")) as scene:
        yield scene


async def test_a_character_that_is_named_answers(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await alice.say(tavern, "Good evening, @Bramble Quill!")
    [answer] = await scene.answers(tavern, seen_by=alice)
    assert answer.author == "Bramble Quill"
    assert scene.model.reply in answer.content
