"""What people do to a memory. The memory itself is a projection: a delivered reply with its message.

So every one of these events may be the first of its aggregate: that the memory exists follows from the reply.
"""

from datetime import datetime
from typing import override

from engine.domain.event import Aggregate, Event, OpeningEvent, Words
from engine.domain.text import recordable
from engine.errors import CannotUndo, Invalid, NotFound, Refused

MAX_MEMORY_CHARS = 4_000


class MemoryEdited(OpeningEvent):
    """Its person put it in other words; `text` None means: as it was said."""

    person: str
    text: Words | None


class MemoryLocked(OpeningEvent):
    """It can be neither edited nor forgotten until it is unlocked."""


class MemoryUnlocked(OpeningEvent):
    """It can be edited and forgotten again."""


class MemoryForgotten(OpeningEvent):
    """It is no longer recalled; it can be restored until it is erased."""


class MemoryRestored(OpeningEvent):
    """It is recalled again."""


class MemoryErased(OpeningEvent):
    """The tombstone: what it held is gone with its message and reply."""

    receipt: str


class Memory(Aggregate, kind="memory"):
    text: Words | None = None
    """Its edited text; None means: as it was said."""
    is_locked: bool = False
    is_forgotten: bool = False
    receipt: str | None = None

    @classmethod
    def untouched(cls, memory: str, *, at: datetime) -> "Memory":
        """A memory that nobody has done anything to yet: version 0, no event."""
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(memory, 0, at)
        return aggregate

    def forget(self, *, at: datetime) -> None:
        if self.is_forgotten or self.receipt is not None:
            return
        self._refuse_when_locked()
        self.happen(MemoryForgotten, at=at)

    def restore(self, *, at: datetime) -> None:
        if self.receipt is not None:
            raise CannotUndo("This memory was erased: its words no longer exist.")
        if self.is_forgotten:
            self.happen(MemoryRestored, at=at)

    def edit(self, *, person: str, text: str | None, at: datetime) -> None:
        text = None if text is None else recordable(text)
        if self.receipt is not None:
            raise NotFound("This memory was erased: its words no longer exist.")
        if text == self.text:
            return
        self._refuse_when_locked()
        if text is not None and not 0 < len(text) <= MAX_MEMORY_CHARS:
            raise Invalid(f"A memory has 1 to {MAX_MEMORY_CHARS} characters.")
        self.happen(MemoryEdited, at=at, person=person, text=text)

    def lock(self, *, at: datetime) -> None:
        if not self.is_locked and self.receipt is None:
            self.happen(MemoryLocked, at=at)

    def unlock(self, *, at: datetime) -> None:
        if self.is_locked and self.receipt is None:
            self.happen(MemoryUnlocked, at=at)

    def erase(self, *, receipt: str, at: datetime) -> None:
        if self.receipt is None:
            self.happen(MemoryErased, at=at, receipt=receipt)

    def undo(self, event: Event, *, before: "Memory", at: datetime) -> None:
        """Undo just what `event` did; `before` is the memory as it was then."""
        match event:
            case MemoryForgotten():
                self.restore(at=at)
            case MemoryRestored():
                self.forget(at=at)
            case MemoryLocked():
                self.unlock(at=at)
            case MemoryUnlocked():
                self.lock(at=at)
            case MemoryEdited():
                text = before.text if isinstance(before.text, str) else None
                self.edit(person=event.person, text=text, at=at)
            case _:
                raise CannotUndo("An erasure is never undone.")

    def _refuse_when_locked(self) -> None:
        if self.is_locked:
            raise Refused("This memory is locked: unlock it first.")

    @override
    def evolve(self, event: Event) -> None:
        match event:
            case MemoryEdited():
                self.text = event.text
            case MemoryLocked() | MemoryUnlocked():
                self.is_locked = isinstance(event, MemoryLocked)
            case MemoryForgotten() | MemoryRestored():
                self.is_forgotten = isinstance(event, MemoryForgotten)
            case MemoryErased():
                self.receipt, self.text = event.receipt, None
