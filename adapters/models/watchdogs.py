"""How long a model may take, and which limit it ran into: pure, the clock comes in.

A read timeout of the HTTP client starts anew with every byte, so a provider that sends nothing but keep-alive comments
would never time out. Here only a token counts as a sign of life.
"""

from dataclasses import dataclass
from enum import StrEnum

CONNECT_S = 10.0  # a host that takes longer to answer the phone is down
WRITE_S = 30.0
FIRST_TOKEN_S = 120.0  # reasoning models may think this long before they say anything
STALL_S = 45.0
TOTAL_S = 300.0
AFTER_FINISH_S = 2.0  # the answer is complete; only the usage report may still come


class Limit(StrEnum):
    FIRST_TOKEN = "first token"  # noqa: S105 - a token of speech, not a secret
    STALL = "stall"
    TOTAL = "total"
    AFTER_FINISH = "after finish"


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits of one request, in seconds."""

    connect_s: float = CONNECT_S
    first_token_s: float = FIRST_TOKEN_S
    stall_s: float = STALL_S
    total_s: float = TOTAL_S
    after_finish_s: float = AFTER_FINISH_S


class Watch:
    """The limit that counts now. Times are readings of one monotonic clock, in seconds."""

    def __init__(self, patience: Patience, *, started_s: float) -> None:
        self._patience = patience
        self._ends_s = started_s + patience.total_s
        self.first_token_at_s: float | None = None
        self.limit = Limit.FIRST_TOKEN
        self.deadline_s = started_s
        self._set(Limit.FIRST_TOKEN, started_s + patience.first_token_s)

    def token(self, now_s: float) -> None:
        if self.first_token_at_s is None:
            self.first_token_at_s = now_s
        self._set(Limit.STALL, now_s + self._patience.stall_s)

    def finished(self, now_s: float) -> None:
        if self.limit is Limit.AFTER_FINISH:
            return
        self._set(Limit.AFTER_FINISH, now_s + self._patience.after_finish_s)

    def _set(self, limit: Limit, deadline_s: float) -> None:
        self.limit = limit if deadline_s < self._ends_s else Limit.TOTAL
        self.deadline_s = min(deadline_s, self._ends_s)
