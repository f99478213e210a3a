"""Senses that say what the test tells them to."""

from dataclasses import dataclass, field


@dataclass
class ScriptedSenses:
    """Implements the ports Describer and Transcriber, and keeps what it was shown."""

    seen: str = "A lighthouse at dusk."
    heard: str = "Good evening."
    shown: list[tuple[bytes, str]] = field(default_factory=list)

    async def describe(self, image: bytes, *, kind: str) -> str:
        self.shown.append((image, kind))
        return self.seen

    async def transcribe(self, recording: bytes, *, kind: str) -> str:
        self.shown.append((recording, kind))
        return self.heard
