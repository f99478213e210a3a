"""What was asked of Discord and what it answered, in order; what it did not know is kept apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

UNROUTED = "unrouted"


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `status` is None while it runs and stays so when the connection was cut."""

    method: str
    path: str  # without /api/v10
    route: str  # the template, as in the documentation, or UNROUTED
    at: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: tuple[str, ...] = ()  # their names
    application_id: int | None = None
    status: int | None = None
    answer: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)  # of the answer
    fault: str | None = None  # which rule of `faults.py` struck
    crash: str | None = None  # the simulator's own error: a request that it should have answered or refused

    def __str__(self) -> str:
        struck = "" if self.fault is None else f" ({self.fault})"
        is_refused = isinstance(self.answer, dict) and "message" in self.answer and "code" in self.answer
        code = self.answer["code"] if is_refused else ""
        return f"{self.method} {self.path} → {self.status} {code}{struck}".rstrip()


@dataclass(slots=True)
class Journal:
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def unrouted(self) -> list[Exchange]:
        """Requests for routes that are not simulated; a test that leaves any has left what it can tell about."""
        return [each for each in self.exchanges if each.route == UNROUTED]

    @property
    def unknown_fields(self) -> list[Exchange]:
        """Requests that were refused for a field or parameter that the documentation does not know."""
        return [each for each in self.exchanges if "UNKNOWN_FIELD" in str(each.answer)]

    @property
    def crashes(self) -> list[Exchange]:
        """Requests on which the simulator itself failed (answered 500): a fault of the simulator's."""
        return [each for each in self.exchanges if each.crash is not None]

    def asked(self, method: str = ".*", path: str = ".*", *, status: int | None = None) -> list[Exchange]:
        """Exchanges whose method and path match wholly."""
        return [
            each
            for each in self.exchanges
            if re.fullmatch(method, each.method)
            and re.fullmatch(path, each.path)
            and (status is None or each.status == status)
        ]

    def tail(self, count: int = 20) -> str:
        return "\n".join(str(each) for each in self.exchanges[-count:])
