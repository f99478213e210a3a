"""Ids as Discord makes them: milliseconds since 2015, then a counter (docs: reference, "Snowflakes")."""

from datetime import UTC, datetime

from adapters.discord.simulated.clock import Clock

EPOCH_MS = 1_420_070_400_000  # the first second of 2015
TIME_SHIFT_BITS = 22
LARGEST = (1 << 63) - 1


class Snowflakes:
    """Hands out ids in the order of time, each once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        now_ms = int(self._clock.now().timestamp() * 1000)
        self._last = max(self._last + 1, (now_ms - EPOCH_MS) << TIME_SHIFT_BITS)
        return self._last


def made_at(snowflake: int) -> datetime:
    return datetime.fromtimestamp(((snowflake >> TIME_SHIFT_BITS) + EPOCH_MS) / 1000, UTC)
