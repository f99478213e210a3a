"""The deliverer: a composed reply reaches the place where it was asked for, in the order of asking.

Towards a platform delivery is at least once: every chunk that stands there is an event, each chunk carries a nonce
that is the same for every attempt, and what was posted for a reply that has gone meanwhile is taken back.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from engine.domain import Character, Message, Person, Reply
from engine.domain.crossing import Post, Withdraw, before_posting
from engine.domain.ids import character_id, person_id, platform_of, reply_key
from engine.domain.reply import ReplyComposed, ReplyErased, ReplyState, ReplyWithdrawn
from engine.envelope.key_ring import KeyRing
from engine.errors import Misconfigured
from engine.event_log import EventLog, LoggedEvent
from engine.ports import Posting, Postman
from engine.reactors.locks import Locks
from engine.reactors.reaction import Attempt, NotYet
from engine.reading import Awaited, Projected

PROJECTIONS_TIMEOUT_S = 10.0
EARLIER_LIMIT_S = 600.0
"""How long a reply waits for an earlier one of its place that is still being made."""

PATIENCE_S = 2.0
"""How long a reply that waits for an earlier one takes up room here, before it is put back: the earlier one may be
among those that have no room yet.
"""

NONCE_CHARS = 25
"""The longest nonce that Discord takes."""


class Deliverer:
    """Posts replies: one at a time in a place, in the order in which they were asked for."""

    name = "deliverer"
    kinds = ("reply",)

    def __init__(
        self,
        *,
        log: EventLog,
        awaited: Awaited,
        projected: Projected,
        postmen: Mapping[str, Postman],
        key_ring: KeyRing,
        clock: Callable[[], datetime],
        earlier_limit_s: float = EARLIER_LIMIT_S,
    ) -> None:
        self._log = log
        self._awaited = awaited
        self._projected = projected
        self._postmen = postmen
        self._key_ring = key_ring
        self._clock = clock
        self._earlier_limit_s = earlier_limit_s
        self._places = Locks()

    async def react(self, logged: LoggedEvent, attempt: Attempt) -> None:  # noqa: ARG002 - the port's
        event = logged.event
        match event:
            case ReplyComposed():
                await self._deliver(event.subject, logged.position)
            case ReplyWithdrawn():
                reply = await self._log.find(Reply, event.subject)
                await self._take_back(event.subject, reply.posts if reply else ())
            case ReplyErased():
                await self._take_back(event.subject, event.posts)

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        """The reply stays composed and undelivered, as the log shows; its place waits for it until the limit."""

    async def _deliver(self, reply_id: str, position: int) -> None:
        place = reply_key(reply_id).place
        await self._projected.wait_for(position, timeout_s=PROJECTIONS_TIMEOUT_S)
        if not await self._awaited.until_first(reply_id, patience_s=PATIENCE_S, limit_s=self._earlier_limit_s):
            raise NotYet
        async with self._places.hold(place):
            reply = await self._may_post(reply_id)
            if reply is not None:
                await self._post(reply_id, reply)

    async def _may_post(self, reply_id: str) -> Reply | None:
        """The reply, if it is still to be posted; withdraws it if what it answers has gone."""
        reply = await self._log.find(Reply, reply_id)
        if reply is None or reply.state is not ReplyState.COMPOSED:
            return None
        message, person = await asyncio.gather(
            self._log.find(Message, reply.message), self._log.find(Person, person_id(reply.person))
        )
        if message is None:
            return None
        is_blocked = person is not None and person.fields.get("is_blocked") is True
        match before_posting(message, reply, is_person_blocked=is_blocked):
            case Post():
                return reply
            case Withdraw(reason=reason):
                at = self._clock()
                await self._log.change(Reply, reply_id, lambda it: it.withdraw(reason=reason, at=at))
        return None

    async def _post(self, reply_id: str, reply: Reply) -> None:
        key = reply_key(reply_id)
        postman = self._postman(key.place)
        character = await self._log.find(Character, character_id(key.character))
        name = str(character.fields.get("name") or "") if character else ""
        chunks = postman.split(str(reply.text))
        for number in range(len(reply.posts), len(chunks)):
            posting = Posting(
                place=key.place,
                in_reply_to=key.message,
                character=key.character,
                character_name=name,
                reply=reply_id,
                text=chunks[number],
                chunk=number,
                chunks=len(chunks),
                nonce=self._key_ring.keyed_hash("nonce", f"{reply_id}\0{number}")[:NONCE_CHARS],
                since=reply.settled_at or reply.created_on,
            )
            post = await postman.post(posting)
            if not await self._record_post(reply_id, posting, post):
                await postman.withdraw(key.place, post)
                return
        at = self._clock()
        await self._log.change(Reply, reply_id, lambda it: it.deliver(at=at))

    async def _record_post(self, reply_id: str, posting: Posting, post: str) -> bool:
        """Put a post on the log; False if the reply has gone while it was posted."""
        at = self._clock()
        outcome = await self._log.change(
            Reply, reply_id, lambda it: it.post(chunk=posting.chunk, chunks=posting.chunks, post=post, at=at)
        )
        return outcome.aggregate.state is ReplyState.COMPOSED

    async def _take_back(self, reply_id: str, posts: tuple[str, ...]) -> None:
        place = reply_key(reply_id).place
        for post in posts:
            await self._postman(place).withdraw(place, post)

    def _postman(self, place: str) -> Postman:
        platform = platform_of(place)
        if platform not in self._postmen:
            raise Misconfigured(f"Nothing here delivers to {platform}: start the adapter for it.")
        return self._postmen[platform]
