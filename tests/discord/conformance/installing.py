"""Brings the libraries of others into environments of their own, below the ignored `.cache/`, at their first use.

What is installed is pinned beside each bot (`requirements.txt`, `package-lock.json`); an environment is named for its
pins and its interpreter, so a new pin makes a new one.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CACHE = ROOT / ".cache" / "foreign-clients"
INSTALL_TIMEOUT_S = 180
INSTALLED = ".installed"  # written last: an environment without it is half a one

# How npm, uv and pip say that nobody was there to download from.
UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED"
    r"|dns error|error sending request|Could not connect|operation timed out|client error \(Connect\)"
    r"|Failed to establish a new connection|Temporary failure in name resolution|timed out",
    re.IGNORECASE,
)


class NotToBeHad(Exception):
    """This machine cannot have that library; the message says what it lacks."""


def python_with(bot: str, environment: Mapping[str, str]) -> Path:
    """An interpreter like this one that has what `bot`'s requirements.txt pins."""
    pins = HERE / bot / "requirements.txt"
    place = CACHE / f"{bot}-{_digest(pins)}-py{sys.version_info.major}.{sys.version_info.minor}"
    python = place / "bin" / "python"
    with _one_at_a_time(place):
        if not (place / INSTALLED).exists():
            shutil.rmtree(place, ignore_errors=True)
            for command in _python_steps(place, python, pins):
                _run(bot, command, environment)
            (place / INSTALLED).touch()
    return python


def node_modules_with(bot: str, environment: Mapping[str, str]) -> Path:
    """A `node_modules` that has what `bot`'s package-lock.json pins."""
    if missing := [tool for tool in ("node", "npm") if shutil.which(tool) is None]:
        raise NotToBeHad(f"{bot} runs on node, and this machine has no {' and no '.join(missing)}")
    pins = HERE / bot / "package-lock.json"
    place = CACHE / f"{bot}-{_digest(pins)}"
    with _one_at_a_time(place):
        if not (place / INSTALLED).exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            for each in (pins, pins.with_name("package.json")):
                shutil.copy(each, place)
            _run(bot, _npm_ci(place), environment)
            (place / INSTALLED).touch()
    return place / "node_modules"


def _python_steps(place: Path, python: Path, pins: Path) -> Sequence[Sequence[str]]:
    uv = shutil.which("uv") or (str(ROOT / ".uv/bin/uv") if (ROOT / ".uv/bin/uv").exists() else None)
    if uv is not None:
        return (
            (uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(place)),
            (uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(pins)),
        )
    return (
        (sys.executable, "-m", "venv", str(place)),
        (str(python), "-m", "pip", "install", "--quiet", "--retries", "1", "--requirement", str(pins)),
    )


def _npm_ci(place: Path) -> Sequence[str]:
    quick_to_give_up = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
    return ("npm", "ci", "--prefix", str(place), "--ignore-scripts", "--no-audit", "--no-fund", *quick_to_give_up)


def _run(bot: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **environment},
            cwd=CACHE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotToBeHad(f"{bot} was not installed within {INSTALL_TIMEOUT_S} s: no registry answers") from error
    if done.returncode and UNREACHABLE.search(done.stdout):
        raise NotToBeHad(f"{bot} is not installed yet, and no registry can be reached to fetch it from")
    assert done.returncode == 0, f"installing {bot}: {' '.join(command)}\n{done.stdout}"


@contextmanager
def _one_at_a_time(place: Path) -> Iterator[None]:
    """Several runs of the tests may want the same environment at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(pins: Path) -> str:
    return hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
