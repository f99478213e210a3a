"""Applications on a log, and events to record, as tests need them."""

from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from engine.log import Factory


class NewFactory(Protocol):
    """Makes the factory of an application; without a name it is one that nobody else has."""

    def __call__(self, name: str = "", *, deadline_s: float | None = None, **env: str) -> Factory: ...


def an_event(
    originator_id: UUID | str = "message.terminal.1",
    version: int = 1,
    state: bytes = b"state",
    topic: str = "topic",
) -> StoredEvent:
    return StoredEvent(originator_id, version, topic, state)
