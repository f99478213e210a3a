"""The crowd is the companion here: what a fresh process opens has to be named by a module that it can import."""

from typing import Any

import psutil
import pytest

from adapters.benchmarks.companions import companion
from adapters.benchmarks.crowd import Crowd, crowd
from adapters.benchmarks.talk import Plan
from engine.errors import TzurotError

OPENING: tuple[str, Any, int, int, float] = ("the crowd", crowd, 2, 1, 0.0)


async def test_a_companion_does_elsewhere_what_is_asked_of_it_and_ends_with_its_context() -> None:
    async with companion(*OPENING) as people:
        address = await people.call(Crowd.address, "echo")
        (process,) = [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]
    assert len(address.channels) == 2
    assert address.token not in repr(address)
    assert not process.is_running()


async def test_a_companion_that_ends_by_itself_ends_the_benchmark_with_one_line() -> None:
    nobody: Any = "nobody"
    async with companion(*OPENING) as people:
        with pytest.raises(TzurotError, match="process for the crowd ended before it was done"):
            await people.call(Crowd.talk, nobody, Plan(messages=1, rate_per_s=None, seed=1))
        with pytest.raises(TzurotError, match="ended"):
            await people.call(Crowd.address, "echo")
