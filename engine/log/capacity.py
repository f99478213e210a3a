"""How full the stream is: a warning in good time, since a full log takes no event at all."""

import logging
import threading

from engine.errors import LogError
from engine.log.stream import Stream, StreamState

WARN_FROM = 0.8  # of max_bytes
CHECK_EVERY_EVENTS = 1000

logger = logging.getLogger(__name__)


def share_used(state: StreamState) -> float:
    """How much of the stream's limit is used, 0 where there is none."""
    return state.bytes / state.max_bytes if state.max_bytes else 0.0


class Capacity:
    """Looks at the stream before the first append, then every thousand events."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._events_until_check = 0

    def is_due(self, events: int) -> bool:
        """Count what was appended; whether it is time to look."""
        with self._lock:
            self._events_until_check -= events
            is_due = self._events_until_check < 0
            if is_due:
                self._events_until_check = CHECK_EVERY_EVENTS
        return is_due

    def check(self) -> None:
        """Look how full the stream is, and warn in good time."""
        try:
            state = self._stream.state()
        except LogError:
            # The append itself succeeded; the next thousand events bring another look.
            logger.warning("It could not be seen how full the log %s is.", self._stream.name)
            return
        if share_used(state) > WARN_FROM:
            logger.warning(
                "The log %s uses %d of %d bytes (%.0f %%): raise TZUROT_LOG_MAX_BYTES before it is full.",
                self._stream.name,
                state.bytes,
                state.max_bytes,
                100 * share_used(state),
            )
