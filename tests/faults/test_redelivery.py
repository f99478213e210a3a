"""However often an event is delivered, and to however many: one reply to each message, in the order of asking."""

import asyncio
from unittest.mock import patch

import nats
import pytest

from adapters.embedded.logins import read_login
from adapters.embedded.nats_server import NatsServer
from engine.domain.reply import ReplyStarted, ReplyState
from engine.log.subjects import stream_name
from engine.reactors import subscription
from engine.reactors.responder import Responder
from tests.engine_at_work import Chat, held, until
from tests.faults.conftest import Answering
from tests.scripted_model_server import REPLY

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERED = ["ReplyStarted", "ReplyComposed", "ReplyPosted", "ReplyDelivered"]


async def forget_consumers(chat: Chat) -> None:
    """Have every event delivered again, from the first one on."""
    home = chat.opened.settings.data_dir / "nats"
    login = await asyncio.to_thread(read_login, home)
    assert login is not None
    client = await nats.connect(NatsServer(home).url(login))
    try:
        stream = stream_name(chat.opened.settings.log_name)
        for consumer in await client.jetstream().consumers_info(stream):
            if consumer.config.durable_name:
                await client.jetstream().delete_consumer(stream, consumer.name)
    finally:
        await client.close()


async def test_events_that_are_all_delivered_again_change_nothing(chat: Chat, answering: Answering) -> None:
    async with answering():
        messages = [await chat.say(f"number {number}") for number in range(20)]
        for message in messages:
            await chat.reply(message)
    before = await chat.engine.log.last_position()
    calls, posted = len(chat.model.requests), len(chat.postbox.posted)
    await forget_consumers(chat)
    async with answering():
        later = await chat.say("And another thing.")
        await chat.reply(later)
    assert [await chat.kinds(message) for message in messages] == [ANSWERED] * len(messages)
    assert len(chat.model.requests) == calls + 1
    assert len(chat.postbox.posted) == posted + 1
    assert await chat.engine.log.last_position() == before + 1 + len(ANSWERED)


async def test_a_message_that_two_responders_answer_at_once_gets_one_reply_and_both_calls_are_on_record(
    chat: Chat, answering: Answering
) -> None:
    with held(chat.model) as hold:
        async with answering():
            with patch.object(Responder, "name", "another-responder"):
                another = answering("another-responder")
                await another.__aenter__()
            try:
                message = await chat.say("who is first?")
                await until(lambda: sum("who is first?" in asked for asked in hold.asked) == 2)
                hold.let_go("")
                await chat.reply(message)
                await chat.reply(await chat.say("And another thing."))
            finally:
                await another.__aexit__(None, None, None)
    await forget_consumers(chat)
    events = await chat.events(message)
    assert [event.attempt for event in events if isinstance(event, ReplyStarted)] == [1, 2]
    assert await chat.kinds(message) == ["ReplyStarted", *ANSWERED]


async def test_responders_that_share_the_work_call_the_model_once_for_each_message(
    chat: Chat, answering: Answering
) -> None:
    calls = len(chat.model.requests)
    async with answering(), answering():
        messages = [await chat.say(f"number {number}") for number in range(20)]
        for message in messages:
            await chat.reply(message)
    assert [await chat.kinds(message) for message in messages] == [ANSWERED] * len(messages)
    assert len(chat.model.requests) == calls + len(messages)


async def test_a_responder_that_leaves_in_the_middle_hands_its_turn_to_the_next_one(
    chat: Chat, answering: Answering
) -> None:
    with held(chat.model) as hold:
        with patch.object(subscription, "LEAVING_S", 0.05):
            async with answering():
                message = await chat.say_while_generating("and then?", hold)
        assert await chat.kinds(message) == ["ReplyStarted"]
        hold.let_go("")
        async with answering():
            assert (await chat.reply(message)).text == REPLY
    events = await chat.events(message)
    assert [event.attempt for event in events if isinstance(event, ReplyStarted)] == [1, 2]
    assert await chat.kinds(message) == ["ReplyStarted", *ANSWERED]


async def test_a_reply_composed_and_not_posted_is_posted_by_the_next_deliverer(
    chat: Chat, answering: Answering
) -> None:
    async with answering("responder"):
        message = await chat.say("Hello.")
        await chat.until_composed(message)
    assert chat.postbox.posted == []
    async with answering("deliverer"):
        await chat.reply(message)
    assert chat.postbox.texts(chat.place) == [REPLY]


async def test_replies_of_one_place_come_in_the_order_of_asking(chat: Chat, answering: Answering) -> None:
    with held(chat.model) as hold:
        async with answering():
            first = await chat.say_while_generating("the first question", hold)
            second = await chat.say_while_generating("the second question", hold)
            hold.let_go("the second question")
            await chat.until_composed(second)
            assert chat.postbox.posted == []
            hold.let_go("the first question")
            await chat.reply(second)
    assert [posting.in_reply_to for posting in chat.postbox.posted] == [first, second]


async def test_a_place_does_not_wait_for_another(chat: Chat, answering: Answering) -> None:
    beside = Chat(chat.opened, chat.model, chat.postbox)
    with held(chat.model) as hold:
        async with answering():
            slow = await chat.say_while_generating("a hard question", hold)
            quick = await beside.say_while_generating("an easy one", hold)
            hold.let_go("an easy one")
            await beside.reply(quick)
            assert await chat.kinds(slow) == ["ReplyStarted"]
            hold.let_go("")
            await chat.reply(slow)
    assert [posting.in_reply_to for posting in chat.postbox.posted] == [quick, slow]


async def test_every_character_that_a_message_addresses_answers_in_the_order_of_asking(
    chat: Chat, answering: Answering
) -> None:
    async with answering():
        message = await chat.say("Hello, you two.", "thessaly", "bramble")
        for character in ("thessaly", "bramble"):
            assert (await chat.reply(message, character)).state is ReplyState.DELIVERED
    assert [posting.character for posting in chat.postbox.posted] == ["thessaly", "bramble"]


async def test_a_character_whose_model_fails_does_not_silence_the_others(chat: Chat, answering: Answering) -> None:
    chat.model.script("status-401")
    async with answering():
        message = await chat.say("Hello, you two.", "thessaly", "bramble")
        states = [(await chat.reply(message, character)).state for character in ("thessaly", "bramble")]
    assert sorted(states) == [ReplyState.DELIVERED, ReplyState.FAILED]
    assert len(chat.postbox.posted) == 1


async def test_a_character_that_is_not_there_does_not_silence_the_others(chat: Chat, answering: Answering) -> None:
    async with answering():
        message = await chat.say("Hello, you two.", "nobody", "bramble")
        gone = await chat.reply(message, "nobody")
        assert (await chat.reply(message)).state is ReplyState.DELIVERED
    assert gone.failure is not None
    assert gone.failure.reason == "no such character"


async def test_after_all_that_the_projections_equal_a_replay(chat: Chat, answering: Answering) -> None:
    await chat.engine.read.wait_for(await chat.engine.log.last_position(), timeout_s=20)
    assert (await chat.opened.replay.verify()).is_ok
