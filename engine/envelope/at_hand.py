"""Whether a key ring may wait for its store.

Another process may be writing there, and on an event loop everything else would wait as well. So whoever asks on one
asks without waiting: what the ring has at hand it gives, for all else it raises NotAtHand and is asked again on a
thread.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_MAY_WAIT = ContextVar("may_wait", default=True)


class NotAtHand(Exception):
    """The ring would have to ask its store: ask again where waiting keeps nobody else from going on."""


@contextmanager
def without_waiting() -> Iterator[None]:
    """Key rings that are asked in this context wait for nothing. Raises NotAtHand where one would have to."""
    before = _MAY_WAIT.set(False)
    try:
        yield
    finally:
        _MAY_WAIT.reset(before)


def may_wait() -> bool:
    return _MAY_WAIT.get()


def check_may_wait() -> None:
    """Raises NotAtHand where nothing may be waited for."""
    if not may_wait():
        raise NotAtHand
