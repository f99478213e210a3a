"""The engine's commands on a real log, without projections or reactors."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import override

import pytest

from engine.commands.erasing import Erasing
from engine.commands.histories import Histories
from engine.commands.memories import Memories
from engine.commands.messages import Messages
from engine.commands.places import Places
from engine.commands.quotes import Quotes
from engine.commands.recording import Recording
from engine.commands.settables import Settables
from engine.commands.undoing import Undoing
from engine.event_log import EventLog, Tzurot
from engine.reading import Conversations, Said
from engine.why import Why
from tests.fakes.key_ring import KeyRingInMemory
from tests.nats_server import NatsServer


class CountsWords:
    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())


class Clock:
    """Every reading is a second later, so that no two events share a time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class PlayedConversations(Conversations):
    """Remembers between which positions it was asked what was said."""

    def __init__(self) -> None:
        self.said = Said()
        self.asked: list[tuple[int, int]] = []

    @override
    async def said_between(self, first: int, before: int, *, person: str, persona: str, character: str) -> Said:
        self.asked.append((first, before))
        return self.said


class Commands:
    """All commands on one log."""

    def __init__(self, log: EventLog, key_ring: KeyRingInMemory) -> None:
        self.log = log
        self.clock = Clock()
        self.tokens = CountsWords()
        self.refusals = key_ring
        self.erasing = Erasing(log, key_ring)
        self.recording = Recording(log, key_ring)
        self.messages = Messages(log, self.tokens, self.erasing, self.recording)
        self.quotes = Quotes(log, self.tokens, self.erasing, self.recording)
        self.places = Places(log)
        self.histories = Histories(log)
        self.memories = Memories(log)
        self.settables = Settables(log, key_ring, self.recording)
        self.conversations = PlayedConversations()
        self.undoing = Undoing(log, self.settables, self.conversations)
        self.why = Why(log, key_ring)


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


@pytest.fixture
def key_ring() -> KeyRingInMemory:
    return KeyRingInMemory()


@pytest.fixture
async def commands(nats_server: NatsServer, key_ring: KeyRingInMemory, tmp_path: Path) -> AsyncIterator[Commands]:
    application = Tzurot(key_ring, nats_url=nats_server.url, name=f"Test-{tmp_path.name}")
    log = EventLog(application)
    yield Commands(log, key_ring)
    await log.close()
