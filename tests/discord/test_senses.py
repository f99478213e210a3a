"""Pictures and voices: where a model for them is configured, characters are told what is to be seen and heard."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adapters.discord.simulated.actors import File
from engine.domain import Message
from engine.domain.ids import reply_id
from engine.domain.message import AttachmentsShown
from tests.discord.listening_scene import Scene, listening_scene
from tests.scripted_model_server import HEARD, SEEN, Received

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE, SOUND = b"\x89PNG\r\n\x1a\n a lighthouse", b"OggS good evening"
CAT, VOICE = File("cat.png", PICTURE), File("voice-message.ogg", SOUND, "audio/ogg", duration_s=3.5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    senses = {"OPENAI_VISION_MODEL": "sees", "OPENAI_TRANSCRIPTION_MODEL": "hears"}
    async with listening_scene(tmp_path_factory.mktemp("senses"), **senses) as scene:
        yield scene


def paid(scene: Scene, since: int) -> tuple[list[Received], list[Received]]:
    """What was asked of models since then: to describe something, and to answer."""
    senses = [it for it in scene.model.requests[since:] if it.body["model"] in ("sees", "hears")]
    return senses, [it for it in scene.model.requests[since:] if it not in senses]


def contents(received: Received) -> list[str]:
    return [str(message["content"]) for message in received.body["messages"]]


async def events_of(scene: Scene, message: Message) -> list[Any]:
    return [logged.event for logged in await scene.engine.log.events_of(message.id)]


async def until_only(scene: Scene, message: Message, kind: str) -> None:
    """Wait until nothing else is on the log of a message: what went is deleted a moment after."""
    async with asyncio.timeout(10):
        while [type(event).__name__ for event in await events_of(scene, message)] != [kind]:  # noqa: ASYNC110 - another's doing
            await asyncio.sleep(0.01)


async def test_a_picture_is_described_once_and_every_character_that_is_asked_is_told(scene: Scene) -> None:
    tavern, alice, since = scene.channel(), scene.somebody(), len(scene.model.requests)
    await scene.activate(tavern, "bramble")
    said = await alice.say(tavern, "What is this, @Thessaly Wren?", files=[CAT])
    await scene.answers(tavern, seen_by=alice, many=2)
    [described], answered = paid(scene, since)
    [_, shown] = described.body["messages"][0]["content"]
    assert shown["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    told = f"[image: cat.png: {SEEN}]"
    assert [contents(it)[-1].count(told) for it in answered] == [1, 1]
    heard = await scene.until_heard(said)
    assert heard.words == f"What is this, @Thessaly Wren?\n{told}"
    for character in heard.addresses:
        assert (await scene.engine.why.explain(reply_id(heard.id, character))).match
    [shown_event] = [event for event in await events_of(scene, heard) if isinstance(event, AttachmentsShown)]
    assert shown_event.calls == {"sees": 1}


async def test_a_voice_message_is_written_down_and_stays_so_in_the_history_and_in_memory(scene: Scene) -> None:
    tavern, alice, since = scene.channel(), scene.somebody(), len(scene.model.requests)
    await scene.activate(tavern, "bramble")
    heard = await scene.until_heard(await alice.say(tavern, files=[VOICE]))
    await scene.answers(tavern, seen_by=alice)
    await alice.say(tavern, "What did I say?")
    await scene.answers(tavern, seen_by=alice, many=2)
    [written], [first, second] = paid(scene, since)
    assert (written.path, SOUND in written.body["form"]) == ("/v1/audio/transcriptions", True)
    told = f"[voice: voice-message.ogg: {HEARD}]"
    assert contents(first)[-1].endswith(told)
    assert any(content.endswith(told) for content in contents(second)[:-1])
    await scene.caught_up()
    remembered = await scene.engine.read.memories(
        person=scene.person(alice), persona="default", character="bramble", limit=5
    )
    assert told in [memory.said for memory in remembered]
    assert (await scene.engine.why.explain(reply_id(heard.id, "bramble"))).match


async def test_what_cannot_be_described_is_answered_all_the_same_and_paid_for_once(scene: Scene) -> None:
    tavern, alice, since = scene.channel(), scene.somebody(), len(scene.model.requests)
    await scene.activate(tavern, "bramble")
    scene.model.script("moderation-403")
    said = await alice.say(tavern, "And this?", files=[CAT])
    await scene.answers(tavern, seen_by=alice)
    described, [answered] = paid(scene, since)
    assert len(described) == 1
    assert contents(answered)[-1].endswith("And this?\n[image: cat.png]")
    heard = await scene.until_heard(said)
    assert [type(event).__name__ for event in await events_of(scene, heard)] == [
        "MessageHeard",
        "AttachmentsShown",
        "AttachmentsDescribed",
    ]


async def test_an_edit_keeps_what_was_seen_and_a_deletion_takes_it_away(scene: Scene) -> None:
    tavern, alice, since = scene.channel(), scene.somebody(), len(scene.model.requests)
    await scene.activate(tavern, "bramble")
    said = await alice.say(tavern, "My hcat.", files=[CAT])
    await scene.answers(tavern, seen_by=alice)
    await alice.edit(said, "My cat.")
    told = f"My cat.\n[image: cat.png: {SEEN}]"
    await scene.until(lambda heard: heard is not None and heard.words == told, said)
    assert len(paid(scene, since)[0]) == 1
    heard = await scene.until_heard(said)
    await until_only(scene, heard, "MessageEdited")
    await alice.delete(said)
    await scene.until(lambda heard: heard is not None and heard.receipt is not None, said)
    await scene.caught_up()
    assert await scene.engine.read.traces_of(heard.id) == 0
    await until_only(scene, heard, "MessageErased")


async def test_what_asks_nobody_is_not_described(scene: Scene) -> None:
    tavern, alice, since = scene.channel(), scene.somebody(), len(scene.model.requests)
    said = await alice.say(tavern, "Look at this.", files=[CAT])
    await scene.nothing_heard_of(said, as_surely_as=alice, place=tavern)
    assert paid(scene, since)[0] == []


async def test_without_models_for_it_the_words_say_that_there_was_a_picture(tmp_path: Path) -> None:
    async with listening_scene(tmp_path) as scene:
        tavern, alice = scene.channel(), scene.somebody()
        await scene.activate(tavern, "bramble")
        await alice.say(tavern, "What is this?", files=[CAT, VOICE])
        await scene.answers(tavern, seen_by=alice)
        described, [answered] = paid(scene, 0)
        assert described == []
        assert contents(answered)[-1].endswith("What is this?\n[image: cat.png]\n[voice: voice-message.ogg]")
