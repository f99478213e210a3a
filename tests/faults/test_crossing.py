"""When things cross: what becomes of a reply when its message, its person or its history changes meanwhile."""

from unittest.mock import patch

import pytest

from engine.domain import Message, Person
from engine.domain.ids import person_id
from engine.domain.reply import ReplyState
from engine.reactors import subscription
from tests.engine_at_work import Chat, held, until
from tests.faults.conftest import Answering
from tests.scripted_model_server import REPLY

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def block(chat: Chat) -> None:
    settables, at = chat.engine.settables, chat.engine.clock()
    await settables.meet(chat.person, name=chat.name, at=at)
    changes = {"is_blocked": True}
    await settables.edit(Person, person_id(chat.person), person=chat.person, changes=changes, at=at)


async def erase(chat: Chat, message: str) -> None:
    assert (await chat.engine.messages.erase(message, at=chat.engine.clock())).is_complete


async def delete(chat: Chat, message: str) -> None:
    assert (await chat.engine.messages.delete(message, at=chat.engine.clock())).is_complete


async def edit(chat: Chat, message: str, text: str) -> None:
    assert (await chat.engine.messages.edit(message, text=text, at=chat.engine.clock())).happened


def prompts(chat: Chat) -> list[str]:
    """What the model was asked in this chat, each request as one text."""
    said = ["\n".join(str(one["content"]) for one in received.body["messages"]) for received in chat.model.requests]
    return [prompt for prompt in said if chat.name in prompt]


# -- not started -------------------------------------------------------------------------------------------------------


async def test_a_message_edited_before_its_answer_began_is_answered_as_it_stands(
    chat: Chat, answering: Answering
) -> None:
    message = await chat.say(f"{chat.name}: the superseded words")
    await edit(chat, message, f"{chat.name}: the words that stand")
    async with answering():
        reply = await chat.reply(message)
    assert (reply.state, reply.answers_old_text) == (ReplyState.DELIVERED, False)
    (prompt,) = prompts(chat)
    assert "the words that stand" in prompt
    assert "superseded" not in prompt


@pytest.mark.parametrize("take_away", [erase, delete])
async def test_a_message_taken_away_before_its_answer_began_gets_none(
    chat: Chat, answering: Answering, take_away: object
) -> None:
    message = await chat.say(f"{chat.name}: take this back")
    await take_away(chat, message)  # type: ignore[operator]
    async with answering():
        await chat.reply(later := await chat.say("And another thing."))
    assert await chat.kinds(message) == []
    assert prompts(chat) == []
    assert [posting.in_reply_to for posting in chat.postbox.posted] == [later]


async def test_a_person_blocked_before_the_answer_began_gets_none_and_no_model_is_called(
    chat: Chat, answering: Answering
) -> None:
    message = await chat.say(f"{chat.name}: something rude")
    await block(chat)
    async with answering():
        reply = await chat.reply(message)
    assert reply.state is ReplyState.WITHDRAWN
    assert (prompts(chat), chat.postbox.posted) == ([], [])


# -- being generated ---------------------------------------------------------------------------------------------------


async def test_an_answer_to_a_message_edited_meanwhile_stands_marked_as_of_the_old_text(
    chat: Chat, answering: Answering
) -> None:
    with held(chat.model) as hold:
        async with answering():
            message = await chat.say_while_generating("the old text", hold)
            await edit(chat, message, "the new text")
            hold.let_go("the old text")
            reply = await chat.reply(message)
    assert (reply.state, reply.answers_old_text, reply.text) == (ReplyState.DELIVERED, True, REPLY)


async def test_a_message_edited_meanwhile_is_answered_by_the_next_engine_when_this_one_goes(
    chat: Chat, answering: Answering
) -> None:
    with held(chat.model) as hold:
        with patch.object(subscription, "LEAVING_S", 0.05):
            async with answering():
                message = await chat.say_while_generating("the old text", hold)
                await edit(chat, message, "the new text")
        hold.let_go("the new text")
        async with answering():
            reply = await chat.reply(message)
    assert (reply.state, reply.answers_old_text, reply.attempt) == (ReplyState.DELIVERED, False, 2)


async def test_a_message_edited_meanwhile_is_answered_after_a_passing_failure(chat: Chat, answering: Answering) -> None:
    chat.model.script("status-500")
    with held(chat.model) as hold:
        async with answering():
            message = await chat.say_while_generating("the old text", hold)
            await edit(chat, message, "the new text")
            hold.let_go("text")
            reply = await chat.reply(message)
    assert (reply.state, reply.answers_old_text, reply.attempt) == (ReplyState.DELIVERED, False, 2)


@pytest.mark.parametrize("take_away", [erase, delete])
async def test_an_answer_to_a_message_taken_away_meanwhile_is_withdrawn_and_posted_nowhere(
    chat: Chat, answering: Answering, take_away: object
) -> None:
    with held(chat.model) as hold:
        async with answering():
            message = await chat.say_while_generating("take this back", hold)
            await take_away(chat, message)  # type: ignore[operator]
            hold.let_go("")
            reply = await chat.reply(message)
            await chat.reply(later := await chat.say("And another thing."))
    assert reply.state is ReplyState.WITHDRAWN
    assert await chat.kinds(message) == ["ReplyStarted", "ReplyWithdrawn"]
    assert [posting.in_reply_to for posting in chat.postbox.posted] == [later]


async def test_an_answer_to_a_person_blocked_meanwhile_is_withdrawn_and_posted_nowhere(
    chat: Chat, answering: Answering
) -> None:
    with held(chat.model) as hold:
        async with answering():
            message = await chat.say_while_generating("something rude", hold)
            await block(chat)
            hold.let_go("")
            reply = await chat.reply(message)
    assert reply.state is ReplyState.WITHDRAWN
    assert await chat.kinds(message) == ["ReplyStarted", "ReplyWithdrawn"]
    assert chat.postbox.posted == []


async def test_an_answer_belongs_to_the_epoch_of_its_message_when_the_history_is_cleared_meanwhile(
    chat: Chat, answering: Answering
) -> None:
    with held(chat.model) as hold:
        async with answering():
            message = await chat.say_while_generating(f"{chat.name} before the clear", hold)
            await chat.engine.histories.clear(
                person=chat.person, persona="default", character="bramble", at=chat.engine.clock()
            )
            hold.let_go("")
            assert (await chat.reply(message)).state is ReplyState.DELIVERED
            await chat.reply(await chat.say(f"{chat.name} after the clear"))
    history = [one["content"] for one in chat.model.requests[-1].body["messages"] if one["role"] != "system"]
    assert not any("before the clear" in str(said) for said in history)
    assert not any(said == REPLY for said in history)


# -- composed, not posted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("take_away", [erase, delete, block])
async def test_a_composed_reply_is_not_posted_once_what_it_answers_or_its_person_has_gone(
    chat: Chat, answering: Answering, take_away: object
) -> None:
    async with answering("responder"):
        message = await chat.say("take this back")
        await chat.until_composed(message)
    if take_away is block:
        await block(chat)
    else:
        await take_away(chat, message)  # type: ignore[operator]
    async with answering("deliverer"):
        reply = await chat.reply(message)
        await until_delivered_after(chat, answering)
    assert reply.state in (ReplyState.WITHDRAWN, ReplyState.ERASED)
    assert message not in [posting.in_reply_to for posting in chat.postbox.posted]


async def until_delivered_after(chat: Chat, answering: Answering) -> None:
    """Return when the deliverer has seen everything that was on the log."""
    another = Chat(chat.opened, chat.model, chat.postbox)
    async with answering("responder"):
        await chat.reply(await another.say("And another thing."))


# -- delivered ---------------------------------------------------------------------------------------------------------


async def test_a_delivered_reply_is_erased_with_its_message_and_its_post_taken_back(
    chat: Chat, answering: Answering
) -> None:
    async with answering():
        message = await chat.say("take this back")
        posts = (await chat.reply(message)).posts
        await erase(chat, message)
        await until(lambda: chat.postbox.taken_back == list(posts))
    assert (await chat.reply(message)).state is ReplyState.ERASED
    assert await chat.kinds(message) == ["ReplyErased"]


async def test_what_was_erased_stays_so_when_it_is_heard_again_and_gets_no_reply(
    chat: Chat, answering: Answering
) -> None:
    said = chat.hearing(f"{chat.name}: forget this")
    async with answering():
        await chat.engine.messages.hear(said)
        await chat.reply(said.message)
        await erase(chat, said.message)
        calls = len(prompts(chat))
        again = await chat.engine.messages.hear(said)
        assert not again.happened
        await chat.reply(await chat.say("And another thing."))
    found = await chat.engine.log.find(Message, said.message)
    assert found is not None
    assert found.is_gone
    assert await chat.kinds(said.message) == ["ReplyErased"]
    assert len(prompts(chat)) == calls


async def test_after_all_that_the_projections_equal_a_replay(chat: Chat, answering: Answering) -> None:
    await chat.engine.read.wait_for(await chat.engine.log.last_position(), timeout_s=20)
    assert (await chat.opened.replay.verify()).differences == ()
