"""What is known of Discord around a message: its channel, names, other messages, and who may see what.

nextcord's cache answers where it can. What it does not hold (a thread that the bot was never told of, another
server's member) is asked of Discord, and remembered for a minute. What cannot be found out counts as not allowed.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

import nextcord

from adapters.discord.hearing.pluralkit_api import APPLICATION
from adapters.discord.hearing.said import ChannelKind, Names, Reference, Where
from adapters.discord.hearing.translating import snowflake
from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import FORBIDDEN, NOT_FOUND, OUT_OF_REACH, Denied
from adapters.discord.rest.rest import Rest

REMEMBERED_S = 60.0
MAX_REMEMBERED = 1_000

_KINDS: Mapping[Any, ChannelKind] = {1: "dm", 3: "group"}
THREADS = frozenset({10, 11, 12})
PRIVATE_THREAD = 12

type Payload = Mapping[str, Any]
type GuildOf = Callable[[str], nextcord.Guild | None]


class Surroundings:
    """`guild_of` is the cache's server of that id, None while it is not known."""

    def __init__(self, rest: Rest, guild_of: GuildOf) -> None:
        self._rest = rest
        self._guild_of = guild_of
        self._channels = _Remembered()
        self._members = _Remembered()

    async def where(self, channel: str, server: str | None) -> Where | None:
        """The channel; None if Discord does not show it to us. Raises Denied and Unanswered."""
        guild = self._guild_of(server) if server else None
        known = guild.get_channel_or_thread(int(channel)) if guild else None
        if guild is not None and known is not None:
            return _known_where(known, guild)
        payload = await self._channel(channel)
        return None if payload is None else self._fetched_where(payload, guild, server)

    def names(self, server: str | None, ids: Iterable[str]) -> Names:
        """What the server calls its channels and roles with these ids."""
        guild = self._guild_of(server) if server else None
        if guild is None:
            return Names()
        channels: dict[str, str] = {}
        roles: dict[str, str] = {}
        for id_ in ids:
            channel, role = guild.get_channel_or_thread(int(id_)), guild.get_role(int(id_))
            if channel is not None:
                channels[id_] = channel.name
            if role is not None:
                roles[id_] = role.name
        return Names(channels, roles)

    def has_pluralkit(self, server: str | None) -> bool:
        """Whether PluralKit is known to be in the server: it has a role there that Discord made for it."""
        guild = self._guild_of(server) if server else None
        if guild is None:
            return False
        bots = (role.tags.bot_id for role in guild.roles if role.tags is not None)
        return any(str(bot) == APPLICATION for bot in bots)

    async def message(self, reference: Reference) -> Payload | None:
        """The message as it stands now; None if it is gone, or not ours to see."""
        path, lane = f"/channels/{reference.channel}/messages/{reference.message}", f"reading of {reference.channel}"
        try:
            payload: Payload = await self._rest.ask(Ask("GET", path, lane=lane))
        except OUT_OF_REACH:
            return None  # what cannot be read is not brought along
        return payload

    async def may_see(self, person: str, reference: Reference) -> bool:
        """Whether that person may read the channel's history: a link must show nobody what they cannot open.

        Raises Denied and Unanswered.
        """
        where = await self.where(reference.channel, reference.server)
        if where is None or where.server is None:
            return False  # somebody's DM: the one in which it is said is seen without asking
        guild = self._guild_of(where.server)
        member = await self._member(guild, person) if guild else None
        channel = guild.get_channel(int(where.parent or where.channel)) if guild else None
        if member is None or channel is None:
            return False
        allowed = channel.permissions_for(member)
        if not (allowed.view_channel and allowed.read_message_history):
            return False
        return not where.is_private_thread or allowed.manage_threads or await self._is_in(where.channel, person)

    async def _member(self, guild: nextcord.Guild, person: str) -> nextcord.Member | None:
        if (cached := guild.get_member(int(person))) is not None:
            return cached
        key = f"{guild.id}/{person}"
        is_known, data = self._members.get(key)
        if not is_known:
            path, lane = f"/guilds/{guild.id}/members/{person}", f"members of {guild.id}"
            try:
                data = self._members.keep(key, await self._rest.ask(Ask("GET", path, lane=lane)))
            except OUT_OF_REACH:
                self._members.keep(key, None)  # who is no member, or not known to be one, sees nothing
        state = guild._state  # noqa: SLF001 -- a Member is made with it, and nextcord has no other way to make one
        return None if data is None else nextcord.Member(data=data, guild=guild, state=state)

    async def _is_in(self, thread: str, person: str) -> bool:
        path, lane = f"/channels/{thread}/thread-members/{person}", f"members of {thread}"
        try:
            await self._rest.ask(Ask("GET", path, lane=lane))
        except OUT_OF_REACH:
            return False  # not a member of it, or not known to be one
        return True

    async def _channel(self, channel: str) -> Payload | None:
        is_known, payload = self._channels.get(channel)
        if not is_known:
            ask = Ask("GET", f"/channels/{channel}", lane=f"channel {channel}")
            try:
                payload = self._channels.keep(channel, await self._rest.ask(ask))
            except Denied as denied:
                if denied.status not in {NOT_FOUND, FORBIDDEN}:
                    raise
                self._channels.keep(channel, None)
        return payload or None

    def _fetched_where(self, payload: Payload, guild: nextcord.Guild | None, server: str | None) -> Where:
        kind = payload.get("type")
        is_thread = kind in THREADS
        parent_id = snowflake(payload.get("parent_id")) if is_thread else None
        parent = guild.get_channel(int(parent_id)) if guild and parent_id else None
        return Where(
            channel=snowflake(payload.get("id")) or "",
            kind=_kind_below(parent) if is_thread else _KINDS.get(kind, "channel"),
            name=str(payload.get("name") or ""),
            parent=parent_id,
            server=server or snowflake(payload.get("guild_id")),
            server_name=guild.name if guild else "",
            is_adult=_is_adult(parent) if is_thread else payload.get("nsfw") is True,
            is_private_thread=kind == PRIVATE_THREAD,
        )


def _known_where(channel: nextcord.Thread | nextcord.abc.GuildChannel, guild: nextcord.Guild) -> Where:
    thread = channel if isinstance(channel, nextcord.Thread) else None
    parent = thread.parent if thread else None
    return Where(
        channel=str(channel.id),
        kind=_kind_below(parent) if thread else "channel",
        name=channel.name,
        parent=str(thread.parent_id) if thread else None,
        server=str(guild.id),
        server_name=guild.name,
        is_adult=_is_adult(parent if thread else channel),
        is_private_thread=thread is not None and thread.is_private(),
    )


def _kind_below(parent: object) -> ChannelKind:
    return "post" if isinstance(parent, nextcord.ForumChannel) else "thread"


def _is_adult(channel: object) -> bool:
    """Whether a channel is age-restricted; one that is not known, or has no such mark, is not."""
    return getattr(channel, "nsfw", False) is True


class _Remembered:
    """Answers of Discord's, for a minute."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[float, Any]] = OrderedDict()

    def get(self, key: str) -> tuple[bool, Any]:
        """Whether there is an answer, and the answer."""
        since, answer = self._answers.get(key, (-REMEMBERED_S, None))
        return monotonic() - since < REMEMBERED_S, answer

    def keep(self, key: str, answer: Any) -> Any:
        self._answers[key] = (monotonic(), answer)
        self._answers.move_to_end(key)
        while len(self._answers) > MAX_REMEMBERED:
            self._answers.popitem(last=False)
        return answer
