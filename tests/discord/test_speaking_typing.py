"""Discord shows that somebody is typing for as long as an answer is being made."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.discord.simulated.world.permissions import EVERYDAY, Permission
from adapters.discord.speaking.typing import STILL_AT_IT, Typing
from engine.domain.ids import place_id
from tests.discord.speaking_scene import Scene, scene

TYPING = r"/channels/\d+/typing"


@pytest.fixture
async def harbour() -> AsyncIterator[Scene]:
    async with scene() as it:
        yield it


def place_of(harbour: Scene) -> str:
    return place_id("discord", str(harbour.tavern.id))


def told(harbour: Scene) -> int:
    return len(harbour.discord.journal.asked("POST", TYPING, status=204))


async def test_typing_is_told_at_once_and_again_while_the_answer_is_made(harbour: Scene) -> None:
    typing = Typing(harbour.rest, every_s=0.02)
    async with typing.during(place_of(harbour)):
        await harbour.discord.until(lambda: told(harbour) >= 3)


async def test_typing_ends_with_the_last_answer_of_a_place(harbour: Scene) -> None:
    typing = Typing(harbour.rest, every_s=0.02)
    async with typing.during(place_of(harbour)):
        async with typing.during(place_of(harbour)):
            await harbour.discord.until(lambda: told(harbour) >= 1)
        before = told(harbour)
        await harbour.discord.until(lambda: told(harbour) > before)
    assert typing._waiting == {}


async def test_several_answers_of_a_place_are_told_as_one(harbour: Scene) -> None:
    typing = Typing(harbour.rest)
    async with typing.during(place_of(harbour)), typing.during(place_of(harbour)), typing.during(place_of(harbour)):
        await harbour.discord.until(lambda: told(harbour) == 1)
        assert len(typing._waiting) == 1


async def test_after_long_it_says_once_that_the_answer_is_still_being_made(harbour: Scene) -> None:
    typing = Typing(harbour.rest, every_s=0.02, longest_s=0.05)
    async with typing.during(place_of(harbour)):
        await harbour.discord.until(lambda: harbour.alice.sees(harbour.tavern))
        shown = typing._waiting[place_of(harbour)].shown
        await asyncio.wait([shown])
    assert [seen.content for seen in harbour.alice.sees(harbour.tavern)] == [STILL_AT_IT]


async def test_where_typing_fails_the_answer_is_not_in_its_way() -> None:
    async with scene(permissions=EVERYDAY) as harbour:
        harbour.tavern.deny(harbour.bot.user, Permission.SEND_MESSAGES)
        typing = Typing(harbour.rest, every_s=0.02)
        async with typing.during(place_of(harbour)):
            shown = typing._waiting[place_of(harbour)].shown
            await asyncio.wait([shown])
        assert shown.exception() is None


async def test_a_server_that_is_down_for_a_moment_does_not_end_typing(harbour: Scene) -> None:
    harbour.discord.faults.rest("POST", TYPING, status=503)
    typing = Typing(harbour.rest, every_s=0.02)
    async with typing.during(place_of(harbour)):
        await harbour.discord.until(lambda: told(harbour) >= 1)
