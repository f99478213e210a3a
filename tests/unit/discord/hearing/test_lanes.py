"""One thing after another in a channel, the channels side by side, and nothing lost to a moment's outage."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from adapters.discord.hearing import lanes as module
from adapters.discord.hearing.lanes import AWAY_PAUSES_S, Lanes
from engine.errors import Forbidden, ProjectionsBehind


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AWAY_PAUSES_S", (0.0,) * len(AWAY_PAUSES_S))
    monkeypatch.setattr(module, "FAULT_PAUSES_S", (0.0, 0.0))


def failing(error: Exception, *, times: int, tried: list[str]) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        tried.append("tried")
        if len(tried) <= times:
            raise error

    return work


async def test_what_comes_first_in_a_channel_is_done_first_and_other_channels_do_not_wait() -> None:
    lanes, done, gate = Lanes(), [], asyncio.Event()

    async def slow() -> None:
        await gate.wait()
        done.append("slow")

    async def quick(name: str) -> None:
        done.append(name)

    lanes.put("a", slow)
    lanes.put("a", lambda: quick("after"))
    lanes.put("b", lambda: quick("elsewhere"))
    while "elsewhere" not in done:  # noqa: ASYNC110 - another task's doing
        await asyncio.sleep(0)
    assert done == ["elsewhere"]
    gate.set()
    await lanes.close(patience_s=5)
    assert done == ["elsewhere", "slow", "after"]


@pytest.mark.parametrize(
    ("error", "fails", "tries"),
    [
        (ProjectionsBehind(), 3, 4),
        (ProjectionsBehind(), 100, len(AWAY_PAUSES_S) + 1),
        (OSError(), 1, 2),
        (ZeroDivisionError(), 1, 2),
        (ZeroDivisionError(), 100, 3),
        (Forbidden(), 100, 1),
    ],
)
async def test_it_is_tried_again_as_often_as_it_may_help(error: Exception, fails: int, tries: int) -> None:
    lanes, tried, after = Lanes(), list[str](), list[str]()
    lanes.put("a", failing(error, times=fails, tried=tried))
    lanes.put("a", failing(error, times=0, tried=after))
    await lanes.close(patience_s=5)
    assert (len(tried), len(after)) == (tries, 1)


async def test_what_is_lost_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    lanes = Lanes()
    lanes.put("a", failing(ValueError("what somebody said"), times=100, tried=[]))
    await lanes.close(patience_s=5)
    assert "ValueError" in caplog.text
    assert "test_lanes.py" in caplog.text
    assert "somebody" not in caplog.text


async def test_closing_ends_what_takes_too_long() -> None:
    lanes, ended = Lanes(), asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    lanes.start(endless)
    await asyncio.sleep(0)
    await lanes.close(patience_s=0)
    assert ended.is_set()


def test_an_outage_of_five_minutes_loses_nothing() -> None:
    assert sum(AWAY_PAUSES_S) > 300
    assert all(before <= after for before, after in pairwise(AWAY_PAUSES_S))
