"""Lines from stdin, without a thread: one that blocks in a read could not be ended when the person leaves."""

import asyncio
import os
import stat
import sys

READ_BYTES = 65_536


class Lines:
    """Reads line by line. Bytes read ahead stay here, so a process needs one of these for its stdin."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._is_at_end = False

    async def next(self) -> str | None:
        """The next line without its end, None when there are no more."""
        while b"\n" not in self._buffer and not self._is_at_end:
            chunk = await self._read()
            self._buffer += chunk
            self._is_at_end = not chunk
        line, newline, self._buffer = self._buffer.partition(b"\n")
        if not line and not newline:
            return None
        return line.decode("utf-8", "replace").removesuffix("\r")

    async def _read(self) -> bytes:
        descriptor = sys.stdin.fileno() if self._descriptor is None else self._descriptor
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # a file never lets one wait, and cannot be waited for
            return os.read(descriptor, READ_BYTES)
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        try:
            loop.add_reader(descriptor, readable.set)
        except (NotImplementedError, PermissionError):  # no such waiting here (Windows, /dev/null): block instead
            return await asyncio.to_thread(os.read, descriptor, READ_BYTES)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(descriptor)
        return os.read(descriptor, READ_BYTES)
