"""On a platform that tells failures: what stands where an answer was asked for and none came."""

from collections.abc import Callable
from unittest.mock import patch

import pytest

from engine.domain import Character
from engine.domain.event import JSON
from engine.domain.ids import INSTANCE, character_id
from engine.domain.reply import ReplyState
from engine.reactors.deliverer import Deliverer
from engine.reactors.notices import MOST_OWN_CHARS, SENTENCES
from tests.engine_at_work import Chat, Hold, held, until
from tests.fakes.postman import Postbox
from tests.faults.conftest import Answering
from tests.faults.test_redelivery import forget_consumers
from tests.scripted_model_server import REPLY

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOLD = ["ReplyStarted", "ReplyFailed", "ReplyPosted"]


@pytest.fixture
def postbox() -> Postbox:
    return Postbox(tells_failures=True)


async def character_with(chat: Chat, name: str, **fields: JSON) -> str:
    """A public character of its own for one test; returns its token."""
    slug = f"{name}-{chat.name}".lower()
    card: dict[str, JSON] = {"name": name, "slug": slug, "is_public": True, **fields}
    created = await chat.engine.settables.create_character(owner=INSTANCE, fields=card, at=chat.engine.clock())
    return created.thing.id.removeprefix("character.")


async def failing(chat: Chat, name: str = "Vesper", **fields: JSON) -> str:
    """A character whose model refuses every request for good."""
    preset = await chat.engine.settables.create_preset(
        owner=INSTANCE, fields={"name": f"Broken {chat.name} {name}", "model": "status-401"}, at=chat.engine.clock()
    )
    return await character_with(chat, name, preset=preset.thing.id, **fields)


def told(postbox: Postbox) -> Callable[[], bool]:
    return lambda: any(posting.is_failure for posting in postbox.standing.values())


def release_all_but(hold: Hold, name: str) -> None:
    """Let the model answer every character but one."""
    hold.let_go_if(lambda received: name not in str(received.body["messages"][0]["content"]))


async def until_told(chat: Chat, message: str, character: str) -> None:
    await until(told(chat.postbox))
    await chat.until_kinds(message, TOLD, character)


async def test_a_failure_is_told_once_with_its_reason_and_where_to_find_it(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    vesper = await failing(chat)
    async with answering():
        message = await chat.say("Hello.", vesper)
        await until_told(chat, message, vesper)
    reply = await chat.reply(message, vesper)
    assert reply.failure is not None
    (posting,) = postbox.posted
    (_, failed, _) = await chat.logged(message, vesper)
    sentence, hidden = posting.text.split("\n")
    assert sentence == SENTENCES["authentication"]
    assert hidden == f"||{reply.failure.message} (reference {failed.position})||"
    assert (posting.is_failure, posting.character_name, posting.footer.model) == (True, "Vesper", None)
    assert (reply.state, reply.posts) == (ReplyState.FAILED, tuple(postbox.standing))


async def test_a_characters_own_words_for_it_come_first_and_are_cut(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    own = "The lamp is out. " * 50
    vesper = await failing(chat, error_message=own, avatar_url="https://example.org/vesper.png")
    async with answering():
        await until_told(chat, await chat.say("Hello.", vesper), vesper)
    (posting,) = postbox.posted
    assert posting.text.split("\n")[0] == own[:MOST_OWN_CHARS].strip()
    assert posting.avatar_url == "https://example.org/vesper.png"


async def test_what_was_told_is_told_once_however_often_its_event_is_delivered(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    vesper = await failing(chat)
    async with answering():
        message = await chat.say("Hello.", vesper)
        await until_told(chat, message, vesper)
    await forget_consumers(chat)
    async with answering():
        await chat.reply(await chat.say("And another thing."))
    assert [posting.is_failure for posting in postbox.posted] == [True, False]
    assert await chat.kinds(message, vesper) == TOLD


async def test_a_notice_is_in_no_history_and_no_memory(chat: Chat, answering: Answering, postbox: Postbox) -> None:
    vesper = await failing(chat)
    async with answering():
        await until_told(chat, await chat.say("Hello.", vesper), vesper)
        await chat.reply(await chat.say("And another thing."))
        memories = await chat.engine.read.memories(person=chat.person, persona="default", character=vesper, limit=10)
    prompt = "\n".join(str(said["content"]) for said in chat.model.requests[-1].body["messages"])
    assert "Hello." in prompt
    assert SENTENCES["authentication"] not in prompt
    assert memories == ()


async def test_one_that_fails_between_a_slow_one_and_a_quick_one_silences_neither_and_all_come_in_order(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    slow, broken, quick = await character_with(chat, "Slow"), await failing(chat, "Broken"), "bramble"
    with held(chat.model) as hold:
        async with answering():
            message = await chat.say("Hello, you three.", slow, broken, quick)
            await until(lambda: len(hold.asked) == 3)
            assert len({received.connection for received in chat.model.requests[-3:]}) == 3, "they are made at once"
            release_all_but(hold, "Slow")
            await chat.until_composed(message, quick)
            assert (await chat.reply(message, broken)).state is ReplyState.FAILED
            assert postbox.posted == []
            hold.let_go("")
            assert (await chat.reply(message, quick)).state is ReplyState.DELIVERED
    assert [posting.character for posting in postbox.posted] == [slow, broken, quick]
    assert [posting.is_failure for posting in postbox.posted] == [False, True, False]


async def test_what_waited_too_long_for_an_earlier_one_is_delivered_before_it_and_the_late_one_still_comes(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    slow = await character_with(chat, "Slow")
    with held(chat.model) as hold, patch.dict(Deliverer.__init__.__kwdefaults__, earlier_limit_s=0.5):
        async with answering():
            message = await chat.say("Hello, you two.", slow, "bramble")
            await until(lambda: len(hold.asked) == 2)
            release_all_but(hold, "Slow")
            assert (await chat.reply(message)).state is ReplyState.DELIVERED
            assert await chat.kinds(message, slow) == ["ReplyStarted"]
            hold.let_go("")
            assert (await chat.reply(message, slow)).state is ReplyState.DELIVERED
    assert [posting.character for posting in postbox.posted] == ["bramble", slow]
    assert postbox.stands(chat.place) == [REPLY, REPLY]


async def test_a_notice_is_taken_back_with_the_message_that_nobody_answered(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    vesper = await failing(chat)
    async with answering():
        message = await chat.say("Hello.", vesper)
        await until_told(chat, message, vesper)
        await chat.engine.messages.erase(message, at=chat.engine.clock())
        await until(lambda: not postbox.standing)
    assert await chat.kinds(message, vesper) == [*TOLD, "ReplyWithdrawn"]


async def test_a_failure_of_a_message_that_went_is_told_to_nobody(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    vesper = await failing(chat)
    async with answering("responder"):
        message = await chat.say("Hello.", vesper)
        await chat.until_kinds(message, TOLD[:2], vesper)
    await chat.engine.messages.erase(message, at=chat.engine.clock())
    async with answering():
        await chat.reply(await chat.say("And another thing."))
    assert [posting.is_failure for posting in postbox.posted] == [False]


async def test_a_character_that_is_not_there_is_not_named_in_what_is_told(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    gone = await character_with(chat, "Gone", error_message="I, Gone, cannot.")
    at = chat.engine.clock()
    await chat.engine.settables.delete(Character, character_id(gone), person=INSTANCE, at=at)
    async with answering():
        await until_told(chat, await chat.say("Hello.", gone), gone)
    (posting,) = postbox.posted
    assert posting.character_name == ""
    assert "Gone" not in posting.text


async def test_a_platform_that_does_not_tell_failures_is_told_nothing(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    postbox.tells_failures = False
    vesper = await failing(chat)
    async with answering():
        message = await chat.say("Hello.", vesper, "bramble")
        assert (await chat.reply(message)).state is ReplyState.DELIVERED
        assert (await chat.reply(message, vesper)).state is ReplyState.FAILED
    assert [posting.is_failure for posting in postbox.posted] == [False]
    assert await chat.kinds(message, vesper) == TOLD[:2]


async def test_after_all_that_the_projections_equal_a_replay(chat: Chat, answering: Answering) -> None:
    await chat.engine.read.wait_for(await chat.engine.log.last_position(), timeout_s=20)
    assert (await chat.opened.replay.verify()).differences == ()
