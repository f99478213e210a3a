"""Who asked not to be recorded, as every process that shares the key ring knows it from the moment it was said.

The wish itself is an event like any other. But a message must not land on the log while the wish is on its way to
whoever appends, and asking the log before each append would cost every message a round trip. So it also stands where
each process looks anyway before it seals: beside the keys. A count tells a wish from a later one.
"""

from typing import Protocol


class Refusals(Protocol):
    """Every method is safe to call from several threads, and each sees what another process did before."""

    def refuse(self, person: str) -> None:
        """Nothing of this person may be recorded once this returns; durable, and counted each time."""
        ...

    def refused(self, person: str) -> int:
        """0, or how often this person refused so far, if that holds."""
        ...

    def allow(self, person: str, *, refused: int) -> bool:
        """They may be recorded again, unless they refused once more since `refused` was read; whether they may now."""
        ...
