"""`doctor`: servers, settings, versions and lag, each with a verdict."""

import platform
import shutil
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, override
from urllib.parse import urlsplit

import typer
from rich.console import Group, RenderableType

from adapters.terminal.host import Check, Host
from adapters.terminal.options import Json
from adapters.terminal.screen import Result, Screen, words
from adapters.terminal.session import READS, HostOf, HostRequest
from adapters.terminal.tables import table
from engine.errors import ProjectionsBehind, TzurotError
from engine.settings import Settings

LITTLE_DISK_BYTES = 2 * 1024**3
CATCH_UP_PATIENCE_S = 20.0
OLDEST_PYTHON = (3, 12)
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


async def examine(host: Host, settings: Settings) -> list[Check]:
    """Look at everything. Raises nothing: what fails is a verdict."""
    checks = [_python(), _disk(settings.data_dir), _model(settings), _discord(settings)]
    log = await _verdict("log", lambda: _log(host, settings))
    checks += log
    if all(check.verdict != "failed" for check in log):
        checks += await _verdict("projections", lambda: _projections(host, settings))
    return checks


async def _verdict(name: str, look: Callable[[], Awaitable[list[Check]]]) -> list[Check]:
    try:
        return await look()
    except TzurotError as error:
        return [Check(name, "failed", error.message)]
    except Exception as error:  # noqa: BLE001 - the verdict is what it comes to
        first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
        found = first.message if isinstance(first, TzurotError) else f"{type(first).__name__} when it was opened"
        return [Check(name, "failed", found)]


def _python() -> Check:
    found = f"Python {platform.python_version()} on {platform.system()}"
    if sys.version_info < OLDEST_PYTHON:
        return Check("python", "failed", found, "Install Python 3.12 or later.")
    return Check("python", "ok", found)


def _disk(data_dir: Path) -> Check:
    there = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    found = f"{data_dir}, {free / 1024**3:.1f} GiB free"
    if free < LITTLE_DISK_BYTES:
        return Check("data directory", "warning", found, "Make room: a full log refuses new events.")
    return Check("data directory", "ok", found)


def _model(settings: Settings) -> Check:
    if settings.is_offline:
        advice = "Set OPENAI_API_KEY (or OPENAI_BASE_URL for a compatible server) and OPENAI_MODEL for a real model."
        return Check("model", "ok", "offline: it quotes, and understands nothing", advice)
    host = urlsplit(settings.openai_base_url or "").hostname or "api.openai.com"
    return Check("model", "ok", f"{settings.openai_model or 'the preset names it'} at {host}")


def _discord(settings: Settings) -> Check:
    return Check(
        "discord", "ok", "configured" if settings.discord_token else "not configured: DISCORD_TOKEN is not set"
    )


async def _log(host: Host, settings: Settings) -> list[Check]:
    where = "the server of NATS_URL" if settings.nats_url else "the embedded nats-server"
    async with host.log_only() as log:
        last = await log.log.last_position()
    return [
        Check("log", "ok", f"{where}, {last:,} positions"),
        Check("key ring", "ok", f"{settings.key_ring_path}, belongs to this log"),
    ]


async def _projections(host: Host, settings: Settings) -> list[Check]:
    where = "the database of DATABASE_URL" if settings.database_url else "the embedded Postgres"
    async with host.opened(READS) as opened:
        last = await opened.engine.log.last_position()
        with suppress(ProjectionsBehind):  # how far behind they are is what is reported
            await opened.engine.read.wait_for(last, timeout_s=CATCH_UP_PATIENCE_S)
        positions = await opened.replay.positions()
        versions = ", ".join(f"{name} {version}" for name, version in opened.versions.items())
    checks = [Check("database", "ok", where)]
    for name, position in sorted(positions.items()):
        lag = max(0, last - position)
        advice = "Leave `tzurot up` running until it has caught up." if lag else ""
        checks.append(Check(f"projection {name}", "warning" if lag else "ok", f"{lag:,} behind the log", advice))
    return [*checks, Check("versions", "ok", versions)]


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
