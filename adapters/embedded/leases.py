"""Who uses a server, told by file locks that vanish with the process that holds them.

A lease is a file of its own that one process holds locked; a lock is a file that one process at a time can hold. Both
are `flock`s: the kernel drops them when the holder dies, however it dies, so nothing here can become stale except an
unlocked file, which the next one to look removes. Locks belong to an open file, so two holders in one process are two
holders.
"""

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_GATE_RETRY_S = 0.01


class FileLock:
    """A file that at most one holder has locked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def try_take(self) -> bool:
        """Take the lock if nobody has it; true if it is held now."""
        if self._fd is not None:
            return True
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # somebody else has it: the caller is told so
            os.close(fd)
            return False
        self._fd = fd
        return True

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class Lease:
    """The mark of one process that uses the server in `directory`. Take and release it inside the gate."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / f"{os.getpid()}-{secrets.token_hex(4)}.lease"
        self._lock = FileLock(self._path)

    def take(self) -> None:
        is_taken = self._lock.try_take()
        assert is_taken, "a lease has a name of its own"

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        self._lock.release()


def is_anyone_left(directory: Path, *, besides: Lease | None = None) -> bool:
    """Whether a live process holds a lease here; removes those of dead ones. Call it inside the gate."""
    is_left = False
    for path in directory.glob("*.lease"):
        if besides is not None and path == besides._path:  # noqa: SLF001 -- the same module's class
            continue
        lock = FileLock(path)
        if lock.try_take():
            path.unlink(missing_ok=True)
            lock.release()
        else:
            is_left = True
    return is_left


@asynccontextmanager
async def gate(path: Path) -> AsyncIterator[None]:
    """One at a time, across processes, for the few file operations of coming and going."""
    lock = FileLock(path)
    while not lock.try_take():  # noqa: ASYNC110 -- another process cannot set our event
        await asyncio.sleep(_GATE_RETRY_S)
    try:
        yield
    finally:
        lock.release()
