"""What a reactor is, and what it is told of each attempt to act on an event.

Reactions may run twice: after a crash, after a lost acknowledgement, and when a process was held up for so long that
the event was handed to another one. A reactor that does something outside of the log therefore asks the attempt
whether it is the first, and whether the event is still its own.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from engine.errors import TzurotError
from engine.event_log import LoggedEvent


class RetryLater(TzurotError):
    """The reaction is to be tried again, after `delay_s` if it says so.

    An outage of what it needs outside is waited for much longer than a failure that lies in the event itself.
    """

    def __init__(self, reason: str, *, delay_s: float | None = None, is_outage: bool = False) -> None:
        super().__init__(reason)
        self.delay_s = delay_s
        self.is_outage = is_outage


class NotYet(TzurotError):
    """It is not this event's turn and nothing was begun: others make room for it and it comes again."""


class Pulse:
    """The signs of life that keep an event from being handed to somebody else. For one event loop."""

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self._last_beat_s = asyncio.get_running_loop().time()
        self._has_stopped = False

    @property
    def has_stopped(self) -> bool:
        """Whether there was once no sign for so long that the event may be somebody else's since."""
        self._look()
        return self._has_stopped

    def beat(self) -> None:
        self._look()
        self._last_beat_s = asyncio.get_running_loop().time()

    def _look(self) -> None:
        since_s = asyncio.get_running_loop().time() - self._last_beat_s
        self._has_stopped = self._has_stopped or since_s >= self._lasts_s


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a reaction."""

    is_first: bool = True
    """Nobody began this reaction before, in whatever process."""
    is_last: bool = False
    """The reaction is given up if this one fails."""
    pulse: Pulse = field(default_factory=lambda: Pulse(float("inf")))


class Reactor(Protocol):
    """Something that acts on events."""

    @property
    def name(self) -> str:
        """The durable consumer's name: processes that share it share the work."""
        ...

    @property
    def formerly(self) -> str | None:
        """The consumer's name in an older release: this one begins where that one stopped."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of aggregates whose events it sees: the first tokens of their subjects."""
        ...

    async def react(self, logged: LoggedEvent, attempt: Attempt) -> None:
        """Act on one event; events that do not concern it are none of its business."""
        ...

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        """Leave a trace of an event that could not be acted on."""
        ...
