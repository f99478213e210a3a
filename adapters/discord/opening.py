"""Discord, opened: the postman for replies, and the connection to the gateway with everything that listens to it.

gateway ─► clients, one for each shard, supervised ─► on_dispatch ─► listener ─► engine
                                                                 └─► whatever is plugged in (slash commands)
engine's deliverer ─► postman ─► rest
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import nats
import nextcord
from pydantic import SecretStr

from adapters.discord.client import GatewayClient, Identifying, Payload, Shard, Timing, use_bases
from adapters.discord.hearing.deciding import Ourselves, Rules
from adapters.discord.hearing.listener import Ears, Listener
from adapters.discord.hearing.pluralkit import PluralKit, Times
from adapters.discord.hearing.pluralkit_api import PluralKitApi
from adapters.discord.hearing.recording import message_of
from adapters.discord.hearing.said import Said
from adapters.discord.hearing.surroundings import Surroundings
from adapters.discord.hearing.translating import snowflake
from adapters.discord.owning import LIFETIME_S, Leases, NatsLeases, while_held
from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import OUT_OF_REACH, UNAUTHORIZED, Denied, Unanswered
from adapters.discord.rest.rest import Rest
from adapters.discord.rest.signing_in import WRONG_TOKEN
from adapters.discord.speaking.postman import DiscordPostman
from adapters.discord.speaking.typing import Rhythm, Typing
from adapters.discord.supervisor import Patience, Supervisor
from engine.application import Engine
from engine.domain import Message
from engine.errors import LogUnavailable, Misconfigured, ProjectionsBehind
from engine.settings import Settings

CATCH_UP_TIMEOUT_S = 30.0
SUPPRESS_EMBEDS_AND_NOTIFICATIONS = 1 << 2 | 1 << 12

_log = logging.getLogger(__name__)

type OnDispatch = Callable[[str, Payload], None]


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient the connection is, and with what."""

    timing: Timing = field(default_factory=Timing)
    patience: Patience = field(default_factory=Patience)
    pluralkit: Times | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    lease_s: float = LIFETIME_S


class Discord:
    """An open Discord, as whatever is plugged in sees it."""

    def __init__(self, engine: Engine, settings: Settings, rest: Rest, typing: Typing) -> None:
        self.engine = engine
        self.settings = settings
        self.rest = rest
        self.postman = DiscordPostman(rest, suffix=settings.discord_name_suffix)
        self._typing = typing
        self.supervisors: Sequence[Supervisor] = ()
        self.ready = asyncio.Event()
        """Set when every shard of this process was connected once."""

    def guild(self, server: str) -> nextcord.Guild | None:
        """The server as nextcord's cache has it."""
        for supervisor in self.supervisors:
            client = supervisor.client
            if client is not None and client.shard.has(server):
                return client.get_guild(int(server))
        return None

    def show_typing(self, message: str, characters: Sequence[str]) -> None:
        """Show where a message was heard that an answer is being made, until these characters have answered."""
        self._typing.until_answered(self.engine.log, message, characters)


type Plug = Callable[[Discord], AbstractAsyncContextManager[OnDispatch]]
"""Something that listens to the gateway, too: it is given an open Discord, and then all that is dispatched.

It is closed when nothing is dispatched any more, and before Discord is.
"""


@asynccontextmanager
async def discord(
    engine: Engine, settings: Settings, *, nats_url: str, plugs: Sequence[Plug] = (), tuning: Tuning | None = None
) -> AsyncIterator[Discord]:
    """Hear and be able to speak for as long as the context lasts; the connection itself is made meanwhile.

    Of several processes only one is connected for each shard; the others stand by. Raises Misconfigured, in a group,
    when Discord refuses what only the operator can mend.
    """
    token = settings.discord_token
    if token is None:
        raise Misconfigured("There is no DISCORD_TOKEN: set it to the bot's token.")
    tuning = tuning or Tuning()
    use_bases(settings.discord_api_base, settings.discord_cdn_base)
    async with AsyncExitStack() as stack:
        rest = await stack.enter_async_context(Rest(token, api_base=settings.discord_api_base))
        typing = Typing(rest, rhythm=tuning.rhythm)
        stack.push_async_callback(typing.close)
        pluralkit = PluralKitApi(settings.pluralkit_api_base)
        stack.push_async_callback(pluralkit.close)
        opened = Discord(engine, settings, rest, typing)
        plugged = [await stack.enter_async_context(plug(opened)) for plug in plugs]
        ears = _Ears(opened, pluralkit, plugged, tuning)
        stack.push_async_callback(ears.close)
        client = await nats.connect(nats_url, max_reconnect_attempts=-1)
        stack.push_async_callback(client.close)
        leases = NatsLeases(client, f"{settings.log_name}-shards", tuning.lease_s)
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        staying = tasks.create_task(_stay_connected(opened, token, ears.on_dispatch, leases, tuning))
        stack.callback(staying.cancel)
        yield opened


async def _stay_connected(
    opened: Discord, token: SecretStr, on_dispatch: OnDispatch, leases: Leases, tuning: Tuning
) -> None:
    await _until_caught_up(opened.engine)
    count = opened.settings.discord_shard_count or await _shards_wanted(opened.rest, tuning.patience)
    chosen = opened.settings.discord_shard_ids
    ids = [int(id_) for id_ in chosen.split(",")] if chosen else range(count)
    identifying = Identifying()
    supervisors = {
        f"shard-{id_}-of-{count}": Supervisor(
            _maker(Shard(id_, count), on_dispatch, identifying, tuning.timing), token, tuning.patience
        )
        for id_ in ids
    }
    opened.supervisors = tuple(supervisors.values())
    async with asyncio.TaskGroup() as tasks:
        for name, supervisor in supervisors.items():
            tasks.create_task(while_held(leases, name, supervisor.run))


async def _until_caught_up(engine: Engine) -> None:
    """Wait until what is on the log can be read: who hears before that knows neither characters nor places."""
    while True:
        try:
            await engine.read.wait_for(await engine.log.last_position(), timeout_s=CATCH_UP_TIMEOUT_S)
        except (ProjectionsBehind, LogUnavailable) as behind:
            _log.warning("Discord waits until the projections have caught up (%s)", type(behind).__name__)
            await asyncio.sleep(1)
        else:
            return


def _maker(
    shard: Shard, on_dispatch: OnDispatch, identifying: Identifying, timing: Timing
) -> Callable[[], GatewayClient]:
    return lambda: GatewayClient(shard, on_dispatch, identifying, timing)


async def _shards_wanted(rest: Rest, patience: Patience) -> int:
    """How many shards Discord wants; asked until it answers. Raises Misconfigured for a wrong token."""
    failures = 0
    while True:
        try:
            answer = await rest.ask(Ask("GET", "/gateway/bot", lane="gateway"))
        except Denied as denied:
            if denied.status == UNAUTHORIZED:
                raise Misconfigured(WRONG_TOKEN) from None
            problem = str(denied)
        except Unanswered as unanswered:
            problem = str(unanswered)
        else:
            shards = answer.get("shards") if isinstance(answer, dict) else None
            return shards if isinstance(shards, int) and shards > 0 else 1
        failures += 1
        pause_s = patience.pause_s(failures)
        _log.warning("Discord could not be reached (%s); again in %.1f s", problem, pause_s)
        await asyncio.sleep(pause_s)


class _Ears:
    """Passes on what is dispatched, from the moment it is known who we are."""

    def __init__(self, opened: Discord, pluralkit: PluralKitApi, plugged: Sequence[OnDispatch], tuning: Tuning) -> None:
        self._opened = opened
        self._pluralkit = pluralkit
        self._tuning = tuning
        self._listener: Listener | None = None
        self._plugged = plugged
        self._ready: set[int] = set()

    async def close(self) -> None:
        if self._listener is not None:
            await self._listener.close()

    def on_dispatch(self, event: str, payload: Payload) -> None:
        match event:
            case "READY":
                self._begin(payload)
            case "WEBHOOKS_UPDATE":
                self._opened.postman.forget(str(payload.get("channel_id")))
            case "CHANNEL_UPDATE":
                self._opened.postman.forget(str(payload.get("id")))
        if self._listener is not None:
            self._listener.on_dispatch(event, payload)
        for plugged in self._plugged:
            plugged(event, payload)

    def _begin(self, payload: Payload) -> None:
        shard, _ = payload.get("shard") or (0, 1)
        self._ready.add(shard)
        if self._ready >= {one.client.shard.id for one in self._opened.supervisors if one.client}:
            self._opened.ready.set()
        if self._listener is None:
            user = snowflake(payload["user"]["id"]) or ""
            application = snowflake(payload["application"]["id"]) or user
            self._listener = Listener(self._made_for(Ourselves(user, application)))

    def _made_for(self, ourselves: Ourselves) -> Ears:
        opened, settings = self._opened, self._opened.settings
        times = self._tuning.pluralkit or Times(hold_s=settings.pluralkit_hold_s)
        return Ears(
            engine=opened.engine,
            ourselves=ourselves,
            rules=Rules(settings.mention_prefix, settings.max_answers),
            surroundings=Surroundings(opened.rest, opened.guild),
            pluralkit=PluralKit(self._pluralkit, self._is_heard, times),
            explain=self._explain,
            show_typing=opened.show_typing,
        )

    async def _is_heard(self, channel: str, message: str) -> bool:
        found = await self._opened.engine.log.find(Message, message_of(channel, message))
        return found is not None and not found.is_gone

    async def _explain(self, said: Said, text: str) -> None:
        """Answer as the bot itself; nobody is pinged."""
        body: dict[str, Any] = {
            "content": text,
            "message_reference": {"message_id": said.id, "fail_if_not_exists": False},
            "allowed_mentions": {"parse": [], "replied_user": False},
            "flags": SUPPRESS_EMBEDS_AND_NOTIFICATIONS,
        }
        channel = said.where.channel
        ask = Ask("POST", f"/channels/{channel}/messages", lane=f"sending to {channel}", body=body)
        try:
            await self._opened.rest.ask(ask)
        except OUT_OF_REACH as error:
            # it is not posted again: an explanation that comes late or twice helps nobody
            _log.info("An explanation could not be posted: %s", error)
