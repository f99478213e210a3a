"""From what is said on Discord to what is looked up of it afterwards; and what becomes of answers that fail."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.discord.hearing.recording import message_of, place_of_channel
from adapters.discord.simulated.actors import File
from engine.domain import Erased, Reply
from engine.domain.ids import INSTANCE, reply_id
from engine.domain.reply import ReplyState
from engine.reading import AuditQuestion
from tests.discord.listening_scene import Scene, listening_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with listening_scene(tmp_path_factory.mktemp("whole")) as scene:
        await scene.register_commands()
        yield scene


async def test_one_that_fails_says_so_in_its_own_words_and_the_others_answer(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    broken = await scene.engine.settables.create_preset(
        owner=INSTANCE, fields={"name": "Broken", "model": "status-401"}, at=scene.engine.clock()
    )
    await scene.character("Faint Finch", preset=broken.thing.id, error_message="My voice fails me.")
    await alice.say(tavern, "@Bramble Quill, @Faint Finch, @Thessaly: who is there?")
    answers = await scene.answers(tavern, seen_by=alice, many=3)
    assert [answer.author.split()[0] for answer in answers] == ["Bramble", "Faint", "Thessaly"]
    failed = answers[1].content
    assert failed.startswith("My voice fails me.\n||")
    assert "SECRET" not in failed
    assert not any(answer.pings_me for answer in answers)


async def test_what_was_heard_and_why_it_was_answered_so_can_be_looked_up(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.activate(tavern, "bramble")
    await bob.say(tavern, "The lamp went out at noon.")
    await scene.answers(tavern, seen_by=bob)
    said = await alice.say(tavern, "When did it go out?")
    await scene.answers(tavern, seen_by=alice, many=2)
    message = message_of(str(tavern.id), str(said.id))
    while (
        reply := await scene.engine.log.find(Reply, reply_id(message, "bramble"))
    ) and reply.state is not ReplyState.DELIVERED:
        await scene.caught_up()
    await scene.caught_up()
    why = await scene.engine.why.explain(reply_id(message, "bramble"))
    assert why.because is not None
    assert not why.erased
    assert any("The lamp went out at noon." in str(turn["text"]) for turn in why.history)
    place = place_of_channel(str(tavern.id))
    entries = await scene.engine.read.entries(AuditQuestion(place=place))
    kinds = [entry.type for entry in entries if entry.subject == message or entry.subject.startswith("reply.")]
    assert kinds.count("MessageHeard") == 1
    assert kinds.count("ReplyPosted") == kinds.count("ReplyDelivered") == 2
    hers = await scene.engine.read.entries(AuditQuestion(place=place, person=scene.person(alice)))
    assert message in {entry.subject for entry in hers}
    assert not any("lamp" in repr(entry) for entry in entries)


async def test_a_click_that_is_told_twice_is_one_click(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    character = await scene.character("Twice Tern", of=alice)
    [offered] = await alice.autocomplete("character edit", "character", "tern", tavern)
    dashboard = await (await alice.slash("character edit", tavern, character=offered)).finished()
    scene.discord.gateway.duplicate("INTERACTION_CREATE", times=1)
    await alice.click(dashboard, "For everyone")
    await scene.discord.until(lambda: "Everyone may talk to it" in dashboard.as_text())
    await (await alice.click(dashboard, "Refresh")).finished()
    await scene.caught_up()
    found = (await scene.engine.read.fields(f"character.{character}"))[f"character.{character}"]
    assert found.fields["is_public"] is True


async def test_a_reply_to_somebodys_private_character_names_nobody(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await scene.character("Private Plover", of=alice)
    await alice.say(tavern, "@Private Plover, hello.")
    [answer] = await scene.answers(tavern, seen_by=alice)
    asked = await bob.say(tavern, "And who are you?", reply_to=answer)
    await scene.nothing_heard_of(asked, as_surely_as=alice, place=tavern)


async def test_what_concerns_nobody_is_not_heard_though_it_brings_a_file(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    said = await alice.say(tavern, "", files=[File("cat.png", b"1234")])
    await scene.nothing_heard_of(said, as_surely_as=alice, place=tavern)


async def test_a_file_without_a_word_is_answered_where_a_character_is_active(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    await scene.activate(tavern, "bramble")
    heard = await scene.until_heard(await alice.say(tavern, "", files=[File("cat.png", b"1234")]))
    assert not isinstance(heard.attachments, Erased)
    assert (heard.text, [file.name for file in heard.attachments]) == ("", ["cat.png"])
    [answer] = await scene.answers(tavern, seen_by=alice)
    assert answer.author == "Bramble Quill"


async def test_a_character_that_is_called_without_a_word_joins_in(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    await alice.say(tavern, "@Bramble Quill, the lamp is out.")
    await scene.answers(tavern, seen_by=alice)
    called = await (await bob.slash("character chat", tavern, character="thessaly")).finished()
    assert "to join in" in called.as_text()
    assert not called.is_ephemeral
    answers = await scene.answers(tavern, seen_by=bob, many=3)
    assert answers[-1].author.startswith("Thessaly")
    prompt = str(scene.model.requests[-1])
    assert "the lamp is out" in prompt
    assert "asks you to say something" in prompt


async def test_where_nothing_was_said_nobody_can_join_in(scene: Scene) -> None:
    tavern, alice = scene.channel(), scene.somebody()
    called = await (await alice.slash("character chat", tavern, character="thessaly")).finished()
    assert "Nothing was said here yet" in called.as_text()


async def test_anybody_can_see_whether_a_character_listens_here(scene: Scene) -> None:
    tavern, alice, bob = scene.channel(), scene.somebody(), scene.somebody("bob")
    corner = tavern.thread("corner")
    asked = {"topic": "What is recorded"}
    assert "every message is heard" not in (await (await bob.slash("help", tavern, **asked)).finished()).as_text()
    await scene.activate(tavern, "bramble")
    for place in (tavern, corner):
        help_ = (await (await bob.slash("help", place, **asked)).finished()).as_text()
        assert "Bramble Quill is active in this channel: every message is heard" in help_
    await scene.activate(tavern, await scene.character("Concealed Crow", of=alice), by=alice)
    help_ = (await (await bob.slash("help", tavern, **asked)).finished()).as_text()
    assert "A private character is active in this channel" in help_
    assert "Crow" not in help_
