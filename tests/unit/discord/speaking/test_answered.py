"""When nothing more is to come to a message: what the typing indicator goes by."""

from collections.abc import Sequence
from typing import Any

import pytest

from adapters.discord.speaking.typing import is_answered
from engine.domain import Event
from tests import builders as a
from tests.unit.given import after

HEARD = [a.message_heard()]


class Log:
    """Finds what it is given the events of."""

    def __init__(self, *pasts: Sequence[Event]) -> None:
        self._pasts = {past[0].subject: past for past in pasts}

    async def find(self, _kind: object, id: str) -> Any:
        past = self._pasts.get(id)
        return after(*past) if past else None


async def answered(*pasts: Sequence[Event], by: Sequence[str] = (a.CHARACTER_TOKEN,)) -> bool:
    log: Any = Log(*pasts)
    return await is_answered(log, a.MESSAGE, by)


@pytest.mark.parametrize(
    "reply",
    [
        [],
        [a.reply_started()],
        [a.reply_started(), a.reply_failed()],
        [a.reply_started(), a.reply_composed()],
    ],
)
async def test_an_answer_is_still_to_come(reply: list[Event]) -> None:
    assert not await answered(HEARD, *([reply] if reply else []))


@pytest.mark.parametrize(
    "reply",
    [
        [a.reply_started(), a.reply_composed(), a.reply_posted(chunks=2)],
        [a.reply_started(), a.reply_composed(), a.reply_posted(), a.reply_delivered()],
        [a.reply_started(), a.reply_failed(is_permanent=True)],
        [a.reply_started(), a.reply_withdrawn()],
        [a.reply_started(), a.reply_composed(), a.reply_undeliverable()],
    ],
)
async def test_nothing_more_is_to_come_once_it_stands_or_has_ended(reply: list[Event]) -> None:
    assert await answered(HEARD, reply)


@pytest.mark.parametrize("message", [[], [*HEARD, a.message_deleted()], [*HEARD, a.message_erased()]])
async def test_nothing_comes_to_a_message_that_has_gone(message: list[Event]) -> None:
    assert await answered(*([message] if message else []))


async def test_with_several_asked_it_is_the_last_that_counts() -> None:
    first = [a.reply_started(), a.reply_composed(), a.reply_posted()]
    assert not await answered(HEARD, first, by=[a.CHARACTER_TOKEN, "bramble"])
