"""Erasure: a tombstone first, so that nothing comes back; then the bytes go; then the proof is recorded.

Each step can be interrupted and the whole be asked for again: it takes up where it stopped, under the same receipt.
"""

from dataclasses import dataclass
from datetime import datetime

from engine.domain import Aggregate, Avatar, Erasure, Memory, Message, Quote, Reply
from engine.domain.crossing import EraseReply, Withdraw, on_message_gone
from engine.domain.ids import erasure_id, memory_id, quote_id, reply_id
from engine.domain.message import ErasureReason
from engine.domain.reply import ReplyState
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

    async def delete_superseded(self, message: str, version: int) -> None:
        """Delete what an edit left behind; whoever asked for the edit may have died before that was done."""
        await self._log.erase_before(message, version)

    async def erase_message(self, message: str, *, reason: ErasureReason, at: datetime) -> ErasureReceipt:
        """Erase a message, every reply to it, what was remembered of them, and what was quoted of it, also where it is
        known from a quote only. Raises NotFound.
        """
        found = await self._log.find(Message, message)
        receipt = (found and found.receipt) or self._key_ring.keyed_hash("receipt", message)
        subjects: list[str] = []
        if found is not None:
            erased = await self._log.change(
                Message, message, lambda it: it.erase(receipt=receipt, reason=reason, at=at)
            )
            for character in found.addresses:
                subjects += await self._tombstone_replies(erased.aggregate, character, receipt=receipt, at=at)
        # after the message: who quotes it meanwhile looks for its tombstone once the quote stands
        subjects += await self._tombstone_quote(message, receipt=receipt, reason=reason, at=at)
        if found is None and not subjects:
            raise NotFound(f"There is no message {message}.")
        earlier = await self._log.find(Erasure, erasure_id(receipt))
        if earlier is not None:
            subjects = [*earlier.subjects, *subjects]
        if found is not None:
            # It goes last: until then it names the characters whose replies an interrupted erasure has to find.
            subjects = [*(subject for subject in subjects if subject != message), message]
        return await self._delete_and_prove(receipt, tuple(dict.fromkeys(subjects)), earlier=earlier, at=at)

    async def erase_avatar(self, avatar: str, *, at: datetime) -> ErasureReceipt:
        """Erase a character's picture and every one that it had before. Raises NotFound."""
        receipt = self._key_ring.keyed_hash("receipt", avatar)
        await self._log.change(Avatar, avatar, lambda it: it.erase(receipt=receipt, at=at))
        earlier = await self._log.find(Erasure, erasure_id(receipt))
        return await self._delete_and_prove(receipt, (avatar,), earlier=earlier, at=at)

    async def _tombstone_quote(self, message: str, *, receipt: str, reason: ErasureReason, at: datetime) -> list[str]:
        """Tombstone what was quoted of a message; returns its id, if it was."""
        quote = quote_id(message)
        if await self._log.find(Quote, quote) is None:
            return []
        await self._log.change(Quote, quote, lambda it: it.erase(receipt=receipt, reason=reason, at=at))
        return [quote]

    async def _tombstone_replies(self, message: Message, character: str, *, receipt: str, at: datetime) -> list[str]:
        """Tombstone every reply of a character to a message; returns the ids of what was erased."""
        erased: list[str] = []
        n = 1
        while await self._log.find(Reply, reply := reply_id(message.id, character, n)) is not None:
            if await self._tombstone_reply(reply, message, receipt=receipt, at=at):
                erased.append(reply)
                if await self._log.find(Memory, memory_id(reply)) is not None:
                    erased.append(memory_id(reply))
            n += 1
        return erased

    async def _tombstone_reply(self, reply: str, message: Message, *, receipt: str, at: datetime) -> bool:
        """Withdraw or erase a reply, as crossing says; True if it is erased now, with what was remembered of it."""

        def withdraw_or_erase(it: Reply) -> None:
            if isinstance(on_message_gone(message, it), Withdraw):
                it.withdraw(reason="message erased", at=at)
            if isinstance(on_message_gone(message, it), EraseReply):
                it.erase(receipt=receipt, at=at)

        outcome = await self._log.change(Reply, reply, withdraw_or_erase)
        if outcome.aggregate.state is not ReplyState.ERASED:
            return False
        memory = memory_id(reply)
        if await self._log.find(Memory, memory) is not None:
            await self._log.change(Memory, memory, lambda it: it.erase(receipt=receipt, at=at))
        return True

    async def _delete_and_prove(
        self, receipt: str, subjects: tuple[str, ...], *, earlier: Erasure | None, at: datetime
    ) -> ErasureReceipt:
        deleted = [await self._delete_below_tombstone(subject) for subject in subjects]
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
