"""What the deliverer does when posting fails, in whatever way: one post for each chunk, or a word of why there is none.

The platform of these tests recognises nothing by itself: each post has an id of its own.
"""

import asyncio
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from engine.domain.reply import ReplyState, ReplyUndeliverable
from engine.errors import PostUncertain
from engine.ports import Posting, PostRefusal, PostRefused
from engine.reactors import deliverer, subscription
from engine.reactors.reaction import NotYet
from tests.engine_at_work import Chat, held, until
from tests.fakes.postman import Postbox, cut_off
from tests.faults.conftest import Answering
from tests.scripted_model_server import REPLY

pytestmark = pytest.mark.asyncio(loop_scope="module")

POSTED = ["ReplyStarted", "ReplyComposed", "ReplyPosted", "ReplyDelivered"]


@pytest.fixture(autouse=True)
def quickly() -> Iterator[None]:
    """Failures are tried again soon."""
    with patch.object(subscription, "FIRST_DELAY_S", 0.01), patch.object(subscription, "LONGEST_DELAY_S", 0.02):
        yield


def refuse() -> PostRefused:
    return PostRefused("Give it Manage Webhooks in this channel.", reason=PostRefusal.NO_PERMISSION)


async def cut(posting: Posting) -> None:
    raise cut_off()


# -- whether an earlier attempt came through ---------------------------------------------------------------------------


async def test_a_first_attempt_does_not_look(chat: Chat, answering: Answering, postbox: Postbox) -> None:
    async with answering():
        await chat.reply(await chat.say("Hello."))
    assert postbox.looked == []
    assert [posting.may_stand_already for posting in postbox.posted] == [False]


async def test_a_post_that_the_platform_took_before_the_connection_broke_is_found_and_stays_the_only_one(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    postbox.after.append(cut_off())
    async with answering():
        reply = await chat.reply(message := await chat.say("Hello."))
    assert await chat.kinds(message) == POSTED
    assert postbox.stands(chat.place) == [REPLY]
    assert len(postbox.posted) == 1
    assert tuple(postbox.standing) == reply.posts
    (looked,) = postbox.looked
    assert (looked.may_stand_already, looked.since) == (True, reply.settled_at)


async def test_a_post_that_the_platform_took_is_taken_back_when_its_message_went_before_that_was_known(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    async def went(posting: Posting) -> None:
        await chat.engine.messages.erase(posting.in_reply_to, at=chat.engine.clock())
        raise cut_off()

    postbox.after.append(went)
    async with answering():
        await chat.say("Hello.")
        await until(lambda: bool(postbox.taken_back))
    assert len(postbox.posted) == 1
    assert postbox.stands(chat.place) == []


async def test_a_post_that_the_platform_did_not_take_is_posted_again(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    postbox.before.append(cut_off())
    async with answering():
        await chat.reply(await chat.say("Hello."))
    assert postbox.stands(chat.place) == [REPLY]
    assert [posting.may_stand_already for posting in postbox.posted] == [True]


async def test_a_chunk_that_stands_is_not_posted_again_when_the_next_one_fails(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    postbox.chunk_chars = 5
    postbox.after.extend([lambda _: asyncio.sleep(0), cut])
    async with answering():
        reply = await chat.reply(await chat.say("Hello."))
    assert "".join(postbox.stands(chat.place)) == REPLY
    assert tuple(postbox.standing) == reply.posts
    assert len(postbox.posted) == len(postbox.split(REPLY))


async def test_a_post_of_another_reply_in_the_same_words_is_not_taken_for_this_one(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    with held(chat.model) as hold:
        async with answering():
            first = await chat.say_while_generating("the first question", hold)
            second = await chat.say_while_generating("the second question", hold)
            hold.let_go("the second question")
            await chat.until_composed(second)
            postbox.before.extend([lambda _: asyncio.sleep(0), cut])
            hold.let_go("the first question")
            posts = [(await chat.reply(message)).posts for message in (first, second)]
    assert postbox.stands(chat.place) == [REPLY, REPLY]
    assert len({*posts[0], *posts[1]}) == 2
    assert [posting.in_reply_to for posting in postbox.posted] == [first, second]


async def test_a_reply_that_only_waited_for_its_turn_does_not_look(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    put_back: list[NotYet] = []

    class Counted(NotYet):
        def __init__(self) -> None:
            super().__init__()
            put_back.append(self)

    with (
        held(chat.model) as hold,
        patch.object(deliverer, "PATIENCE_S", 0.01),
        patch.object(subscription, "NOT_YET_DELAY_S", 0.01),
        patch.object(deliverer, "NotYet", Counted),
    ):
        async with answering():
            first = await chat.say_while_generating("the first question", hold)
            second = await chat.say_while_generating("the second question", hold)
            hold.let_go("the second question")
            await until(lambda: len(put_back) >= 3)
            hold.let_go("the first question")
            await chat.reply(second)
    assert [posting.in_reply_to for posting in postbox.posted] == [first, second]
    assert postbox.looked == []


async def test_two_processes_that_both_post_leave_one_post(chat: Chat, answering: Answering, postbox: Postbox) -> None:
    """The first is held up for so long that the server takes it for dead; then it goes on."""
    second_stands = asyncio.Event()

    async def held_up(_: Posting) -> None:
        await second_stands.wait()

    async with answering("responder"):
        message = await chat.say("Hello.")
        await chat.until_composed(message)
    with (
        patch.object(subscription, "ACK_WAIT_S", 0.5),
        patch.object(subscription, "HEARTBEAT_S", 3_600.0),
    ):
        postbox.before.append(held_up)
        async with answering("deliverer"), answering("deliverer"):
            reply = await chat.reply(message)
            second_stands.set()
            await until(lambda: len(postbox.posted) == 2 and len(postbox.standing) == 1)
    assert tuple(postbox.standing) == reply.posts
    assert await chat.kinds(message) == POSTED


async def test_a_reply_that_was_erased_while_it_waited_for_its_turn_is_nobody_s_to_post(
    chat: Chat, answering: Answering, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with answering("responder"):
        message = await chat.say("Hello.")
        await chat.until_composed(message)

    erased = asyncio.Event()

    async def erased_meanwhile(_: object, reply: str, **more: object) -> bool:
        for _ in range(2):  # withdrawn, then erased
            await chat.engine.messages.erase(message, at=chat.engine.clock())
        erased.set()
        return True

    with patch.object(type(chat.opened.engine.read), "until_first", erased_meanwhile):
        async with answering("deliverer"):
            await erased.wait()  # what is under way is ended before the deliverer leaves
    assert await chat.kinds(message) == ["ReplyErased"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


# -- what is never taken -----------------------------------------------------------------------------------------------


async def test_a_refusal_ends_the_reply_on_the_log_and_holds_up_nobody(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    postbox.before.append(refuse())
    async with answering():
        refused = await chat.say("Hello.")
        assert (await chat.reply(await chat.say("And another thing."))).state is ReplyState.DELIVERED
        found = await chat.reply(refused)
    assert found.state is ReplyState.UNDELIVERABLE
    assert await chat.kinds(refused) == ["ReplyStarted", "ReplyComposed", "ReplyUndeliverable"]
    (end,) = [event for event in await chat.events(refused) if isinstance(event, ReplyUndeliverable)]
    assert (end.reason, end.message) == ("no permission", "Give it Manage Webhooks in this channel.")
    assert len(postbox.posted) == 1


async def test_a_reply_that_could_not_be_delivered_is_in_no_history_and_is_erased_with_its_message(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    postbox.before.append(refuse())
    async with answering():
        refused = await chat.say("Hello.")
        await chat.reply(refused)
        await chat.reply(await chat.say("And another thing."))
        asked = chat.model.requests[-1].body["messages"]
        receipt = await chat.engine.messages.erase(refused, at=chat.engine.clock())
    assert not any(REPLY in str(said["content"]) for said in asked)
    assert receipt.is_complete
    assert await chat.kinds(refused) == ["ReplyErased"]


async def test_what_fails_too_often_is_given_up_and_the_log_says_so(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    with patch.object(subscription, "MOST_TRIES", 3):
        postbox.before.extend([RuntimeError("a fault of ours")] * 3)
        async with answering():
            lost = await chat.say("Hello.")
            assert (await chat.reply(await chat.say("And another thing."))).state is ReplyState.DELIVERED
    (end,) = [event for event in await chat.events(lost) if isinstance(event, ReplyUndeliverable)]
    assert (end.reason, end.message) == ("given up", "It could not be posted: RuntimeError")


async def test_a_platform_that_is_away_for_long_counts_as_no_failure(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    with patch.object(subscription, "MOST_TRIES", 2):
        postbox.before.extend([PostUncertain("The platform is away.", retry_after_s=0.01)] * 6)
        async with answering():
            assert (await chat.reply(await chat.say("Hello."))).state is ReplyState.DELIVERED
    assert postbox.stands(chat.place) == [REPLY]


async def test_a_post_that_cannot_be_taken_back_is_left_and_the_next_is_taken_back(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    taken_back = postbox.withdraw
    refusals = [refuse()]

    async def withdraw(place: str, post: str) -> None:
        if refusals:
            raise refusals.pop()
        await taken_back(place, post)

    postbox.chunk_chars = 10
    postbox.withdraw = withdraw  # type: ignore[method-assign]
    async with answering():
        message = await chat.say("take this back")
        posts = (await chat.reply(message)).posts
        await chat.engine.messages.erase(message, at=chat.engine.clock())
        await until(lambda: postbox.taken_back == list(posts[1:]))
    assert len(posts) > 1


async def test_after_all_that_the_projections_equal_a_replay(chat: Chat, answering: Answering) -> None:
    await chat.engine.read.wait_for(await chat.engine.log.last_position(), timeout_s=20)
    assert (await chat.opened.replay.verify()).differences == ()
