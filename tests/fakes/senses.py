"""Senses that say what the test tells them to."""

from collections import deque
from dataclasses import dataclass, field

from engine.errors import NotFetched
from engine.ports import Fetched


@dataclass
class ScriptedSenses:
    """Implements the ports Describer and Transcriber, and keeps what it was shown.

    What is queued in `failures` is raised instead, one each.
    """

    seen: str = "A lighthouse at dusk."
    heard: str = "Good evening."
    model: str = "senses"
    shown: list[tuple[bytes, str]] = field(default_factory=list)
    failures: deque[Exception] = field(default_factory=deque)

    async def describe(self, image: bytes, *, kind: str) -> str:
        return self._told((image, kind), self.seen)

    async def transcribe(self, recording: bytes, *, kind: str) -> str:
        return self._told((recording, kind), self.heard)

    def _told(self, shown: tuple[bytes, str], words: str) -> str:
        self.shown.append(shown)
        if self.failures:
            raise self.failures.popleft()
        return words


@dataclass
class Files:
    """Implements the port Fetch: files by their addresses, and keeps what was asked for."""

    there: dict[str, Fetched] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str, *, limit_bytes: int) -> Fetched:
        self.asked.append(url)
        found = self.there.get(url)
        if found is None or len(found.content) > limit_bytes:
            raise NotFetched(is_permanent=True)
        return found
