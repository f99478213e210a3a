"""A few of the randomised runs in which each message is answered exactly once (`python -m tests.discord.once`).

The seed is printed; set FAULT_SEED to have the same runs again.
"""

import os
import random
import sys

import pytest

from tests.discord.once.campaign import Report, be_killed, live_on
from tests.discord.once.hurrying import hurried
from tests.discord.once.plan import run_plan, wave_plan
from tests.discord.once.telling import told

SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
RUNS, WAVES = 60, 4


@pytest.fixture
def report() -> Report:
    sys.stdout.write(f"FAULT_SEED={SEED}\n")
    return Report(SEED)


async def test_whatever_the_gateway_rest_and_the_model_do_one_reply_stands(report: Report) -> None:
    with hurried():
        await live_on(report, [run_plan(SEED, number) for number in range(RUNS)])
    assert report.is_good, told(report, 0)
    assert len(report.results) == RUNS


async def test_whenever_the_engine_is_killed_one_reply_stands(report: Report) -> None:
    waves = [wave_plan(SEED, number) for number in range(WAVES)]
    with hurried():
        await be_killed(report, waves)
    assert report.is_good, told(report, 0)
    assert len(report.results) == sum(len(wave.plans) for wave in waves)
    assert report.kills.total() + report.not_reached >= WAVES
