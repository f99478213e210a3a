"""One process's hold on one embedded server, shared with every other process on the same data directory.

Each process that uses the server holds a lease. One of them also holds the supervisor's lock: it starts the server,
watches it, and starts it again when it dies. If that one leaves or is killed, another takes the lock over. The last
one out stops the server. A server whose users were all killed goes on running, and the next one to come adopts it.

    coming   inside the gate: take a lease
             then: take the lock and start (or adopt) the server, or wait until the lock's holder has started it
    leaving  inside the gate: give up the lease, take or keep the lock if no lease is left, strike the record
             then: whoever has the lock and was last stops the server

The gate makes "nobody is left" and "somebody comes" exclude each other; striking the record of the running process
keeps a newcomer from attaching to a server that is about to stop.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from signal import Signals
from typing import Protocol

from adapters.embedded import processes
from adapters.embedded.leases import FileLock, Lease, gate, is_anyone_left
from adapters.embedded.logins import (
    Login,
    at_free_port,
    is_port_free,
    new_login,
    read_login,
    write_login,
    write_private,
)
from engine.errors import ServersUnavailable

_POLL_S = 0.05
_WATCH_S = 0.2
_STAND_BY_S = 0.5
_PROBE_EVERY_S = 5.0
_PROBES_MISSED_LIMIT = 4  # up to 40 s: a machine may be that busy
_START_TIMEOUT_S = 60.0  # a database that was killed recovers first
_ADOPT_TIMEOUT_S = 5.0
_ATTACH_TIMEOUT_S = 90.0  # the other one may be creating, recovering and starting
_STOP_TIMEOUT_S = 20.0
_PORT_ATTEMPTS = 3
_BACKOFF_FIRST_S, _BACKOFF_LAST_S = 0.1, 10.0
_STEADY_S = 60.0  # having run so long, a server is forgiven its earlier deaths

_log = logging.getLogger(__name__)


class Server(Protocol):
    """What one program knows about itself."""

    name: str
    instead: str  # the variable that names a server to use instead
    stop_signal: Signals

    def url(self, login: Login) -> str: ...

    async def prepare(self, login: Login) -> processes.Command:
        """Make the files it needs; nothing of the instance runs."""
        ...

    async def settle(self, login: Login) -> None:
        """Finish a start, once it answers."""
        ...

    async def answers(self, login: Login) -> bool: ...


class Attachment:
    """Use it once: `open`, then `close`, also when `open` failed half-way."""

    def __init__(self, server: Server, home: Path) -> None:
        self._server = server
        self._home = home
        self._record = home / "process"  # the number of the running process, and "ready" once it can be used
        self._gate_path = home / "gate.lock"
        self._log_path = home / "server.log"
        self._lock = FileLock(home / "supervisor.lock")
        self._lease = Lease(home)
        self._is_leased = False
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Take part, with the server running and answering; returns its URL."""
        async with gate(self._gate_path):
            self._lease.take()
            self._is_leased = True
        deadline = time.monotonic() + _ATTACH_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._lock.try_take():
                login = await self._adopt() or await self._start_first()
                self._watch(self._supervise(login))
                return self._server.url(login)
            known = read_login(self._home)
            if known and self._is_ready(known) and await self._server.answers(known):
                self._watch(self._stand_by())
                return self._server.url(known)
            await asyncio.sleep(_POLL_S)
        raise self._unavailable("another process on this data directory has been starting it for too long")

    async def close(self) -> None:
        """Leave; the last one out stops the server."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if not self._is_leased:
            return
        async with gate(self._gate_path):
            self._lease.release()
            self._is_leased = False
            is_last = self._lock.try_take() and not is_anyone_left(self._home)
            pid, _ = self._recorded()
            if is_last:
                self._record.unlink(missing_ok=True)
            else:
                self._lock.release()
        if is_last:
            login = read_login(self._home)
            if login is not None and pid is not None:
                await self._end(pid, login)
            self._lock.release()

    # -- starting --------------------------------------------------------------------------------------------------

    async def _adopt(self) -> Login | None:
        """The login of a server that was left running, if it still answers."""
        login, (pid, _) = read_login(self._home), self._recorded()
        if login is None or pid is None:
            return None
        deadline = time.monotonic() + _ADOPT_TIMEOUT_S
        while processes.is_alive(pid, login.instance) and time.monotonic() < deadline:
            if await self._server.answers(login):
                try:
                    await self._settle(pid, login)
                except ServersUnavailable as error:  # it is of no use: the caller starts another
                    _log.warning("%s", error.message)
                    return None
                return login
            await asyncio.sleep(_POLL_S)
        return None

    async def _settle(self, pid: int, login: Login) -> None:
        await self._server.settle(login)
        write_private(self._record, f"{pid} ready")

    async def _start_first(self) -> Login:
        """Start it for ourselves; its port may still change, unless others know it already."""
        async with gate(self._gate_path):
            is_port_known = is_anyone_left(self._home, besides=self._lease)
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            login = read_login(self._home) or new_login(self._home)
            if not is_port_known:
                login = at_free_port(login)
            write_login(self._home, login)
            try:
                await self._start(login)
            except ServersUnavailable:
                # a port that was taken between choosing and using it is the one failure that another attempt cures
                if attempt == _PORT_ATTEMPTS or is_port_known or is_port_free(login.port):
                    raise
            else:
                return login
        raise AssertionError("the last attempt returns or raises")

    async def _start(self, login: Login) -> None:
        await processes.kill_all(login.instance)
        try:
            command = await self._server.prepare(login)
        except OSError as error:
            raise self._unavailable(f"{error.filename or self._home}: {error.strerror}") from error
        pid = self._spawn(command)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not await self._server.answers(login):
            if not processes.is_alive(pid, login.instance):
                raise self._unavailable("it ended at once")
            if time.monotonic() > deadline:
                await self._end(pid, login)
                raise self._unavailable(f"it did not answer within {_START_TIMEOUT_S:.0f} s")
            await asyncio.sleep(_POLL_S)
        await self._settle(pid, login)

    def _spawn(self, command: processes.Command) -> int:
        try:
            pid = processes.spawn(command, self._log_path)
        except OSError as error:
            raise self._unavailable(f"its program cannot be run ({error.strerror})") from error
        write_private(self._record, str(pid))
        return pid

    # -- watching --------------------------------------------------------------------------------------------------

    def _watch(self, work: Coroutine[None, None, None]) -> None:
        self._watching = asyncio.create_task(work)
        self._watching.add_done_callback(self._report)

    def _report(self, watching: asyncio.Task[None]) -> None:
        """Say it if the watch ended by itself: it is made to end by cancelling only."""
        if not watching.cancelled() and (error := watching.exception()):
            _log.error("%s is no longer watched", self._server.name, exc_info=error)

    async def _stand_by(self) -> None:
        """Wait until the supervisor's place is free, then take it and finish what was begun."""
        while not self._lock.try_take():  # noqa: ASYNC110 -- another process cannot set our event
            await asyncio.sleep(_STAND_BY_S)
        login = read_login(self._home)
        assert login is not None, "it was read when attaching"
        await self._adopt()
        await self._supervise(login)

    async def _supervise(self, login: Login) -> None:
        """Start the server again whenever it dies or stops answering, for as long as this process takes part."""
        backoff_s = 0.0
        while True:
            since = time.monotonic()
            reason = await self._until_unwell(login)
            if time.monotonic() - since > _STEADY_S:
                backoff_s = 0.0
            _log.warning("%s %s: starting it again in %.1f s", self._server.name, reason, backoff_s)
            await asyncio.sleep(backoff_s)
            backoff_s = min(_BACKOFF_LAST_S, max(_BACKOFF_FIRST_S, backoff_s * 2))
            try:
                await self._start(login)
            except (ServersUnavailable, OSError) as error:  # the next round tries again, later
                _log.warning("%s", error)
            else:
                _log.warning("%s runs again", self._server.name)

    async def _until_unwell(self, login: Login) -> str:
        missed = 0
        next_probe = time.monotonic() + _PROBE_EVERY_S
        while self._is_ready(login):
            if time.monotonic() >= next_probe:
                missed = 0 if await self._server.answers(login) else missed + 1
                next_probe = time.monotonic() + _PROBE_EVERY_S
                if missed == _PROBES_MISSED_LIMIT:
                    return "no longer answers"
            await asyncio.sleep(_WATCH_S)
        return "does not run"

    # -- the running process -----------------------------------------------------------------------------------------

    def _recorded(self) -> tuple[int | None, bool]:
        """The process that was started last, and whether it got as far as being ready."""
        try:
            pid, *ready = self._record.read_text().split()
        except FileNotFoundError:  # nothing runs, or it is being stopped
            return None, False
        return int(pid), bool(ready)

    def _is_ready(self, login: Login) -> bool:
        pid, is_ready = self._recorded()
        return pid is not None and is_ready and processes.is_alive(pid, login.instance)

    async def _end(self, pid: int, login: Login) -> None:
        await processes.end(pid, login.instance, first=self._server.stop_signal, patience_s=_STOP_TIMEOUT_S)

    def _unavailable(self, reason: str) -> ServersUnavailable:
        return ServersUnavailable(
            f"{self._server.name} does not start: {reason}. Set {self._server.instead} to use a server of your own, "
            f"or see what is wrong from the end of its log, {self._log_path}:\n{processes.tail(self._log_path)}"
        )


async def close_all(attachments: Sequence[Attachment]) -> None:
    await asyncio.gather(*(attachment.close() for attachment in attachments))
