"""A session: what one identified client hears, numbered, and kept for when it resumes.

A session outlives its sockets. Events are numbered and kept while no socket is there.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from adapters.discord.simulated.gateway.frames import Op, frame
from adapters.discord.simulated.gateway.intents import Intent, hears, told
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.snowflakes import TIME_SHIFT_BITS
from adapters.discord.simulated.world.users import Application

# Discord does not say how long and how much it keeps; a client that stays away longer starts anew.
RESUMABLE_S = 180
KEPT_FRAMES = 10_000


class Outlet(Protocol):
    """Where a session's frames go while a client is connected."""

    def send(self, frame: dict[str, Any]) -> None: ...

    def close(self, code: int) -> None: ...

    def abort(self) -> None: ...


@dataclass(slots=True)
class Session:
    id: str
    application: Application
    intents: Intent
    shard: int = 0
    shard_count: int = 1
    seq: int = 0
    kept: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_FRAMES))
    outlet: Outlet | None = None
    left_at: datetime | None = None  # since when no client is connected
    sends_acks: bool = True
    # When a client connected and when each of its heartbeats came, in seconds by the event loop's clock.
    beats_s: list[float] = field(default_factory=list)

    def concerns(self, dispatch: Dispatch) -> bool:
        """Whether an event is this session's to hear: its application's, its shard's, its intents'."""
        return (
            self.application.id in dispatch.application_ids
            and shard_of(dispatch.guild_id, self.shard_count) == self.shard
            and hears(
                self.intents,
                dispatch.name,
                dispatch.data,
                bot_id=self.application.user.id,
                is_direct=dispatch.guild_id is None,
            )
        )

    def tell(self, name: str, data: dict[str, Any]) -> None:
        self.tell_as_is(name, told(self.intents, name, data, self.application.user.id))

    def tell_as_is(self, name: str, data: dict[str, Any]) -> None:
        self.seq += 1
        numbered = frame(Op.DISPATCH, data, seq=self.seq, name=name)
        self.kept.append(numbered)
        if self.outlet is not None:
            self.outlet.send(numbered)

    def can_resume_after(self, seq: int, now: datetime) -> bool:
        """Whether everything after `seq` is still there."""
        if self.left_at is not None and (now - self.left_at).total_seconds() > RESUMABLE_S:
            return False
        return seq == self.seq or (bool(self.kept) and self.kept[0]["s"] <= seq + 1)

    def missed_after(self, seq: int) -> list[dict[str, Any]]:
        return [each for each in self.kept if each["s"] > seq]


def shard_of(guild_id: int | None, shard_count: int) -> int:
    """DMs and what belongs to no guild come to the first shard (docs, events/gateway, "Sharding")."""
    return 0 if guild_id is None else (guild_id >> TIME_SHIFT_BITS) % shard_count
