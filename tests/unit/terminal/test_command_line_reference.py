import re
import shlex
from pathlib import Path

import pytest
import typer

from adapters.terminal.command_line import build
from adapters.terminal.performing import parsed
from adapters.terminal.reference import commands, options, reference
from adapters.terminal.session import HostRequest, LogRequest, Request

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = DOCS / "reference" / "command-line.md"
TUTORIAL = DOCS / "tutorial" / "first-conversation.md"

SHELL_LINES = re.findall(r"^\$ tzurot (.+)$", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE)

NAMED_IN_THE_ISSUE = """
    up, chat, say, log, why, undo, rebuild, verify, doctor, demo, history clear, history undo, history stats,
    memory list,
    memory search, memory forget, memory restore, message erase, message edit, character create, character list,
    character view, character edit, character delete, preset create, preset list, preset edit, preset delete
"""


def test_the_reference_is_what_the_commands_say() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(build()), (
        "write it anew: python -m adapters.terminal.reference > docs/reference/command-line.md"
    )


def test_every_command_and_option_has_a_help_text() -> None:
    for path, command in commands(typer.main.get_command(build()), "tzurot"):
        assert command.help, path
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{path} {parameter.name}"


def test_every_command_that_was_asked_for_is_there() -> None:
    there = {path.removeprefix("tzurot ") for path, _ in commands(typer.main.get_command(build()), "tzurot")}
    asked = {" ".join(name.split()) for name in NAMED_IN_THE_ISSUE.split(",")}
    assert there == asked


def test_every_command_that_prints_data_prints_json() -> None:
    talkative = {"tzurot up", "tzurot chat", "tzurot demo"}
    for path, command in commands(typer.main.get_command(build()), "tzurot"):
        has_json = any("--json" in option.opts for option in options(command))
        assert has_json == (path not in talkative), path


@pytest.mark.parametrize("line", SHELL_LINES)
def test_a_line_of_the_tutorial_is_a_command(line: str) -> None:
    assert isinstance(parsed(build(), shlex.split(line), program="tzurot"), Request | LogRequest | HostRequest)


def test_an_app_of_somebody_else_belongs_to_the_command_line() -> None:
    bench = typer.Typer(name="bench", help="Measure.")

    @bench.command("append")
    def append() -> int:
        return 3

    @bench.command("turn")
    def turn() -> None: ...

    assert parsed(build(bench), ["bench", "append"], program="tzurot") == 3
