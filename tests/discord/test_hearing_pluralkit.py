"""One answer to what is said through PluralKit, whenever it deletes, and whether or not its API is there."""

from collections.abc import AsyncIterator
from unittest.mock import patch

import pytest
import pytest_asyncio

from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.pluralkit import proxying
from adapters.discord.simulated.pluralkit.proxying import Deletes, PluralKit
from adapters.discord.simulated.world.messages import Message as Posted
from tests.discord.listening_scene import Place, Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLED = "L: @Bramble Quill, hello"
SAID = "[as Lily] @Bramble Quill, hello"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Everybody is four times as quick as they are, to save time."""
    with patch.multiple(proxying, COPY_AFTER_S=0.05, DELETE_AFTER_S=0.25, LATE_DELETE_AFTER_S=1.5):
        async with listening_scene(tmp_path_factory.mktemp("pluralkit"), TZUROT_PLURALKIT_HOLD_S=0.7) as scene:
            yield scene


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def invited(scene: Scene) -> PluralKit:
    return scene.discord.pluralkit(scene.harbour)


@pytest.fixture
def kit(invited: PluralKit) -> PluralKit:
    invited.deletes, invited.is_down = Deletes.USUAL, False
    return invited


async def one_answer_stands(scene: Scene, place: Place, seen_by: Actor) -> None:
    """One, and it stays one when everything that was heard has been dealt with."""
    await scene.answers(place, seen_by=seen_by)
    after = scene.channel()
    await seen_by.say(after, "@Thessaly, is it over?")
    await scene.answers(after, seen_by=seen_by)
    assert len(scene.said_by_us(place, seen_by)) == 1


@pytest.mark.parametrize("is_down", [False, True])
@pytest.mark.parametrize("deletes", [Deletes.USUAL, Deletes.EARLY, Deletes.REORDERED, Deletes.LATE])
async def test_the_copy_counts_once_the_original_is_deleted(
    scene: Scene, kit: PluralKit, deletes: Deletes, *, is_down: bool
) -> None:
    kit.deletes, kit.is_down = deletes, is_down
    tavern, alice = scene.channel(), scene.somebody()
    kit.member(alice, "Lily", "L: ")
    original = await alice.say(tavern, CALLED)
    copy = await kit.copy_of(original)
    heard = await scene.until_heard(copy)
    await kit.settled()
    assert (heard.person, heard.text) == (scene.person(alice), SAID)
    await one_answer_stands(scene, tavern, alice)
    assert await is_nothing(scene, original)


@pytest.mark.parametrize("is_down", [False, True])
async def test_the_original_counts_where_it_is_never_deleted(scene: Scene, kit: PluralKit, *, is_down: bool) -> None:
    kit.deletes, kit.is_down = Deletes.MISSING, is_down
    tavern, alice = scene.channel(), scene.somebody()
    kit.member(alice, "Lily", "L: ")
    original = await alice.say(tavern, CALLED)
    copy = await kit.copy_of(original)
    assert (await scene.until_heard(original)).text == CALLED
    await one_answer_stands(scene, tavern, alice)
    assert await scene.heard(copy) is None


async def test_who_is_no_member_of_anything_is_heard_as_themselves(scene: Scene, kit: PluralKit) -> None:
    tavern, bob = scene.channel(), scene.somebody("bob")
    heard = await scene.until_heard(await bob.say(tavern, "@Bramble Quill, hello"))
    assert heard.text == "@Bramble Quill, hello"
    await one_answer_stands(scene, tavern, bob)


async def test_what_is_edited_while_it_is_held_is_heard_as_it_reads_then(scene: Scene, kit: PluralKit) -> None:
    tavern, bob = scene.channel(), scene.somebody("bob")
    said = await bob.say(tavern, "@Bramble Quill, hallo")
    await bob.edit(said, "@Bramble Quill, hello")
    assert (await scene.until_heard(said)).text == "@Bramble Quill, hello"


async def test_what_is_deleted_while_it_is_held_is_never_heard(scene: Scene, kit: PluralKit) -> None:
    tavern, bob = scene.channel(), scene.somebody("bob")
    said = await bob.say(tavern, "@Bramble Quill, hello")
    await bob.delete(said)
    await scene.nothing_heard_of(said, as_surely_as=bob, place=tavern)


async def test_an_edit_of_a_copy_is_an_edit_of_what_was_said(scene: Scene, kit: PluralKit) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    kit.member(alice, "Lily", "L: ")
    copy = await kit.copy_of(await alice.say(tavern, CALLED))
    await scene.until_heard(copy)
    kit.edit(copy, "@Bramble Quill, good night")
    await scene.until(lambda heard: heard is not None and heard.text == "[as Lily] @Bramble Quill, good night", copy)


async def test_a_reply_through_pluralkit_is_a_reply(scene: Scene, kit: PluralKit) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    kit.member(alice, "Lily", "L: ")
    copy = await kit.copy_of(await alice.say(tavern, CALLED))
    await scene.until_heard(copy)
    [answer] = await scene.answers(tavern, seen_by=alice)
    copy = await kit.copy_of(await alice.say(tavern, "L: and then?", reply_to=answer))
    heard = await scene.until_heard(copy)
    assert heard.asked_by == ("reply",)
    assert heard.text == "[as Lily] and then?"


async def test_whose_account_asked_not_to_be_recorded_is_not_heard_as_a_member_either(
    scene: Scene, kit: PluralKit
) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    kit.member(alice, "Lily", "L: ")
    await scene.engine.recording.stop(scene.person(alice), at=scene.engine.clock())
    await scene.caught_up()
    copy = await kit.copy_of(await alice.say(tavern, CALLED))
    [told] = await scene.answers(tavern, seen_by=alice)
    assert "not to be recorded" in told.content
    assert await scene.heard(copy) is None


async def is_nothing(scene: Scene, message: Posted) -> bool:
    """Whether nothing of it is on the log: it was never heard, or it was erased."""
    heard = await scene.heard(message)
    return heard is None or heard.is_gone
