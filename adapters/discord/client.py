"""The connection to Discord's gateway: nextcord's client, with what its version 3.2 lacks.

Every dispatch first goes to `on_dispatch` as Discord sent it, since nextcord's own objects leave out part of a message
(polls, whose webhook it was). Messages and interactions are not given to nextcord at all: nothing here uses its
copies. A payload that
nextcord cannot read loses that one event; left alone, it would end the connection. When the gateway keeps dropping the
connection the client gives up, so that the supervisor comes back with a pause.

Each shard has a client of its own: one that fails does not take the others with it, and resumes where it was.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, override

import nextcord
from nextcord.asset import Asset
from nextcord.http import Route

from adapters.discord.failures import in_short

type Payload = dict[str, Any]
type OnDispatch = Callable[[str, Payload], None]

STORM_DISCONNECTS = 12
STORM_S = 60.0
IDENTIFY_PAUSE_S = 5.0

OURS_ALONE = frozenset(
    {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", "INTERACTION_CREATE"}
)

_log = logging.getLogger(__name__)

nextcord.VoiceClient.warn_nacl = False  # nobody here speaks aloud, so nothing is missing


def use_bases(api: str, cdn: str) -> None:
    """Let nextcord find Discord at these addresses. It holds for the whole process: nextcord knows one Discord."""
    Route.BASE = api.rstrip("/")
    Asset.BASE = cdn.rstrip("/")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of so many parts of all servers."""

    id: int = 0
    count: int = 1

    def has(self, server: str) -> bool:
        return (int(server) >> 22) % self.count == self.id


@dataclass(frozen=True, slots=True)
class Timing:
    """How long nextcord waits for the gateway, in seconds."""

    heartbeat_timeout_s: float = 60.0
    servers_timeout_s: float = 2.0
    """How long after the last server arrived all are taken to be there."""


class Identifying:
    """Discord takes one new session in so many seconds: the shards of a process take turns."""

    def __init__(self, pause_s: float = IDENTIFY_PAUSE_S) -> None:
        self._pause_s = pause_s
        self._turn = asyncio.Lock()
        self._last: float | None = None

    async def wait(self) -> None:
        async with self._turn:
            if self._last is not None:
                await asyncio.sleep(max(0.0, self._last + self._pause_s - monotonic()))
            self._last = monotonic()


def intents() -> nextcord.Intents:
    """What Discord is to tell us: servers with their channels and webhooks, and messages with what they say."""
    wanted = nextcord.Intents.none()
    wanted.guilds = True
    wanted.webhooks = True
    wanted.guild_messages = True
    wanted.dm_messages = True
    wanted.message_content = True
    return wanted


class GatewayClient(nextcord.Client):
    """One shard's connection. `given_up` is set when it is to be ended, for the pause that the next one begins with."""

    def __init__(
        self, shard: Shard, on_dispatch: OnDispatch, identifying: Identifying, timing: Timing | None = None
    ) -> None:
        timing = timing or Timing()
        super().__init__(
            shard_id=shard.id,
            shard_count=shard.count,
            intents=intents(),
            max_messages=None,
            allowed_mentions=nextcord.AllowedMentions.none(),
            heartbeat_timeout=timing.heartbeat_timeout_s,
            guild_ready_timeout=timing.servers_timeout_s,
            lazy_load_commands=False,
            rollout_associate_known=False,
            rollout_delete_unknown=False,
            rollout_register_new=False,
            rollout_update_known=False,
        )
        self.shard = shard
        self.given_up = asyncio.Event()
        self._identifying = identifying
        self._on_dispatch = on_dispatch
        self._disconnects: deque[float] = deque(maxlen=STORM_DISCONNECTS)
        parsers = self._connection.parsers
        for event, parser in list(parsers.items()):
            parsers[event] = self._guarded(event, parser)

    def _guarded(self, event: str, parser: Callable[[Payload], None]) -> Callable[[Payload], None]:
        def parse(payload: Payload) -> None:
            try:
                self._on_dispatch(event, payload)
                if event not in OURS_ALONE:
                    parser(payload)
            except Exception as error:  # noqa: BLE001 -- this one event is lost; raised, it would end the connection
                _log.warning("Discord sent a %s that cannot be read: %s", event, type(error).__name__)

        return parse

    @property
    def is_connected(self) -> bool:
        return self.ws is not None and bool(self.ws.open)

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self._identifying.wait()

    @override
    async def on_connect(self) -> None:
        """Slash commands are registered when a release is deployed, not by whoever connects."""

    async def on_disconnect(self) -> None:
        """Give up on a gateway that drops the connection again and again."""
        now = monotonic()
        self._disconnects.append(now)
        if len(self._disconnects) == STORM_DISCONNECTS and now - self._disconnects[0] < STORM_S:
            _log.warning("Discord dropped the connection %s times within a minute", STORM_DISCONNECTS)
            self.given_up.set()

    @override
    async def on_error(self, event_method: str, *args: Any, **kwargs: Any) -> None:
        """A handler failed: what it was about is lost, and where it failed is logged without what anybody said."""
        error = sys.exception()
        _log.error("The handler of %s failed: %s", event_method, in_short(error) if error else "")
