"""Discord shows that somebody is typing for as long as an answer is still to come."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.speaking.typing import STILL_AT_IT, Rhythm, Typing
from engine.domain import Aggregate, Message
from engine.domain.ids import message_id, place_id
from engine.errors import LogUnavailable
from tests import builders as a
from tests.discord.speaking_scene import Scene, scene
from tests.unit.given import after

TYPING = r"/channels/\d+/typing"
QUICK = Rhythm(first_after_s=0, every_s=0.02)


@dataclass
class Answer:
    """One that comes when the test says so."""

    is_there: bool = False
    asked: int = 0

    async def is_over(self) -> bool:
        self.asked += 1
        return self.is_there


class Log:
    """Knows messages, and no replies yet."""

    def __init__(self, *messages: str) -> None:
        self.messages = set(messages)

    async def find(self, kind: type[Aggregate], id: str) -> Any:
        return after(a.message_heard(id=id)) if kind is Message and id in self.messages else None


@pytest.fixture
async def harbour() -> AsyncIterator[Scene]:
    async with scene() as it:
        yield it


@pytest.fixture
async def typing(harbour: Scene) -> AsyncIterator[Typing]:
    it = Typing(harbour.rest, rhythm=QUICK)
    yield it
    await it.close()
    assert it._waiting == {}


def place_of(harbour: Scene) -> str:
    return place_id("discord", str(harbour.tavern.id))


def told(harbour: Scene) -> int:
    return len(harbour.discord.journal.asked("POST", TYPING, status=204))


async def test_typing_is_told_again_and_again_until_the_answer_is_there(harbour: Scene, typing: Typing) -> None:
    answer = Answer()
    typing.start(place_of(harbour), answer.is_over)
    await harbour.discord.until(lambda: told(harbour) >= 3)
    answer.is_there = True
    await harbour.discord.until(lambda: not typing._waiting)


async def test_an_answer_that_comes_at_once_is_told_by_itself(harbour: Scene, typing: Typing) -> None:
    answer = Answer(is_there=True)
    typing.start(place_of(harbour), answer.is_over)
    await harbour.discord.until(lambda: not typing._waiting)
    assert (answer.asked, told(harbour)) == (1, 0)


async def test_several_answers_of_a_place_are_told_as_one_until_the_last(harbour: Scene, typing: Typing) -> None:
    first, second = Answer(), Answer()
    for answer in (first, second):
        typing.start(place_of(harbour), answer.is_over)
    assert len(typing._waiting) == 1
    await harbour.discord.until(lambda: told(harbour) >= 1)
    first.is_there = True
    before = told(harbour)
    await harbour.discord.until(lambda: told(harbour) >= before + 2)
    second.is_there = True
    await harbour.discord.until(lambda: not typing._waiting)


async def test_after_long_it_says_once_that_the_answer_is_still_being_made(harbour: Scene) -> None:
    typing = Typing(harbour.rest, rhythm=replace(QUICK, longest_s=0.05))
    typing.start(place_of(harbour), Answer().is_over)
    await harbour.discord.until(lambda: harbour.alice.sees(harbour.tavern))
    assert [seen.content for seen in harbour.alice.sees(harbour.tavern)] == [STILL_AT_IT]


async def test_where_typing_is_refused_it_is_given_up() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        harbour.tavern.deny(harbour.bot.user, Permission.VIEW_CHANNEL)
        typing = Typing(harbour.rest, rhythm=QUICK)
        typing.start(place_of(harbour), Answer().is_over)
        await harbour.discord.until(lambda: not typing._waiting)


async def test_a_server_that_is_down_for_a_moment_does_not_end_typing(harbour: Scene, typing: Typing) -> None:
    harbour.discord.faults.rest("POST", TYPING, status=503)
    typing.start(place_of(harbour), Answer().is_over)
    await harbour.discord.until(lambda: told(harbour) >= 1)


async def test_a_log_that_is_away_does_not_end_typing(harbour: Scene, typing: Typing) -> None:
    async def is_over() -> bool:
        raise LogUnavailable

    typing.start(place_of(harbour), is_over)
    await harbour.discord.until(lambda: told(harbour) >= 2)


async def test_it_follows_the_log_where_a_message_was_heard(harbour: Scene, typing: Typing) -> None:
    message = message_id(place_of(harbour), "1024")
    log: Any = Log(message)
    typing.until_answered(log, message, ["lyra"])
    await harbour.discord.until(lambda: told(harbour) >= 1)
    log.messages.clear()
    await harbour.discord.until(lambda: not typing._waiting)
    assert harbour.discord.journal.asked("POST", TYPING)[0].path == f"/channels/{harbour.tavern.id}/typing"


async def test_a_message_that_asks_nobody_is_waited_for_by_nobody(harbour: Scene, typing: Typing) -> None:
    log: Any = Log()
    typing.until_answered(log, message_id(place_of(harbour), "1024"), [])
    assert typing._waiting == {}


async def test_closing_ends_it_everywhere(harbour: Scene) -> None:
    typing = Typing(harbour.rest, rhythm=QUICK)
    for channel in ("tavern-2", "tavern-3"):
        typing.start(place_id("discord", str(harbour.harbour.text_channel(channel).id)), Answer().is_over)
    await typing.close()
    assert typing._waiting == {}
