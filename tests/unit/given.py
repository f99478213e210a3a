"""given(*events).when(decision).then(*events): an aggregate's past, what is asked of it, and what comes of it.

Events are numbered in the order in which they stand, so that a test need not. `decision` is called with the aggregate
(None without a past) and may return another one, as the decisions that begin an aggregate do.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from engine.domain import Event
from engine.errors import TzurotError


def numbered(events: Sequence[Event], *, after: int = 0) -> list[Event]:
    return [event.model_copy(update={"originator_version": after + n}) for n, event in enumerate(events, start=1)]


def after(*events: Event) -> Any:
    """The aggregate as the events leave it."""
    aggregate: Any = None
    for event in numbered(events):
        aggregate = event.mutate(aggregate)
    return aggregate


class Given:
    def __init__(self, events: Sequence[Event]) -> None:
        self._past = len(events)
        self._aggregate = after(*events)

    def when(self, decision: Callable[[Any], Any]) -> "Given":
        self._decision = decision
        return self

    def then(self, *expected: Event) -> Any:
        """Exactly these events happened, in type, version and fields; returns the aggregate as they left it."""
        aggregate = self._decision(self._aggregate) or self._aggregate
        assert aggregate.pending_events == numbered(expected, after=self._past)
        assert aggregate.version == self._past + len(expected)
        return aggregate

    def then_nothing_happened(self) -> None:
        self.then()

    def then_refused(self, error: type[TzurotError], match: str) -> None:
        with pytest.raises(error, match=match):
            self._decision(self._aggregate)
        assert self._aggregate is None or self._aggregate.pending_events == [], "refused, yet something happened"


def given(*events: Event) -> Given:
    return Given(events)
