"""`doctor`: the command that has everything examined and shows the verdicts."""

from dataclasses import asdict, dataclass
from typing import Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.host import Check
from adapters.terminal.options import Json
from adapters.terminal.screen import Result, Screen, words
from adapters.terminal.session import HostOf, HostRequest
from adapters.terminal.tables import table
from engine.errors import TzurotError
from engine.settings import Settings

STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}


@dataclass(frozen=True)
class Checks(Result):
    """All verdicts."""

    checks: tuple[Check, ...]

    @property
    @override
    def exit_code(self) -> int:
        return 1 if any(check.verdict == "failed" for check in self.checks) else 0

    @override
    def as_json(self) -> dict[str, Any]:
        return {"checks": [asdict(check) for check in self.checks], "ok": self.exit_code == 0}

    @override
    def __rich__(self) -> RenderableType:
        rows = table(("check", "verdict", "found"), ())
        for check in self.checks:
            rows.add_row(words(check.name), words(check.verdict, STYLES[check.verdict]), words(check.found))
        advice = [words(f"{check.name}: {check.advice}") for check in self.checks if check.advice]
        return Group(rows, *advice)


async def diagnose(host_of: HostOf, screen: Screen) -> Checks:
    try:
        settings = Settings.from_environment()
    except TzurotError as error:
        return Checks((Check("settings", "failed", error.message),))
    with screen.waiting("Looking"):
        return Checks(tuple(await host_of(settings).examine()))


def register(app: typer.Typer) -> None:
    @app.command("doctor")
    def doctor_command(*, json: Json = False) -> HostRequest:
        """Look at servers, settings, versions and lag; exit code 1 if anything failed."""
        return HostRequest(diagnose, as_json=json)
