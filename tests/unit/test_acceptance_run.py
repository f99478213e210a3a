"""What `.ci/run` prints: whoever reads its output finds the count of tests in its last line."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_tests_are_the_last_thing_that_is_run() -> None:
    commands = [line.partition("#")[0].split() for line in (ROOT / ".ci/run").read_text().splitlines()]
    assert [command for command in commands if command][-1] == ["make", "test"]


def test_a_test_run_ends_in_a_line_that_counts_the_tests(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one() -> None: ...\n")
    bare = {"PATH": os.environ["PATH"]}
    asked = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True, env=bare)
    _, *arguments = shlex.split(asked.stdout.splitlines()[-1])
    command = [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=bare)
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("=====")
    assert " 1 passed in " in last
