"""The one place where old shapes of events become today's.

An event on the log is never rewritten. When a shape changes, its class counts `shape` up and a function here turns the
fields of the earlier shape into those of the next. Every shape that ever landed stays as a sample in
tests/data/events/.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import ShapeUnknown

type Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def _as_it_was(fields: dict[str, Any]) -> dict[str, Any]:
    """The next shape only has more fields, each with a default that says what was true before there were any."""
    return fields


UPCASTS: Mapping[tuple[str, int], Upcast] = {
    ("MessageHeard", 1): _as_it_was,
    ("MessageEdited", 1): _as_it_was,
    ("ReplyComposed", 1): _as_it_was,
}
"""(event type, its old shape) → what makes of it the next shape."""


def upcast(event_type: str, fields: dict[str, Any], *, shape: int, current: int) -> dict[str, Any]:
    """Bring an event's fields from `shape` to the `current` one."""
    if shape > current:
        raise ShapeUnknown(
            f"The log holds {event_type} of shape {shape}, this release knows up to {current}: upgrade Tzurot."
        )
    while shape < current:
        fields = UPCASTS[event_type, shape](fields)
        shape += 1
    return fields
