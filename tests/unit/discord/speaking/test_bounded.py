import asyncio

import pytest

from adapters.discord.speaking.bounded import Bounded


def test_what_was_used_longest_ago_makes_room() -> None:
    kept: Bounded[str, int] = Bounded(2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)


def test_what_was_dropped_is_not_there_and_twice_is_no_error() -> None:
    kept: Bounded[str, int] = Bounded(2)
    kept.keep("a", 1)
    kept.drop("a")
    kept.drop("a")
    assert len(kept) == 0


async def test_many_who_ask_at_once_are_answered_by_one() -> None:
    kept: Bounded[str, int] = Bounded(2)
    asked = []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return 7

    assert await asyncio.gather(*(kept.get_or_ask("a", ask) for _ in range(5))) == [7] * 5
    assert len(asked) == 1
    assert kept._asking == {}


async def test_an_answer_that_failed_is_asked_for_again() -> None:
    kept: Bounded[str, int] = Bounded(2)

    async def fail() -> int:
        raise ConnectionError

    async def answer() -> int:
        return 7

    with pytest.raises(ConnectionError):
        await kept.get_or_ask("a", fail)
    assert await kept.get_or_ask("a", answer) == 7
    assert kept._asking == {}
