"""The log as projections read it: pages of events after a position, and how far it goes. Synchronous."""

from dataclasses import dataclass
from typing import Self

from eventsourcing.persistence import Notification

from engine.log.codec import notification
from engine.log.pool import DEADLINE_S, Pool
from engine.log.stream import PAGE_EVENTS, Stream
from engine.log.subjects import EVENTS

MAX_PAGE_EVENTS = 5 * PAGE_EVENTS  # measured: larger pages are not faster


@dataclass(frozen=True, slots=True)
class LogState:
    """The log in numbers. An empty log ends at position 0; `max_bytes` is None where there is no limit."""

    first_position: int
    last_position: int
    events: int
    bytes: int
    max_bytes: int | None
    log_id: str


def log_state(stream: Stream) -> LogState:
    state = stream.state()
    return LogState(
        first_position=state.first_sequence,
        last_position=state.last_sequence,
        events=state.messages,
        bytes=state.bytes,
        max_bytes=state.max_bytes,
        log_id=state.log_id,
    )


class LogReader:
    """Reads the stream of one application; for any number of threads. Raises LogUnavailable.

    Reading after a position until nothing comes, having asked `state()` before, is the proof that nothing is left
    up to the last position it named: what is missing in between was erased.
    """

    def __init__(self, url: str, stream: str, *, deadline_s: float = DEADLINE_S) -> None:
        self._pool = Pool(url, deadline_s=deadline_s)
        self._stream = Stream(self._pool, stream)
        self._prefix = f"{stream}.{EVENTS}."

    def read(self, after: int, limit: int) -> list[Notification]:
        """Up to so many events after a position, in order; fewer only where the log ends."""
        found: list[Notification] = []
        while len(found) < limit:
            wanted = min(limit - len(found), MAX_PAGE_EVENTS)
            page = next(self._stream.scan(f"{self._prefix}>", after + 1, wanted), [])
            if not page:
                break
            prefix_bytes = len(self._prefix)
            found += [notification(record, prefix_bytes) for record in page]
            after = page[-1].sequence
        return found

    def event_at(self, position: int) -> Notification | None:
        """The event at a position; None where there is none, or none any more."""
        record = self._stream.at(position)
        if record is None or not record.subject.startswith(self._prefix.encode()):
            return None
        return notification(record, len(self._prefix))

    def state(self) -> LogState:
        return log_state(self._stream)

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
