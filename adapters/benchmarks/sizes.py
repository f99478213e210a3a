"""How much each benchmark does: enough for ratios to settle, and done in a minute or two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppendSizes:
    pairs: int = 7
    commands: int = 150


@dataclass(frozen=True, slots=True)
class RebuildSizes:
    events: int = 100_000
    pairs: int = 5
    library_events: int = 5_000


@dataclass(frozen=True, slots=True)
class TurnSizes:
    turns: int = 200
    events: int = 100_000


@dataclass(frozen=True, slots=True)
class DiscordSizes:
    channels: int = 200
    speakers: int = 5
    messages: int = 400
    rate_per_s: float = 20
    model_ms: int = 500
    pairs: int = 5
