import pytest
from typer.testing import CliRunner

from adapters.benchmarks import build
from adapters.terminal.host import Host
from engine.settings import Settings


def no_host(settings: Settings) -> Host:
    raise AssertionError("nothing is opened to show help")


@pytest.mark.parametrize("command", ["append", "rebuild", "turn", "all"])
def test_every_benchmark_is_a_command_with_help_and_json(command: str) -> None:
    result = CliRunner().invoke(build(no_host), [command, "--help"], env={"COLUMNS": "120", "NO_COLOR": "1"})
    assert result.exit_code == 0
    assert "--json" in result.output
