"""Delivery to terminals: they read replies from the log, so posting only wakes those of this process that wait."""

from adapters.terminal.waiting import ARRIVALS, Arrivals
from engine.ports import Posting

PLATFORM = "terminal"


class TerminalPostman:
    """Implements the port Postman. A post's id is its nonce: posting it again is the same post."""

    platform = PLATFORM
    tells_failures = False

    def __init__(self, arrivals: Arrivals = ARRIVALS) -> None:
        self._arrivals = arrivals

    def split(self, text: str) -> tuple[str, ...]:
        return (text,)

    async def find(self, posting: Posting) -> tuple[str, ...]:  # noqa: ARG002 - the port's
        """Nothing stands on a terminal but what it reads from the log, so there is nothing to find."""
        return ()

    async def post(self, posting: Posting) -> str:
        self._arrivals.announce(posting.reply)
        return posting.nonce

    async def withdraw(self, place: str, post: str) -> None:
        """There is nothing to take back: what a terminal shows it reads from the log."""
