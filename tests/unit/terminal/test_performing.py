import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from rich.text import Text

from adapters.terminal.host import ALL_ROLES
from adapters.terminal.performing import execute
from adapters.terminal.screen import Result
from adapters.terminal.session import Request, Session
from engine.errors import NotFound


class Answer(Result):
    def __init__(self, code: int = 0, problem: str | None = None) -> None:
        self.code, self.problem = code, problem

    @property
    def exit_code(self) -> int:
        return self.code

    @property
    def error(self) -> str | None:
        return self.problem

    def as_json(self) -> Any:
        return {"answer": 42, "word": "é"}

    def __rich__(self) -> Text:
        return Text("forty-two")


class FakeHost:
    """Opens a task group round whoever uses it, as the root does."""

    def __init__(self) -> None:
        self.roles: frozenset[str] = frozenset()
        self.is_closed = False
        self.waited_for = 0

    @asynccontextmanager
    async def opened(self, roles: frozenset[str] = ALL_ROLES, *, on_progress: object = None) -> AsyncIterator[Any]:
        self.roles = roles
        try:
            async with asyncio.TaskGroup():
                yield SimpleNamespace(engine=SimpleNamespace(log=self, read=self))
        finally:
            self.is_closed = True

    async def last_position(self) -> int:
        return 7

    async def wait_for(self, position: int, *, timeout_s: float) -> None:
        self.waited_for = position


def run(perform: Any, *arguments: str, **request: Any) -> tuple[int, FakeHost]:
    app = typer.Typer()

    @app.command("it")
    def it(*, json: bool = False) -> Request:
        return Request(perform, as_json=json, **request)

    @app.command("other")
    def other() -> None: ...

    host = FakeHost()
    code = execute(app, lambda settings: host, arguments or ("it",))  # type: ignore[arg-type, return-value]
    return code, host


async def answer(session: Session) -> Answer:
    return Answer()


def test_a_result_is_shown_and_the_engine_closed(capsys: pytest.CaptureFixture[str]) -> None:
    code, host = run(answer)
    assert (code, host.is_closed, host.waited_for) == (0, True, 7)
    assert capsys.readouterr() == ("forty-two\n", "")


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    run(answer, "it", "--json")
    assert capsys.readouterr().out == '{\n  "answer": 42,\n  "word": "é"\n}\n'


def test_only_the_roles_that_a_command_needs_are_played() -> None:
    assert run(answer)[1].roles == {"projections"}
    assert run(answer, roles=ALL_ROLES)[1].roles == ALL_ROLES


def test_a_result_that_is_no_success_has_its_exit_code_and_its_error_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fail(session: Session) -> Answer:
        return Answer(1, "It did not work.")

    assert run(fail)[0] == 1
    assert capsys.readouterr() == ("", "Error: It did not work.\n")


def test_an_error_of_ours_is_one_line_also_out_of_a_group_of_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    async def refuse(session: Session) -> None:
        raise NotFound("There is no such\nthing.")

    code, host = run(refuse)
    assert (code, host.is_closed) == (1, True)
    assert capsys.readouterr() == ("", "Error: There is no such thing.\n")


def test_a_fault_is_told_without_traceback_and_without_what_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    async def break_down(session: Session) -> None:
        raise KeyError("something that was said")

    assert run(break_down)[0] == 1
    error = capsys.readouterr().err
    assert "KeyError" in error
    assert "something that was said" not in error
    assert "Traceback" not in error


def test_a_fault_is_raised_when_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def break_down(session: Session) -> None:
        raise KeyError

    monkeypatch.setenv("TZUROT_TRACEBACK", "1")
    with pytest.raises(ExceptionGroup):
        run(break_down)


def test_ctrl_c_leaves_with_its_own_exit_code() -> None:
    async def interrupt(session: Session) -> None:
        raise KeyboardInterrupt

    assert run(interrupt)[0] == 130


@pytest.mark.parametrize("arguments", [("nope",), ("it", "--nope"), ("it", "extra")])
def test_a_wrong_command_line_is_said_in_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(answer, *arguments)[0] == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("Error: ")
    assert "--help`" in error
    assert error.count("\n") == 1


def test_help_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(answer, "it", "--help")[0] == 0
    assert "--json" in capsys.readouterr().out
