"""What the world tells its gateways: one event of Discord's, and who may hear of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Dispatch:
    """An event as applications receive it; the gateway leaves out what a session's intents do not cover."""

    name: str  # MESSAGE_CREATE, …
    data: dict[str, Any]
    application_ids: frozenset[int]  # whose bots may hear of it
    guild_id: int | None = None  # None: a DM, or nothing of a guild


type Listener = Callable[[Dispatch], None]


@dataclass(frozen=True, slots=True)
class Ping:
    """Whom a message made a sound for: what mention safety is measured by."""

    message_id: int
    channel_id: int
    author_id: int
    user_ids: tuple[int, ...] = ()
    role_ids: tuple[int, ...] = ()
    everyone: bool = False
