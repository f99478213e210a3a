import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.benchmarks import build, turn
from adapters.benchmarks.command_line import OnProgress
from adapters.benchmarks.report import Report, compared
from adapters.benchmarks.sizes import AppendSizes
from adapters.terminal.command_line import build as whole_command_line
from adapters.terminal.host import Host
from adapters.terminal.performing import execute
from engine.settings import Settings


def no_host(settings: Settings) -> Host:
    raise AssertionError("nothing is opened to show help")


@pytest.mark.parametrize("command", ["append", "rebuild", "turn", "discord", "all"])
def test_every_benchmark_is_a_command_with_help_and_json(command: str) -> None:
    result = CliRunner().invoke(build(no_host), [command, "--help"], env={"COLUMNS": "120", "NO_COLOR": "1"})
    assert result.exit_code == 0
    assert "--json" in result.output


def test_json_is_printed_where_it_is_asked_for_and_a_table_where_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[AppendSizes] = []

    async def measured(sizes: AppendSizes, on_progress: OnProgress) -> Report:
        asked.append(sizes)
        on_progress("measuring", 1, 1)
        return Report("append", compared("messages", "commands/s", {"engine": [1.0], "bare": [2.0]}))

    monkeypatch.setattr("adapters.benchmarks.append.bench_append", measured)
    as_json = CliRunner().invoke(build(no_host), ["append", "--json", "--pairs", "3"])
    assert [report["benchmark"] for report in json.loads(as_json.stdout)] == ["append"]
    as_table = CliRunner().invoke(build(no_host), ["append", "--commands", "9"], env={"COLUMNS": "120"})
    assert "commands/s" in as_table.stdout
    assert (asked[0].pairs, asked[1].commands) == (3, 9)


def test_a_benchmark_that_fails_inside_what_it_opened_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def silent(said: object) -> None:
        """It is heard, and nothing more comes of it."""

    async def measured(*_: object) -> Report:
        engine: Any = SimpleNamespace(clock=lambda: datetime(2031, 5, 4, tzinfo=UTC))
        engine.messages = SimpleNamespace(hear=silent)
        opened: Any = SimpleNamespace(engine=engine)
        model: Any = SimpleNamespace(asked_at_s=asyncio.Queue())
        async with asyncio.TaskGroup():
            await turn._turn(turn.Speaker(opened, model, "p", "wick", "terminal-bench"), "1")
        raise AssertionError("it came to something")

    monkeypatch.setattr(turn, "REPLY_TIMEOUT_S", 0.0)
    monkeypatch.setattr(turn, "bench_turn", measured)
    assert execute(whole_command_line(build(no_host)), no_host, ["bench", "turn"]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("Error: A turn of the benchmark did not reach the model within 0 s")
    assert error.count("\n") == 1


def test_sizes_that_make_no_measurement_are_refused() -> None:
    result = CliRunner().invoke(build(no_host), ["append", "--pairs", "0"])
    assert result.exit_code == 2
