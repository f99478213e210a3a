"""One request to Discord, as data: what is asked, and what may be done to get it answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """One that is sent along; Discord tells kinds apart by the name."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `lane` names what shares a rate limit with it, without secrets."""

    method: str
    path: str = field(repr=False)
    lane: str
    body: Mapping[str, Any] | Sequence[Any] | None = field(default=None, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[File] = field(default=(), repr=False)
    is_signed: bool = True
    """It carries the bot's token; a webhook's requests, and answers to interactions, carry theirs in the path."""
    is_counted: bool = True
    """It waits where there were too many requests in all. Answers to interactions are not counted among those."""
    is_dispensable: bool = False
    """It is left out rather than waited for."""
    may_repeat: bool | None = None
    """Twice is as good as once; by default all but POST."""
    within_s: float | None = None
    """After so long it is of no use: then it is waited for and repeated no more."""

    @property
    def is_repeatable(self) -> bool:
        return self.method != "POST" if self.may_repeat is None else self.may_repeat
