"""Things that go wrong at the gateway: for the sessions that are connected, and for events to come.

discord.gateway.reconnect()
discord.gateway.duplicate("MESSAGE_CREATE")
late = discord.gateway.hold("MESSAGE_CREATE"); …; late.release()
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from adapters.discord.simulated.gateway.frames import Op, frame
from adapters.discord.simulated.gateway.sessions import Outlet, Session
from adapters.discord.simulated.world.dispatches import Dispatch


class Mishap(StrEnum):
    """What becomes of an event."""

    DUPLICATE = "told twice"
    HOLD = "told late"
    DROP = "never told"
    GARBLE = "told without its data"


@dataclass(slots=True)
class EventFault:
    name: str
    mishap: Mishap
    times: int = 1
    held: list[tuple[Session, dict[str, Any]]] = field(default_factory=list)

    def release(self) -> None:
        """Tell what was held back, and hold nothing more."""
        self.times = 0
        for session, data in self.held:
            session.tell(self.name, data)
        self.held.clear()


@dataclass(slots=True)
class GatewayFaults:
    sessions: dict[str, Session]
    rules: list[EventFault] = field(default_factory=list)
    refused_connections: int = 0  # how many of the next ones get HTTP 503

    # --- the sessions that are connected ---

    def reconnect(self) -> None:
        """Op 7: every client is asked to connect again and resume."""
        for outlet in self._outlets():
            outlet.send(frame(Op.RECONNECT))

    def invalidate(self, *, is_resumable: bool = False) -> None:
        """Op 9. What is not resumable is forgotten."""
        for session in self._connected():
            assert session.outlet is not None, "it is connected"
            session.outlet.send(frame(Op.INVALID_SESSION, is_resumable))
            if not is_resumable:
                self.sessions.pop(session.id, None)

    def close(self, code: int) -> None:
        for outlet in self._outlets():
            outlet.close(code)

    def abort(self) -> None:
        """The connections break without a word."""
        for outlet in self._outlets():
            outlet.abort()

    def forget(self) -> None:
        """Sessions are lost: the next RESUME is refused."""
        self.sessions.clear()

    def stop_acks(self) -> None:
        """Heartbeats of the sessions there are go unanswered, until they have resumed."""
        for session in self._connected():
            session.sends_acks = False

    def send_raw(self, raw: dict[str, Any]) -> None:
        """Any frame at all, numbered or not."""
        for outlet in self._outlets():
            outlet.send(raw)

    def malformed(self, name: str = "MESSAGE_CREATE") -> None:
        """An event whose data lacks everything."""
        for session in self._connected():
            session.tell_as_is(name, {})

    def refuse_connections(self, times: int = 1) -> None:
        self.refused_connections = times

    # --- events to come ---

    def duplicate(self, name: str, *, times: int = 1) -> EventFault:
        return self._rule(name, Mishap.DUPLICATE, times)

    def hold(self, name: str, *, times: int = 1) -> EventFault:
        """Told only when the rule is released: later events overtake it."""
        return self._rule(name, Mishap.HOLD, times)

    def drop(self, name: str, *, times: int = 1) -> EventFault:
        return self._rule(name, Mishap.DROP, times)

    def garble(self, name: str, *, times: int = 1) -> EventFault:
        return self._rule(name, Mishap.GARBLE, times)

    def strike(self, dispatch: Dispatch) -> EventFault | None:
        """The first rule for such an event, counted."""
        for rule in self.rules:
            if rule.name == dispatch.name and rule.times > 0:
                rule.times -= 1
                return rule
        return None

    def _rule(self, name: str, mishap: Mishap, times: int) -> EventFault:
        rule = EventFault(name, mishap, times)
        self.rules.append(rule)
        return rule

    def _connected(self) -> list[Session]:
        return [each for each in self.sessions.values() if each.outlet is not None]

    def _outlets(self) -> list[Outlet]:
        return [each.outlet for each in self.sessions.values() if each.outlet is not None]
