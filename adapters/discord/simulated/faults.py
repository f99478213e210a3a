r"""Things that go wrong between a client and Discord's REST API: rules that strike requests that they match.

    discord.faults.rest("POST", r"/webhooks/.*", status=503, times=1)
    discord.faults.abort_after_commit("POST", r"/channels/\d+/messages")

A rule strikes `times` times and is used up. Gateway faults are `gateway/faults.py`'s.
"""

import asyncio
import re
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.discord.simulated.journal import Exchange


class Cut(StrEnum):
    """When the connection is cut."""

    BEFORE = "before"  # nothing has happened
    AFTER_COMMIT = "after commit"  # it has happened, and the client does not hear of it


@dataclass(slots=True)
class Fault:
    method: str
    path: str
    times: int = 1
    status: int | None = None  # answered instead of doing anything
    retry_after_s: float | None = None  # with status 429
    delay_s: float = 0  # waited before anything is done
    answer_delay_s: float = 0  # waited after it is done, before the answer goes out
    cut: Cut | None = None
    struck: int = 0
    # Held requests wait until `release` is called.
    gate: asyncio.Event | None = None

    def matches(self, exchange: Exchange) -> bool:
        return (
            self.struck < self.times
            and re.fullmatch(self.method, exchange.method) is not None
            and re.fullmatch(self.path, exchange.path) is not None
        )

    def release(self) -> None:
        assert self.gate is not None, "only held requests are released"
        self.gate.set()

    def __str__(self) -> str:
        parts = [
            f"status {self.status}" if self.status else "",
            f"delayed {self.delay_s} s" if self.delay_s else "",
            f"answered {self.answer_delay_s} s late" if self.answer_delay_s else "",
            f"cut {self.cut}" if self.cut else "",
            "held" if self.gate else "",
        ]
        return "fault: " + ", ".join(filter(None, parts))


@dataclass(slots=True)
class Faults:
    rules: list[Fault] = field(default_factory=list)

    def rest(
        self,
        method: str = ".*",
        path: str = ".*",
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        delay_s: float = 0,
        answer_delay_s: float = 0,
        times: int = 1,
    ) -> Fault:
        """`path` matches as a whole, without `/api/v10`; both are regular expressions."""
        rule = Fault(
            method,
            path,
            times,
            status=status,
            retry_after_s=retry_after_s,
            delay_s=delay_s,
            answer_delay_s=answer_delay_s,
        )
        return self._add(rule)

    def abort_before(self, method: str = ".*", path: str = ".*", *, times: int = 1) -> Fault:
        """The connection is cut and nothing happens."""
        return self._add(Fault(method, path, times, cut=Cut.BEFORE))

    def abort_after_commit(self, method: str = ".*", path: str = ".*", *, times: int = 1) -> Fault:
        """It happens, also for the gateways, and then the connection is cut instead of answered."""
        return self._add(Fault(method, path, times, cut=Cut.AFTER_COMMIT))

    def hold(self, method: str = ".*", path: str = ".*", *, times: int = 1) -> Fault:
        """Requests wait, before anything is done, until the returned rule is released."""
        return self._add(Fault(method, path, times, gate=asyncio.Event()))

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, exchange: Exchange) -> Fault | None:
        """The first rule that matches, counted."""
        for rule in self.rules:
            if rule.matches(exchange):
                rule.struck += 1
                exchange.fault = str(rule)
                return rule
        return None

    def _add(self, rule: Fault) -> Fault:
        self.rules.append(rule)
        return rule
