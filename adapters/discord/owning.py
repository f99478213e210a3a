"""Which process keeps a shard: the one that holds its lease, so that a shard is connected once, whatever runs.

A lease is a key in a NATS bucket whose entries vanish when they are not renewed. Whoever creates it holds it; the
others wait, and one of them takes over when the holder lets go or is gone. A holder that cannot renew in time gives its
connection up before anybody else may have taken the lease.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

import nats.errors
from nats.aio.client import Client
from nats.js.api import KeyValueConfig, StorageType
from nats.js.errors import BucketNotFoundError, KeyValueError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue

LIFETIME_S = 15.0
MAX_BYTES = 1_000_000

_log = logging.getLogger(__name__)


class Lost(Exception):
    """Somebody else holds the lease, or nobody can say who does."""


class Leases(Protocol):
    """Leases by name. A `revision` stands for having one."""

    @property
    def lifetime_s(self) -> float: ...

    async def take(self, name: str) -> int:
        """Raises Lost while another holds it."""
        ...

    async def renew(self, name: str, revision: int) -> int:
        """Raises Lost."""
        ...

    async def let_go(self, name: str, revision: int) -> None: ...


@dataclass(frozen=True, slots=True)
class NatsLeases:
    """Implements Leases; `bucket` is one of NATS's key-value store."""

    client: Client
    bucket: str
    lifetime_s: float = LIFETIME_S

    async def take(self, name: str) -> int:
        return await self._tried(lambda store: store.create(name, b"held"))

    async def renew(self, name: str, revision: int) -> int:
        return await self._tried(lambda store: store.update(name, b"held", last=revision))

    async def let_go(self, name: str, revision: int) -> None:
        with suppress(Lost):  # then it is another's already, or ends by itself
            await self._tried(lambda store: store.delete(name, last=revision))

    async def _tried[T](self, act: Callable[[KeyValue], Awaitable[T]]) -> T:
        try:
            return await act(await self._store())
        except KeyWrongLastSequenceError as error:
            raise Lost from error
        except (KeyValueError, nats.errors.Error, OSError) as error:
            raise Lost(type(error).__name__) from error

    async def _store(self) -> KeyValue:
        jetstream = self.client.jetstream()
        try:
            return await jetstream.key_value(self.bucket)
        except BucketNotFoundError:
            config = KeyValueConfig(
                bucket=self.bucket, ttl=self.lifetime_s, storage=StorageType.MEMORY, max_bytes=MAX_BYTES
            )
            return await jetstream.create_key_value(config)


async def while_held(leases: Leases, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work for as long as the lease is held, again each time that it is; raises what the work raises."""
    is_waiting = False
    while True:
        try:
            revision = await leases.take(name)
        except Lost:
            if not is_waiting:
                _log.info("Another process keeps %s: waiting", name)
            is_waiting = True
            await asyncio.sleep(leases.lifetime_s / 5)
            continue
        is_waiting = False
        working = asyncio.ensure_future(work())
        renewing = asyncio.create_task(_renew(leases, name, revision))
        try:
            await asyncio.wait((working, renewing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            renewing.cancel()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            [held] = await asyncio.gather(renewing, return_exceptions=True)
            if isinstance(held, int):
                await leases.let_go(name, held)
        if not working.cancelled():
            working.result()
            return
        _log.warning("%s could not be kept: another process may have it now", name)


async def _renew(leases: Leases, name: str, revision: int) -> int:
    """Keep the lease until cancelled, and return its last revision. Raises Lost."""
    renewed_at = monotonic()
    try:
        while True:
            await asyncio.sleep(leases.lifetime_s / 5)
            try:
                revision = await leases.renew(name, revision)
                renewed_at = monotonic()
            except Lost as lost:
                is_taken = isinstance(lost.__cause__, KeyWrongLastSequenceError)
                if is_taken or monotonic() - renewed_at > leases.lifetime_s / 2:
                    raise
    except asyncio.CancelledError:
        return revision
