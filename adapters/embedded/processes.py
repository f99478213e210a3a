"""Child processes: started, known again, reaped and ended.

A process is known by the instance name on its command line, never by its number alone: numbers are used again, and the
one who looks may not be the one who started it. A zombie counts as dead, wherever its parent forgot to reap it.
"""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from adapters.embedded.accounts import Account

_POLL_S = 0.02
_KILL_TIMEOUT_S = 10.0
_LOG_LIMIT_BYTES = 4 * 1024 * 1024
_TAIL_BYTES = 16 * 1024
_TAIL_LINES = 12

# Processes started here. They are kept until they are reaped, which may be long after their starter has left.
_children: dict[int, "_Child"] = {}


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """How to run a server: `cwd` is entered before the account is changed."""

    arguments: Sequence[str | Path]
    cwd: Path
    account: Account | None = None


def environment() -> dict[str, str]:
    """What a server sees of ours: nothing, so that no key and no setting of the user's gets into it."""
    return {"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"}


def spawn(command: Command, log: Path) -> int:
    """Start a server in a session of its own, so that a Ctrl-C meant for us does not reach it."""
    _rotate(log)
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    account = command.account
    try:
        child = subprocess.Popen(  # noqa: S603 -- the arguments are ours
            command.arguments,
            cwd=command.cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=fd,
            stderr=fd,
            start_new_session=True,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
            umask=0o077,
        )
    finally:
        os.close(fd)
    _children[child.pid] = _Child(child, tuple(str(argument) for argument in command.arguments))
    return child.pid


def is_alive(pid: int, instance: str) -> bool:
    """Whether this process runs and is one of the instance's."""
    _reap()
    if (child := _children.get(pid)) is not None:
        # what we gave it: for an instant after it was started, the system shows no command line
        return _is_of(instance, child.arguments)
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _is_of(instance, process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # gone, or a stranger's: not ours in either case
        return False


def _reap() -> None:
    for pid, child in list(_children.items()):
        if child.process.poll() is not None:
            del _children[pid]


def find(instance: str) -> list[int]:
    """Every live process of the instance, whoever started it."""
    _reap()
    started_here = {pid for pid, child in _children.items() if _is_of(instance, child.arguments)}
    seen = {
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE and _is_of(instance, process.info["cmdline"] or [])
    }
    return sorted(started_here | seen)


def _is_of(instance: str, arguments: Sequence[str]) -> bool:
    # a server's own argument ("-n NAME", "cluster_name=NAME") or the title a Postgres worker gives itself
    return any(
        argument in (instance, f"cluster_name={instance}") or argument.startswith(f"postgres: {instance}: ")
        for argument in arguments
    )


async def end(pid: int, instance: str, *, first: signal.Signals, patience_s: float) -> None:
    """Ask a process to leave, wait, and make it; return when it and everything of its instance is gone."""
    if is_alive(pid, instance):
        _signal(pid, first)
        await _until_gone(instance, patience_s)
    await kill_all(instance)


async def kill_all(instance: str) -> None:
    """Kill what is left of an instance, children of a dead parent among it."""
    for pid in find(instance):
        _signal(pid, signal.SIGKILL)
    await _until_gone(instance, _KILL_TIMEOUT_S)


async def _until_gone(instance: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    pids = find(instance)
    while pids and time.monotonic() < deadline:
        await asyncio.sleep(_POLL_S)
        pids = [pid for pid in pids if is_alive(pid, instance)]


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:  # it has gone by itself: that is what was wanted
        return


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".old.log"))


def tail(log: Path) -> str:
    """The last lines of a server's own log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:  # it never came to write one
        return "(it wrote no log)"
    return "\n".join(lines[-_TAIL_LINES:]) or "(its log is empty)"
