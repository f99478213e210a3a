"""What was lately appended or loaded and is nobody's words, so that the next command on it need not load it.

A reply that was started is composed by the same process as a rule: what it holds by then are ids. Only what is not
sealed at all may be remembered here, and nobody is told anything on the strength of it alone: an append states the
sequence that it builds on, so one that is taken proves that nothing had happened since; whatever else comes of such a
decision is decided again on what is loaded then.
"""

from typing import NamedTuple

from eventsourcing.persistence import StoredEvent

MAX_AGGREGATES = 5_000  # some 10 MB
MAX_EVENTS = 4  # of one aggregate


class Loaded(NamedTuple):
    """The events of an aggregate, oldest first, and the sequence of the last; 0 where there are none."""

    events: list[StoredEvent]
    sequence: int


class Lately:
    """The aggregates that were used most recently. For one thread."""

    def __init__(self, max_aggregates: int = MAX_AGGREGATES) -> None:
        self._max_aggregates = max_aggregates
        self._found: dict[str, Loaded] = {}

    def get(self, originator_id: str) -> Loaded | None:
        return self._found.get(originator_id)

    def put(self, originator_id: str, found: Loaded) -> None:
        self._found.pop(originator_id, None)
        if found.events and len(found.events) <= MAX_EVENTS:
            self._found[originator_id] = found
            if len(self._found) > self._max_aggregates:
                del self._found[next(iter(self._found))]

    def drop(self, originator_id: str) -> None:
        self._found.pop(originator_id, None)
