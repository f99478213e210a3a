"""Delivery to Discord: as the character through a webhook where there can be one, else under its name in bold.

A post is tried once. Whether it stands is not always known then: PostUncertain says so, and whoever delivers looks
(`find`) before it is tried again. Messages through webhooks can be found by what they say alone; plain ones carry a
nonce besides, by which Discord itself gives back the one that stands. Order within a place is the deliverer's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import (
    FORBIDDEN,
    INVALID_WEBHOOK_TOKEN,
    MISSING_PERMISSIONS,
    THREAD_ARCHIVED,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    UNKNOWN_WEBHOOK,
    Denied,
    Unanswered,
)
from adapters.discord.rest.rest import Rest
from adapters.discord.speaking.chunks import chunks
from adapters.discord.speaking.finding import id_at, looks_like
from adapters.discord.speaking.names import shown_name
from adapters.discord.speaking.payloads import Json, plain_message, webhook_message
from adapters.discord.speaking.refusals import refused
from adapters.discord.speaking.rooms import PLATFORM, Room, Rooms, channel_of
from adapters.discord.speaking.webhooks import Webhook, Webhooks
from engine.domain.ids import untoken
from engine.errors import PostUncertain
from engine.ports import Posting, PostRefusal, PostRefused

PAGE_MESSAGES = 100
MOST_PAGES = 50
GONE = frozenset({UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK})
WEBHOOK_LOST = frozenset({UNKNOWN_CHANNEL, UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN})
"""It was deleted, or moved to another channel, where the thread is not."""

NO_SIGHT = (
    "An earlier attempt may have posted this, and the bot cannot look: give it the permission Read Message History."
)
MOST_WEBHOOKS = 2
"""Tried for one post: one that is known, or found, and a new one."""

PLAIN_GAP = "-"
"""For a forbidden word in a name, where Discord did not take the one that is hardly seen."""


class DiscordPostman:
    """Implements the port Postman. `suffix` stands behind each character's name, to tell two bots apart."""

    platform = PLATFORM
    tells_failures = True

    def __init__(self, rest: Rest, *, suffix: str = "") -> None:
        self._rest = rest
        self._suffix = suffix
        self._rooms = Rooms(rest)
        self._webhooks = Webhooks(rest)

    def split(self, text: str) -> tuple[str, ...]:
        return chunks(text)

    async def find(self, posting: Posting) -> tuple[str, ...]:
        with _told():
            ourselves = await self._webhooks.ourselves()
            channel = channel_of(posting.place)
            messages = await self._messages(channel, id_at(posting.since))
            if not messages:
                await self._make_sure_of_sight(channel, posting)
            return tuple(looks_like(posting, self._shown(posting), messages, ourselves))

    async def post(self, posting: Posting) -> str:
        with _told():
            room = await self._rooms.room(channel_of(posting.place))
            post = await self._as_the_character(posting, room) if room.webhooks_of else None
            return post or await self._as_the_bot(posting, room)

    async def withdraw(self, place: str, post: str) -> None:
        with _told():
            try:
                room = await self._rooms.room(channel_of(place))
                webhook = await self._webhooks.of(room.webhooks_of) if room.webhooks_of else None
            except Denied as denied:
                if denied.code in GONE:  # the post went with its channel
                    return
                raise
            if webhook is None or not await self._delete_by_webhook(room, webhook, post):
                await self._delete(room, post)

    def forget(self, channel: str) -> None:
        """Look again for the webhook of a channel, of whose webhooks or permissions Discord tells that they changed."""
        self._webhooks.changed(channel)

    # --- posting ---

    async def _as_the_character(self, posting: Posting, room: Room) -> str | None:
        """The post; None where no webhook can be had, or none stays: some servers let nobody make any."""
        assert room.webhooks_of is not None
        for _ in range(MOST_WEBHOOKS):
            webhook = await self._webhooks.of(room.webhooks_of)
            if webhook is None:
                return None
            try:
                message = await self._execute(posting, room, webhook)
            except Denied as denied:
                if denied.code not in WEBHOOK_LOST:
                    raise
                self._webhooks.forget(room.webhooks_of)
                continue
            if str(message["channel_id"]) == room.channel:
                return str(message["id"])
            # Somebody has moved the webhook, and it has spoken elsewhere.
            self._webhooks.forget(room.webhooks_of)
            await self._rest.ask(_deletion(webhook, str(message["id"]), thread=None))
        return None

    async def _execute(self, posting: Posting, room: Room, webhook: Webhook) -> Json:
        """One message through a webhook; once more without what Discord does not like about name and avatar."""
        try:
            return await self._say(webhook, room, webhook_message(posting, name=self._shown(posting)))
        except Denied as denied:
            if not denied.fields & {"username", "avatar_url"}:
                raise
            name = self._shown(posting, gap=PLAIN_GAP) if "username" in denied.fields else self._shown(posting)
            message = webhook_message(posting, name=name, with_avatar="avatar_url" not in denied.fields)
            return await self._say(webhook, room, message)

    async def _say(self, webhook: Webhook, room: Room, message: Json) -> Json:
        query = {"wait": "true", **({"thread_id": room.channel} if room.is_thread else {})}
        ask = Ask("POST", webhook.path, lane=webhook.lane, body=message, query=query, is_signed=False)
        said: Json = await self._rest.ask(ask)
        return said

    async def _as_the_bot(self, posting: Posting, room: Room) -> str:
        """One plain message; without what stands beside its text where the bot may not embed."""
        message = plain_message(posting)
        try:
            return await self._send(room, message)
        except Denied as denied:
            if denied.code != MISSING_PERMISSIONS or "embeds" not in message:
                raise
            return await self._send(room, plain_message(posting, with_embeds=False))

    async def _send(self, room: Room, message: Json) -> str:
        path, lane = f"/channels/{room.channel}/messages", f"sending to {room.channel}"
        sent: Json = await self._rest.ask(Ask("POST", path, lane=lane, body=message, may_repeat=True))
        return str(sent["id"])

    def _shown(self, posting: Posting, **gap: str) -> str:
        return shown_name(posting.character_name, suffix=self._suffix, **gap)

    # --- looking ---

    async def _messages(self, channel: str, after: int) -> list[Json]:
        """Everything that was said in a channel after an id."""
        messages: list[Json] = []
        for _ in range(MOST_PAGES):
            query = {"after": str(after), "limit": str(PAGE_MESSAGES)}
            ask = Ask("GET", f"/channels/{channel}/messages", lane=f"reading of {channel}", query=query)
            page = await self._rest.ask(ask)
            messages += page
            if len(page) < PAGE_MESSAGES:
                return messages
            after = max(int(message["id"]) for message in page)
        raise PostUncertain("More was said there since than can be looked through: whether it was posted is unknown.")

    async def _make_sure_of_sight(self, channel: str, posting: Posting) -> None:
        """Without Read Message History a channel only looks empty; a single message is then refused."""
        answered = untoken(posting.in_reply_to.rsplit(".", 1)[-1])
        path, lane = f"/channels/{channel}/messages/{answered}", f"reading of {channel}"
        try:
            await self._rest.ask(Ask("GET", path, lane=lane))
        except Denied as denied:
            if denied.code == UNKNOWN_MESSAGE:
                return
            if denied.status == FORBIDDEN:
                raise PostRefused(NO_SIGHT, reason=PostRefusal.NO_PERMISSION) from None
            raise

    # --- taking back ---

    async def _delete_by_webhook(self, room: Room, webhook: Webhook, post: str) -> bool:
        """False if this webhook has no such message."""
        deletion = _deletion(webhook, post, thread=room.channel if room.is_thread else None)
        try:
            await self._ask_in(room, deletion)
        except Denied as denied:
            if denied.code not in {*GONE, INVALID_WEBHOOK_TOKEN}:
                raise
            return False
        return True

    async def _delete(self, room: Room, post: str) -> None:
        """A plain message, or one of a webhook that is no more, which takes the permission Manage Messages."""
        path, lane = f"/channels/{room.channel}/messages/{post}", f"deleting in {room.channel}"
        try:
            await self._ask_in(room, Ask("DELETE", path, lane=lane))
        except Denied as denied:
            if denied.code not in GONE:
                raise

    async def _ask_in(self, room: Room, ask: Ask) -> None:
        """In an archived thread nothing can be deleted: it is opened for the moment."""
        try:
            await self._rest.ask(ask)
        except Denied as denied:
            if denied.code != THREAD_ARCHIVED:
                raise
            await self._archive(room, is_archived=False)
            try:
                await self._rest.ask(ask)
            finally:
                await self._archive(room, is_archived=True)

    async def _archive(self, room: Room, *, is_archived: bool) -> None:
        path, lane = f"/channels/{room.channel}", f"changing {room.channel}"
        await self._rest.ask(Ask("PATCH", path, lane=lane, body={"archived": is_archived}))


def _deletion(webhook: Webhook, post: str, *, thread: str | None) -> Ask:
    query = {"thread_id": thread} if thread else {}
    return Ask("DELETE", f"{webhook.path}/messages/{post}", lane=webhook.lane, query=query, is_signed=False)


@contextmanager
def _told() -> Iterator[None]:
    """What Discord answers, in the words of the port."""
    try:
        yield
    except Denied as denied:
        raise refused(denied) from None
    except Unanswered as unanswered:
        raise PostUncertain(str(unanswered), retry_after_s=unanswered.retry_after_s) from None
