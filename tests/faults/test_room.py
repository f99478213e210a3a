"""Replies that wait for an earlier one of their place make room for it, however little room there is.

The earlier one may be composed last: then its event comes when all the room is taken by those that wait for it.
"""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from engine.reactors import deliverer, subscription
from tests.engine_at_work import Chat, held, until
from tests.fakes.postman import Postbox
from tests.faults.conftest import Answering

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOM = 2
LATER = 5


@pytest.fixture(autouse=True)
def little_room() -> Iterator[None]:
    with (
        patch.object(subscription, "MOST_AT_ONCE", ROOM),
        patch.object(subscription, "NOT_YET_DELAY_S", 0.05),
        patch.object(deliverer, "PATIENCE_S", 0.1),
    ):
        yield


async def test_an_earlier_reply_that_is_queued_behind_those_that_wait_for_it_comes_through(
    chat: Chat, answering: Answering, postbox: Postbox
) -> None:
    with held(chat.model) as hold:
        async with answering("responder"):
            first = await chat.say_while_generating("the first question", hold)
            later = [await chat.say(f"later question {number}") for number in range(LATER)]
            hold.let_go("later question")
            for message in later:
                await chat.until_composed(message)
            async with answering("deliverer"):
                await until_all_wait(chat)
                hold.let_go("the first question")
                for message in [first, *later]:
                    await chat.reply(message)
    assert [posting.in_reply_to for posting in postbox.posted] == [first, *later]


async def until_all_wait(chat: Chat) -> None:
    """Return when as many replies as there is room for wait in the deliverer for the first one."""
    asked: list[str] = []
    until_first = type(chat.opened.engine.read).until_first

    async def seen(self: object, reply: str, **more: object) -> bool:
        asked.append(reply)
        return await until_first(self, reply, **more)  # type: ignore[arg-type]

    with patch.object(type(chat.opened.engine.read), "until_first", seen):
        await until(lambda: len(set(asked)) >= ROOM)
