"""Erasure: a tombstone first, so that nothing comes back; then the bytes go; then the proof is recorded.

Each step can be interrupted and the whole be asked for again: it takes up where it stopped, under the same receipt.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from engine.domain import Aggregate, Erasure, Memory, Message, Reply
from engine.domain.ids import erasure_id, memory_id, reply_id
from engine.domain.message import ErasureReason
from engine.envelope.key_ring import KeyRing
from engine.errors import NotFound
from engine.event_log import EventLog


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What was erased, and that a second reading found none of it."""

    receipt: str
    subjects: tuple[str, ...]
    positions: tuple[int, ...]
    remaining: int
    position: int
    """Where the receipt stands on the log."""

    @property
    def is_complete(self) -> bool:
        return self.remaining == 0


class Erasing:
    def __init__(self, log: EventLog, key_ring: KeyRing) -> None:
        self._log = log
        self._key_ring = key_ring

    async def erase_message(self, message: str, *, reason: ErasureReason, at: datetime) -> ErasureReceipt:
        """Erase a message, every reply to it, and what was remembered of them. Raises NotFound."""
        found = await self._log.find(Message, message)
        if found is None:
            raise NotFound(f"There is no message {message}.")
        receipt = found.receipt or self._key_ring.keyed_hash("receipt", message)
        addresses = found.addresses
        await self._log.change(Message, message, lambda it: it.erase(receipt=receipt, reason=reason, at=at))
        subjects = [message]
        for character in addresses:
            subjects += await self._tombstone_replies(message, character, receipt=receipt, at=at)
        earlier = await self._log.find(Erasure, erasure_id(receipt))
        if earlier is not None:
            subjects = list(dict.fromkeys((*earlier.subjects, *subjects)))
        return await self._delete_and_prove(receipt, tuple(subjects), earlier=earlier, at=at)

    async def erase_reply(self, reply: str, *, receipt: str, at: datetime) -> ErasureReceipt:
        """Erase a reply whose message has gone already."""
        earlier = await self._log.find(Erasure, erasure_id(receipt))
        await self._tombstone_reply(reply, receipt=receipt, at=at)
        subjects = (*(earlier.subjects if earlier else ()), reply, memory_id(reply))
        return await self._delete_and_prove(receipt, tuple(dict.fromkeys(subjects)), earlier=earlier, at=at)

    async def _tombstone_replies(self, message: str, character: str, *, receipt: str, at: datetime) -> list[str]:
        subjects: list[str] = []
        for n in count(1):
            reply = reply_id(message, character, n)
            if await self._log.find(Reply, reply) is None:
                return subjects
            await self._tombstone_reply(reply, receipt=receipt, at=at)
            subjects.append(reply)
            if await self._log.find(Memory, memory_id(reply)) is not None:
                subjects.append(memory_id(reply))
        return subjects

    async def _tombstone_reply(self, reply: str, *, receipt: str, at: datetime) -> None:
        await self._log.change(Reply, reply, lambda it: it.erase(receipt=receipt, at=at))
        memory = memory_id(reply)
        if await self._log.find(Memory, memory) is not None:
            await self._log.change(Memory, memory, lambda it: it.erase(receipt=receipt, at=at))

    async def _delete_and_prove(
        self, receipt: str, subjects: tuple[str, ...], *, earlier: Erasure | None, at: datetime
    ) -> ErasureReceipt:
        deleted = await asyncio.gather(*(self._delete_below_tombstone(subject) for subject in subjects))
        positions = tuple(sorted({*(earlier.positions if earlier else ()), *(p for some in deleted for p in some)}))
        remaining = await self._log.still_readable(positions)
        outcome = await self._log.change(
            Erasure,
            erasure_id(receipt),
            lambda it: it.complete_again(subjects=subjects, positions=positions, remaining=remaining, at=at),
            create=lambda: Erasure.complete(
                erasure_id(receipt), subjects=subjects, positions=positions, remaining=remaining, at=at
            ),
        )
        return ErasureReceipt(receipt, subjects, positions, remaining, outcome.position)

    async def _delete_below_tombstone(self, subject: str) -> tuple[int, ...]:
        found = await self._log.find(Aggregate.of(subject), subject)
        return () if found is None else await self._log.erase_before(subject, found.version)
