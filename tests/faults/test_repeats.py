"""The same words again within seconds: heard, and answered once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.commands.messages import Hear
from engine.domain.reply import ReplyState, ReplyWithdrawn
from tests.engine_at_work import Chat, held, until
from tests.faults.conftest import Answering

pytestmark = pytest.mark.asyncio(loop_scope="module")


def told_again(chat: Chat, said: Hear, after_s: float) -> Hear:
    """The same words as another message."""
    return replace(chat.hearing(said.text, *said.addresses), at=said.at + timedelta(seconds=after_s))


async def hear(chat: Chat, *said: Hear) -> None:
    for one in said:
        await chat.engine.messages.hear(one)


def calls(chat: Chat, text: str) -> int:
    return sum(text in str(received.body["messages"][-1]["content"]) for received in chat.model.requests)


async def test_words_said_twice_within_seconds_are_heard_twice_and_answered_once(
    chat: Chat, answering: Answering
) -> None:
    first = chat.hearing(f"{chat.name}: are you there?")
    again = told_again(chat, first, after_s=4)
    async with answering():
        await hear(chat, first, again)
        assert (await chat.reply(first.message)).state is ReplyState.DELIVERED
        assert (await chat.reply(again.message)).state is ReplyState.WITHDRAWN
    assert calls(chat, chat.name) == 1
    assert [posting.in_reply_to for posting in chat.postbox.posted] == [first.message]
    (end,) = [event for event in await chat.events(again.message) if isinstance(event, ReplyWithdrawn)]
    assert end.reason == "repeat"


async def test_the_one_that_stands_first_on_the_log_is_answered_whichever_is_worked_on_first(
    chat: Chat, answering: Answering
) -> None:
    first = chat.hearing(f"{chat.name}: are you there?")
    again = told_again(chat, first, after_s=-1)
    await hear(chat, first, again)
    with held(chat.model) as hold:
        async with answering():
            assert (await chat.reply(again.message)).state is ReplyState.WITHDRAWN
            await until(lambda: any(chat.name in asked for asked in hold.asked))
            hold.let_go("")
            assert (await chat.reply(first.message)).state is ReplyState.DELIVERED
    assert calls(chat, chat.name) == 1


@pytest.mark.parametrize("after_s", [5.1, 60])
async def test_words_said_again_later_are_answered_again(chat: Chat, answering: Answering, after_s: float) -> None:
    first = chat.hearing(f"{chat.name}: are you there?")
    again = told_again(chat, first, after_s)
    async with answering():
        await hear(chat, first, again)
        for said in (first, again):
            assert (await chat.reply(said.message)).state is ReplyState.DELIVERED


async def test_words_said_again_by_somebody_else_are_answered(chat: Chat, answering: Answering) -> None:
    beside = Chat(chat.opened, chat.model, chat.postbox)
    first = replace(chat.hearing(f"{chat.name}: are you there?"), is_private=False)
    again = replace(told_again(chat, first, after_s=1), person=beside.person, is_private=False)
    async with answering():
        await hear(chat, first, again)
        for said in (first, again):
            assert (await chat.reply(said.message)).state is ReplyState.DELIVERED


async def test_words_said_again_to_one_more_character_are_answered_by_that_one(
    chat: Chat, answering: Answering
) -> None:
    first = chat.hearing(f"{chat.name}: are you there?")
    again = replace(told_again(chat, first, after_s=1), addresses=("bramble", "thessaly"))
    async with answering():
        await hear(chat, first, again)
        assert (await chat.reply(again.message, "thessaly")).state is ReplyState.DELIVERED
        assert (await chat.reply(again.message)).state is ReplyState.WITHDRAWN
        assert (await chat.reply(first.message)).state is ReplyState.DELIVERED


async def test_words_said_again_after_the_first_failed_are_answered(chat: Chat, answering: Answering) -> None:
    chat.model.script("status-401")
    first = chat.hearing(f"{chat.name}: are you there?")
    again = told_again(chat, first, after_s=2)
    async with answering():
        await hear(chat, first)
        assert (await chat.reply(first.message)).state is ReplyState.FAILED
        await hear(chat, again)
        assert (await chat.reply(again.message)).state is ReplyState.DELIVERED


async def test_words_said_again_after_the_first_were_deleted_are_answered(chat: Chat, answering: Answering) -> None:
    first = chat.hearing(f"{chat.name}: are you there?")
    again = told_again(chat, first, after_s=2)
    await hear(chat, first)
    assert (await chat.engine.messages.delete(first.message, at=chat.engine.clock())).is_complete
    async with answering():
        await hear(chat, again)
        assert (await chat.reply(again.message)).state is ReplyState.DELIVERED


async def test_after_all_that_the_projections_equal_a_replay(chat: Chat, answering: Answering) -> None:
    await chat.engine.read.wait_for(await chat.engine.log.last_position(), timeout_s=20)
    assert (await chat.opened.replay.verify()).differences == ()
