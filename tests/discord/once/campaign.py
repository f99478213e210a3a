"""Many runs, side by side, and what came of them."""

import asyncio
import logging
import shutil
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import override

from tests.discord.once.hurrying import hurried
from tests.discord.once.judging import problems
from tests.discord.once.killing import Trigger, strike, tell_again
from tests.discord.once.plan import Plan, Wave
from tests.discord.once.running import Run
from tests.discord.once.scene import Apart, Scene, scene_apart, scene_of_one

AT_ONCE = 24
LANES = 2
"""So many engines are killed side by side, each with servers of its own."""
SECOND_LOOK_AFTER = 40
"""So many runs later a run is judged again: whatever comes late has come by then."""


@dataclass(slots=True)
class Result:
    name: str
    kinds: tuple[str, ...]
    problems: list[str]
    took_s: float


@dataclass(slots=True)
class Report:
    seed: int
    results: list[Result] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    """By moment."""
    not_reached: int = 0
    at_the_end: list[str] = field(default_factory=list)
    """What was not as it should be when all was over."""
    logged: Counter[str] = field(default_factory=Counter)
    on_result: Callable[["Report"], None] | None = None

    def add(self, result: Result) -> None:
        self.results.append(result)
        if self.on_result is not None:
            self.on_result(self)

    @property
    def failures(self) -> list[Result]:
        return [result for result in self.results if result.problems]

    @property
    def is_good(self) -> bool:
        return not self.failures and not self.at_the_end


async def perform(report: Report, plans: Sequence[Plan], waves: Sequence[Wave]) -> None:
    """All of them, side by side."""
    with hurried():
        async with asyncio.TaskGroup() as tasks:
            if plans:
                tasks.create_task(live_on(report, plans))
            for lane in range(LANES):
                if part := waves[lane::LANES]:
                    tasks.create_task(be_killed(report, part))


async def live_on(report: Report, plans: Sequence[Plan], *, at_once: int = AT_ONCE) -> None:
    """Runs of an engine that lives on, so many side by side."""
    async with _directory() as directory, scene_of_one(directory) as scene:
        with _errors_logged(report):
            await _side_by_side(scene, report, plans, at_once)
            await _judge_all(scene, report)


async def be_killed(report: Report, waves: Sequence[Wave]) -> None:
    """Runs of an engine that is killed, wave after wave."""
    async with _directory() as directory, scene_apart(directory) as (scene, apart):
        try:
            for wave in waves:
                await _wave(scene, apart, report, wave)
            await _judge_all(scene, report)
        except Exception as error:  # noqa: BLE001 - told with all the rest, and with what the engine said last
            report.at_the_end.append(f"{_told(error)}\n{apart.last_words()}")
        report.logged.update(_errors_of(apart))


async def _side_by_side(scene: Scene, report: Report, plans: Sequence[Plan], at_once: int) -> None:
    waiting = deque(plans)
    done: deque[tuple[Run, Result]] = deque()

    async def work() -> None:
        while waiting:
            run = Run(scene, waiting.popleft())
            result = await _performed(run, _say_and_see(run), was_killed=False)
            done.append((run, result))
            if len(done) > SECOND_LOOK_AFTER:
                await _look_again(*done.popleft(), report, was_killed=False)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(work())
    for run, result in done:
        await _look_again(run, result, report, was_killed=False)


async def _say_and_see(run: Run) -> None:
    await run.prepare()
    await run.say_all()
    await run.until_ended()


async def _performed(run: Run, performance: Awaitable[None], *, was_killed: bool) -> Result:
    began = time.monotonic()
    found: list[str] = []
    try:
        await performance
        found = await problems(run, was_killed=was_killed)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other runs go on, and this one has failed
        found = [_told(error)]
    return Result(run.plan.name, run.plan.kinds, found, time.monotonic() - began)


async def _look_again(run: Run, result: Result, report: Report, *, was_killed: bool) -> None:
    if not result.problems:
        try:
            late = await problems(run, was_killed=was_killed)
        except Exception as error:  # noqa: BLE001 - the same
            late = [_told(error)]
        result.problems += [f"later: {problem}" for problem in late]
    with suppress(AttributeError):  # one that failed before it had a place
        run.tear_down()
    report.add(result)


async def _wave(scene: Scene, apart: Apart, report: Report, wave: Wave) -> None:
    runs = [Run(scene, plan) for plan in wave.plans]
    for run in runs:
        await run.prepare()
    choose = Random(f"{report.seed}:{wave.name}:again")
    saying = asyncio.gather(*(run.say_all() for run in runs))
    ended = asyncio.ensure_future(_all_ended(saying, runs))
    results = [asyncio.ensure_future(_performed(run, _after(ended), was_killed=True)) for run in runs]
    moments: list[str] = []
    try:
        for kill in wave.kills:
            with Trigger(apart, runs[kill.of], kill) as trigger:
                telling = asyncio.ensure_future(_told_when_said(saying, trigger))
                if not await strike(trigger, ended):
                    report.not_reached += 1
                    break
                moments.append(kill.moment)
                await asyncio.wait((saying, telling))
            for run in runs:
                await tell_again(run, also_what_was_heard=choose.random() < 0.5)
    finally:
        judged = await asyncio.gather(*results)
    report.kills.update(moments)
    for run, result in zip(runs, judged, strict=True):
        result.kinds += tuple(f"killed: {moment}" for moment in dict.fromkeys(moments))
        await _look_again(run, result, report, was_killed=True)


async def _all_ended(saying: "asyncio.Future[list[None]]", runs: Sequence[Run]) -> None:
    await asyncio.wait((saying,))
    saying.result()
    await asyncio.gather(*(run.until_ended() for run in runs))


async def _after(ended: "asyncio.Future[None]") -> None:
    await asyncio.wait((ended,))
    ended.result()


async def _told_when_said(saying: "asyncio.Future[list[None]]", trigger: Trigger) -> None:
    await asyncio.wait((saying,))
    trigger.told()


async def _judge_all(scene: Scene, report: Report) -> None:
    """What can only be seen when all is over."""
    await scene.caught_up()
    journal = scene.discord.journal
    report.at_the_end += [f"unrouted: {exchange}" for exchange in journal.unrouted]
    report.at_the_end += [f"unknown field: {exchange}" for exchange in journal.unknown_fields]
    report.at_the_end += [f"the model was asked by nobody: {stray}" for stray in scene.model.strays]
    verified = await scene.opened.replay.verify()
    report.at_the_end += [f"a replay differs in {difference}" for difference in verified.differences]


def _told(error: Exception) -> str:
    if isinstance(error, AssertionError):
        return str(error) or "".join(traceback.format_tb(error.__traceback__)[-2:])
    return f"{type(error).__name__}: {error}\n{''.join(traceback.format_tb(error.__traceback__)[-3:])}"


@asynccontextmanager
async def _directory() -> AsyncIterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="tzurot-once-"))
    try:
        yield directory
    finally:
        await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


@contextmanager
def _errors_logged(report: Report) -> Iterator[None]:
    """Errors that are logged here meanwhile, but for the connections that the simulator cuts."""

    class Counting(logging.Handler):
        @override
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and isinstance(record.exc_info[1], ConnectionError):
                return
            trace = "".join(traceback.format_exception(*record.exc_info)[-3:]) if record.exc_info else ""
            report.logged[f"{record.getMessage()[-1_500:]} {trace}"] += 1

    handler = Counting(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _errors_of(apart: Apart) -> Counter[str]:
    lines = apart.errors.read_text().splitlines()
    return Counter(line.split(" ", 3)[-1] for line in lines if " ERROR " in line)
