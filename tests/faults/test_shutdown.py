"""An engine that is told to stop leaves nothing running, whatever it was doing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.embedded import processes
from adapters.embedded.logins import read_login

PROJECT = Path(__file__).parents[2]
PATIENCE_S = 60.0
LOOK_AGAIN_S = 0.01
STOPPED, TERMINATED, INTERRUPTED = 0, 143, 130


class Program:
    """`tzurot up` in a process of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.directory / "output").open("wb") as output:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                "import tzurot; tzurot.main()",
                "up",
                cwd=PROJECT,
                stdout=output,
                stderr=output,
                env={**os.environ, "TZUROT_DATA_DIR": str(self.directory / "data")},
            )

    async def until(self, condition: Callable[[], bool]) -> None:
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                assert self.process.returncode is None, self.output()
                await asyncio.sleep(LOOK_AGAIN_S)

    async def told(self, number: signal.Signals) -> int:
        """Send the signal; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    def output(self) -> str:
        return (self.directory / "output").read_text()

    def left_running(self) -> list[int]:
        logins = [read_login(self.directory / "data" / name) for name in ("nats", "postgres")]
        return [pid for login in logins if login for pid in processes.find(login.instance)]

    def is_starting_servers(self) -> bool:
        return (self.directory / "data" / "nats" / "process").exists()


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    program = Program(tmp_path)
    await program.start()
    try:
        yield program
    finally:
        if program.process is not None and program.process.returncode is None:
            program.process.kill()
            await program.process.wait()
        for pid in program.left_running():
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_engine_that_is_told_to_stop_stops_its_servers_and_ends_well(
    program: Program, number: signal.Signals
) -> None:
    await program.until(lambda: "Tzurot is up" in program.output())
    assert program.left_running() != []
    assert await program.told(number) == STOPPED, program.output()
    assert program.left_running() == []
    assert "Traceback" not in program.output()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, TERMINATED), (signal.SIGINT, INTERRUPTED)])
async def test_an_engine_that_is_told_to_stop_while_it_starts_leaves_no_server(
    program: Program, number: signal.Signals, code: int
) -> None:
    await program.until(program.is_starting_servers)
    assert await program.told(number) == code, program.output()
    assert program.left_running() == []
    assert "Traceback" not in program.output()
