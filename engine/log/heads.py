"""Where aggregates end: version and sequence of the last event of those used lately, so that an append need not ask."""

import threading
from typing import NamedTuple

MAX_HEADS = 50_000  # some 15 MB


class Head(NamedTuple):
    version: int
    sequence: int


class Heads:
    """The last events of the subjects used most recently. Being behind is harmless: the server has the last word."""

    def __init__(self, max_heads: int = MAX_HEADS) -> None:
        self._max_heads = max_heads
        self._heads: dict[str, Head] = {}
        self._lock = threading.Lock()

    def get(self, subject: str) -> Head | None:
        with self._lock:
            head = self._heads.pop(subject, None)
            if head is not None:
                self._heads[subject] = head
            return head

    def put(self, subject: str, head: Head) -> None:
        with self._lock:
            known = self._heads.pop(subject, None)
            self._heads[subject] = head if known is None or head.sequence > known.sequence else known
            if len(self._heads) > self._max_heads:
                del self._heads[next(iter(self._heads))]

    def drop(self, subject: str) -> None:
        with self._lock:
            self._heads.pop(subject, None)
