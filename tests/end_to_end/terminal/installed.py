"""The command line as people run it, over a data directory of its own.

Most commands run in the test's process, which saves each of them the start of an interpreter; what is about processes
(signals, pipes, two at once) gets its own.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.terminal.command_line import build
from adapters.terminal.performing import execute
from tzurot import Root

PROGRAM = Path(sys.executable).with_name("tzurot")
PATIENCE_S = 120


@dataclass(frozen=True)
class Installed:
    """`tzurot` with a data directory of its own; tests/conftest.py emptied the environment."""

    data_dir: Path
    captured: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> str:
        """Run a command that succeeds and says nothing on stderr; returns what it prints."""
        code, out, error = self._run(*arguments)
        assert (code, error) == (0, ""), f"{arguments}: {out}"
        return out

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def log(self, *arguments: str) -> list[Any]:
        return [json.loads(line) for line in self("log", *arguments, "--json").splitlines()]

    def refused(self, *arguments: str) -> str:
        """Run a command that fails; returns the one line that says why."""
        code, out, error = self._run(*arguments)
        assert (code, out) == (1, ""), f"{arguments}: {error}"
        assert error.startswith("Error: ")
        assert error.count("\n") == 1
        return error

    def process(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, *arguments],
            env={**os.environ, "TZUROT_DATA_DIR": str(self.data_dir)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def in_its_own_process(self, *arguments: str, typed: str = "") -> str:
        """Run a command that succeeds and says nothing on stderr, with this on stdin; returns what it prints."""
        process = self.process(*arguments)
        out, error = process.communicate(typed, timeout=PATIENCE_S)
        assert (process.returncode, error) == (0, ""), f"{arguments}: {out}"
        return out

    def _run(self, *arguments: str) -> tuple[int, str, str]:
        self.captured.readouterr()
        code = execute(build(), Root, arguments)
        return code, *self.captured.readouterr()
