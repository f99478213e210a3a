"""The hub: all sessions, told of what the world publishes."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.simulated.clock import Clock
from adapters.discord.simulated.gateway.faults import GatewayFaults, Mishap
from adapters.discord.simulated.gateway.sessions import Session
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.users import Application

IDENTIFIES_A_DAY = 1000  # docs, events/gateway, "Session Start Limit Object"
A_DAY_S = 86_400
PATIENCE_S = 0.1
HEARTBEAT_INTERVAL_S = 41.25  # as in the docs' example

# What a socket has still to send: frames, and the code to close with.
type Outgoing = dict[str, Any] | int


@dataclass
class Hub:
    clock: Clock
    url: str = ""  # where clients connect, once the server listens
    heartbeat_interval_s: float = HEARTBEAT_INTERVAL_S
    sessions: dict[str, Session] = field(default_factory=dict)
    outgoing: set[asyncio.Queue[Outgoing]] = field(default_factory=set)  # of the sockets
    # 5 on the real one (docs: `max_concurrency` identifies per 5 s); 0 lets a bot restart at once.
    identify_interval_s: float = 0
    _identified: dict[int, deque[float]] = field(default_factory=dict)  # application → when

    def __post_init__(self) -> None:
        self.faults = GatewayFaults(self.sessions)

    def tell(self, dispatch: Dispatch) -> None:
        concerned = [session for session in self.sessions.values() if session.concerns(dispatch)]
        rule = self.faults.strike(dispatch) if concerned else None
        for session in concerned:
            match rule.mishap if rule is not None else None:
                case None:
                    session.tell(dispatch.name, dispatch.data)
                case Mishap.DUPLICATE:
                    session.tell(dispatch.name, dispatch.data)
                    session.tell(dispatch.name, dispatch.data)
                case Mishap.HOLD:
                    assert rule is not None, "it says what to do"
                    rule.held.append((session, dispatch.data))
                case Mishap.GARBLE:
                    session.tell_as_is(dispatch.name, {})
                case Mishap.DROP:
                    pass

    async def drained(self) -> None:
        """Wait until every socket has sent what it was given, but not for clients that do not read."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                for queue in list(self.outgoing):
                    await queue.join()

    def may_identify(self, application: Application) -> bool:
        """Count an identification, unless it comes too early."""
        now_s = self.clock.now().timestamp()
        times = self._identified.setdefault(application.id, deque())
        if times and now_s - times[-1] < self.identify_interval_s:
            return False
        times.append(now_s)
        return True

    def identifies_left(self, application: Application) -> tuple[int, int]:
        """How many are left today, and after how many ms the count starts anew."""
        now_s = self.clock.now().timestamp()
        times = self._identified.setdefault(application.id, deque())
        while times and times[0] <= now_s - A_DAY_S:
            times.popleft()
        resets_after_s = times[0] + A_DAY_S - now_s if times else 0
        return max(0, IDENTIFIES_A_DAY - len(times)), int(resets_after_s * 1000)
