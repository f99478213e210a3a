"""What the command line needs of the composition root, which it may not import: the root hands itself in."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.application import Engine
from engine.event_log import EventLog
from engine.replaying import OnProgress, Replay
from engine.settings import Settings
from engine.why import Why

type Role = Literal["projections", "responder", "deliverer", "discord"]
ALL_ROLES: frozenset[Role] = frozenset({"projections", "responder", "deliverer"})
"""What is needed to answer at a terminal. Whoever plays "discord" hears and delivers there; `up` does."""

type Verdict = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `tzurot doctor`: what was looked at, the verdict, what was found, what to do about it."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A running Tzurot. `model_name` is "offline" when no model is configured."""

    engine: Engine
    replay: Replay
    settings: Settings
    model_name: str
    versions: Mapping[str, str]
    platforms: frozenset[str] = frozenset({"terminal"})
    """Where this process delivers, and hears what is said."""


@dataclass(frozen=True, slots=True)
class LogOnly:
    """The log and the key ring, and nothing else: enough for `why`."""

    log: EventLog
    why: Why


class Host(Protocol):
    """The composition root as the command line sees it. Every context cleans up after itself."""

    def opened(
        self, roles: frozenset[Role] = ALL_ROLES, *, on_progress: OnProgress | None = None
    ) -> AbstractAsyncContextManager[Opened]:
        """Start or attach to the servers, bring the projections up to date, and play these roles meanwhile."""
        ...

    def log_only(self) -> AbstractAsyncContextManager[LogOnly]:
        """Open the log without any projection."""
        ...

    async def examine(self) -> list[Check]:
        """Look at servers, settings, versions and lag. Raises nothing: what fails is a verdict."""
        ...
