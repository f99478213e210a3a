"""Killing the engine, the log's server and the projections' server in the middle of 500 messages.

The seed of each test is printed with it when it fails; set FAULT_SEED to have the same moments again, as far as
a machine's timing allows.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.embedded import processes
from adapters.embedded.logins import read_login
from tests.scripted_model_server import Received, Server, scripted_model_server

PROGRAM = Path(__file__).with_name("engine_process.py")
PROJECT = PROGRAM.parents[2]
MESSAGES = 500
LOOK_AGAIN_S = 0.01
PATIENCE_S = 150.0
SEED = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))


@dataclass
class Work:
    """An engine at work on 500 messages in its own process, and the model that it asks."""

    directory: Path
    model: Server
    choose: random.Random = field(default_factory=lambda: random.Random(SEED))
    engine: asyncio.subprocess.Process | None = None
    messages: int = MESSAGES

    async def start(self) -> None:
        with (self.directory / "stderr").open("ab") as errors:
            self.engine = await asyncio.create_subprocess_exec(
                sys.executable,
                str(PROGRAM),
                str(self.directory),
                str(SEED),
                str(self.messages),
                cwd=PROJECT,
                stderr=errors,
                env={
                    **os.environ,
                    "PYTHONPATH": str(PROJECT),
                    "TZUROT_DATA_DIR": str(self.directory / "data"),
                    "OPENAI_BASE_URL": self.model.base_url,
                    "OPENAI_MODEL": "plain",
                },
            )

    async def begin(self, messages: int = MESSAGES) -> None:
        self.messages = messages
        await self.start()

    async def until(self, condition: Callable[[], bool]) -> None:
        assert self.engine is not None
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                assert self.engine.returncode is None, f"the engine ended by itself:\n{self.errors()}"
                await asyncio.sleep(LOOK_AGAIN_S)

    async def kill_engine(self) -> None:
        assert self.engine is not None
        self.tell("the engine is killed")
        self.engine.kill()
        await self.engine.wait()

    def pid_of(self, name: str) -> int | None:
        """The embedded server's process; None while there is none that is ready."""
        pid, *ready = (self.directory / "data" / name / "process").read_text().split()
        return int(pid) if ready else None

    async def kill_server(self, name: str) -> None:
        """Kill it, and return when another one has taken its place."""
        self.tell(f"{name} is killed")
        pid = self.pid_of(name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await self.until(lambda: self.pid_of(name) not in (None, pid))

    def tell(self, happening: str) -> None:
        heard, asked = len(self.acknowledged()), len(self.model.requests)
        assert asked < self.messages or self.messages == 1, "it was over already"
        sys.stdout.write(f"{happening}: {heard} heard, the model was asked {asked} times\n")

    async def until_done(self) -> "Report":
        assert self.engine is not None
        async with asyncio.timeout(PATIENCE_S):
            assert await self.engine.wait() == 0, self.errors()
        return Report(json.loads((self.directory / "report.json").read_text()))

    def acknowledged(self) -> list[str]:
        path = self.directory / "acknowledged"
        return path.read_text().split() if path.exists() else []

    def errors(self) -> str:
        return (self.directory / "stderr").read_text()[-6_000:]

    def left_running(self) -> list[int]:
        logins = [read_login(self.directory / "data" / name) for name in ("nats", "postgres")]
        return [pid for login in logins if login for pid in processes.find(login.instance)]


class Report:
    """What is on the log, by subject."""

    def __init__(self, told: dict[str, list[dict[str, str]]]) -> None:
        self.differences = told["differences"]
        self.types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for event in told["events"]:
            self.types[event["subject"]][event["type"]] += 1

    def kinds(self, kind: str) -> dict[str, Counter[str]]:
        return {subject: types for subject, types in self.types.items() if subject.startswith(f"{kind}.")}


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    sys.stdout.write(f"FAULT_SEED={SEED}\n")
    thinking = random.Random(SEED)

    async def think(_: Received) -> None:
        await asyncio.sleep(thinking.uniform(0.02, 0.05))

    async with scripted_model_server() as model:
        model.before_answering = think
        work = Work(tmp_path, model)
        try:
            yield work
        finally:
            if work.engine is not None and work.engine.returncode is None:
                work.engine.kill()
                await work.engine.wait()
            for pid in work.left_running():
                os.kill(pid, signal.SIGKILL)


def assert_each_was_answered_once(work: Work, report: Report) -> None:
    messages, replies = report.kinds("message"), report.kinds("reply")
    acknowledged = work.acknowledged()
    assert len(acknowledged) == len(set(acknowledged)) == work.messages
    assert set(messages) == set(acknowledged)
    assert all(types == {"MessageHeard": 1} for types in messages.values())
    assert len(replies) == work.messages
    for reply, types in replies.items():
        started = types.pop("ReplyStarted")
        failed = types.pop("ReplyFailed", 0)
        assert types == {"ReplyComposed": 1, "ReplyPosted": 1, "ReplyDelivered": 1}, reply
        assert started > failed
    assert report.differences == []


async def finished(work: Work) -> Report:
    """The report once all is done. Every call to the model is on the log, and nothing is left running."""
    report = await work.until_done()
    attempts = sum(types["ReplyStarted"] for types in report.kinds("reply").values())
    sys.stdout.write(f"{len(work.model.requests)} calls, {attempts} attempts\n")
    assert work.messages <= len(work.model.requests) <= attempts
    assert work.left_running() == []
    return report


async def test_an_engine_that_is_killed_twice_loses_nothing_and_answers_each_message_once(work: Work) -> None:
    await work.begin()
    heard_then, asked_then = work.choose.randint(100, 400), work.choose.randint(200, 450)
    await work.until(lambda: len(work.acknowledged()) >= heard_then)
    await work.kill_engine()
    await work.start()
    await work.until(lambda: len(work.model.requests) >= asked_then)
    await work.kill_engine()
    await work.start()
    report = await finished(work)
    assert_each_was_answered_once(work, report)


@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_server_that_is_killed_loses_nothing_and_each_message_is_answered_once(work: Work, server: str) -> None:
    await work.begin()
    heard_then, asked_then = work.choose.randint(100, 400), work.choose.randint(200, 450)
    await work.until(lambda: len(work.acknowledged()) >= heard_then)
    await work.kill_server(server)
    await work.until(lambda: len(work.model.requests) >= asked_then)
    await work.kill_server(server)
    report = await finished(work)
    assert_each_was_answered_once(work, report)


async def test_a_reply_whose_engine_died_while_the_model_was_at_it_is_begun_again(work: Work) -> None:
    dead = asyncio.Event()

    async def until_dead(_: Received) -> None:
        await dead.wait()

    work.model.before_answering = until_dead
    await work.begin(messages=1)
    await work.until(lambda: len(work.model.requests) == 1)
    await work.kill_engine()
    dead.set()
    await work.start()
    report = await finished(work)
    (types,) = report.kinds("reply").values()
    assert types == {"ReplyStarted": 2, "ReplyComposed": 1, "ReplyPosted": 1, "ReplyDelivered": 1}
    assert len(work.model.requests) == 2
    assert report.differences == []
