"""The deliverer: a composed reply reaches the place where it was asked for, in the order of asking.

    ReplyComposed ─► earlier ones of the place first ─► look again ─► post chunk by chunk ─► ReplyDelivered
    ReplyFailed   ─► the same with a notice that says why no answer came, where the platform tells failures

Each platform has a deliverer and a durable consumer of its own, so that one which is away holds up no other; what
belongs to another platform is passed over. What was posted for a reply that has gone meanwhile is taken back. What a
platform will never take, or what failed too often, ends in ReplyUndeliverable: nothing waits for it any more.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from engine.domain import Character, Message, Person, Reply
from engine.domain.crossing import Post, Withdraw, before_posting
from engine.domain.ids import character_id, person_id, place_of, platform_of, reply_key
from engine.domain.reply import ReplyComposed, ReplyErased, ReplyFailed, ReplyState, ReplyWithdrawn
from engine.envelope.key_ring import KeyRing
from engine.errors import PostUncertain, TzurotError
from engine.event_log import EventLog, LoggedEvent
from engine.ports import Footer, Posting, Postman, PostRefused
from engine.reactors.locks import Locks
from engine.reactors.notices import notice_of
from engine.reactors.posting import Poster
from engine.reactors.reaction import Attempt, NotYet, RetryLater
from engine.reactors.turns import NO_SUCH_CHARACTER
from engine.reading import Awaited, Posts, Projected

logger = logging.getLogger(__name__)

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
    """Posts one platform's replies: one at a time in a place, in the order in which they were asked for."""

    kinds = ("reply",)
    formerly = "deliverer"
    """One consumer did the work for all platforms."""

    def __init__(
        self,
        postman: Postman,
        *,
        log: EventLog,
        awaited: Awaited,
        projected: Projected,
        posts: Posts,
        key_ring: KeyRing,
        clock: Callable[[], datetime],
        earlier_limit_s: float = EARLIER_LIMIT_S,
    ) -> None:
        self.name = f"deliverer-{postman.platform}"
        self._postman = postman
        self._poster = Poster(postman, log=log, projected=projected, posts=posts, clock=clock)
        self._log = log
        self._awaited = awaited
        self._projected = projected
        self._key_ring = key_ring
        self._clock = clock
        self._earlier_limit_s = earlier_limit_s
        self._places = Locks()

    async def react(self, logged: LoggedEvent, attempt: Attempt) -> None:
        event = logged.event
        if not self._is_here(event.subject):
            return
        try:
            match event:
                case ReplyComposed():
                    await self._deliver(event.subject, logged.position, attempt)
                case ReplyFailed(is_permanent=True) if self._postman.tells_failures:
                    await self._deliver(event.subject, logged.position, attempt)
                case ReplyWithdrawn():
                    reply = await self._log.find(Reply, event.subject)
                    await self._take_back(event.subject, reply.posts if reply else ())
                case ReplyErased():
                    await self._take_back(event.subject, event.posts)
        except PostUncertain as uncertain:
            raise RetryLater(uncertain.message, delay_s=uncertain.retry_after_s, is_outage=True) from uncertain

    async def give_up(self, logged: LoggedEvent, error: Exception) -> None:
        """Record on a reply that could not be delivered that it will not be."""
        why = error.message if isinstance(error, TzurotError) else type(error).__name__
        if isinstance(logged.event, ReplyComposed | ReplyFailed):
            await self._end(logged.event.subject, reason="given up", message=f"It could not be posted: {why}")

    def _is_here(self, subject: str) -> bool:
        place = place_of(subject)
        return place is not None and platform_of(place) == self._postman.platform

    async def _deliver(self, reply_id: str, position: int, attempt: Attempt) -> None:
        await self._projected.wait_for(position, timeout_s=PROJECTIONS_TIMEOUT_S)
        is_first = await self._awaited.until_first(
            reply_id,
            patience_s=PATIENCE_S,
            limit_s=self._earlier_limit_s,
            failures_are_told=self._postman.tells_failures,
        )
        if not is_first:
            raise NotYet
        async with self._places.hold(reply_key(reply_id).place):
            found = await self._may_post(reply_id)
            if found is None:
                await self._poster.take_back(reply_id)
                return
            try:
                await self._post(*found, position, attempt)
            except PostRefused as refused:
                logger.warning("%s cannot post %s: %s", self.name, reply_id, refused.message)
                await self._end(reply_id, reason=refused.reason, message=refused.message)

    async def _may_post(self, reply_id: str) -> tuple[Reply, Message] | None:
        """The reply and what it answers, if it is still to be posted; withdraws it if what it answers has gone."""
        reply = await self._log.find(Reply, reply_id)
        if reply is None or reply.state is ReplyState.ERASED:  # its tombstone does not say what it answered
            return None
        message, person = await asyncio.gather(
            self._log.find(Message, reply.message), self._log.find(Person, person_id(reply.person))
        )
        if message is None:
            return None
        is_blocked = person is not None and person.fields.get("is_blocked") is True
        match before_posting(message, reply, is_person_blocked=is_blocked):
            case Post():
                return reply, message
            case Withdraw(reason=reason):
                at = self._clock()
                await self._log.change(Reply, reply_id, lambda it: it.withdraw(reason=reason, at=at))
        return None

    async def _post(self, reply: Reply, message: Message, position: int, attempt: Attempt) -> None:
        character = await self._log.find(Character, character_id(reply.character))
        postings = self._postings(reply, message, character, position)
        is_complete = await self._poster.post(postings[len(reply.posts) :], attempt)
        if is_complete and reply.failure is None:
            at = self._clock()
            await self._log.change(Reply, reply.id, lambda it: it.deliver(at=at))

    def _postings(
        self, reply: Reply, message: Message, character: Character | None, position: int
    ) -> tuple[Posting, ...]:
        is_there = reply.failure is None or reply.failure.reason != NO_SUCH_CHARACTER
        fields = character.fields if character and is_there else {}
        name, avatar_url = str(fields.get("name") or ""), fields.get("avatar_url")
        text, footer = str(reply.text), footer_of(reply, message)
        if reply.failure is not None:
            text, footer = notice_of(reply.failure, fields.get("error_message"), reference=position), Footer()
        chunks = self._postman.split(text)
        return tuple(
            Posting(
                place=reply_key(reply.id).place,
                in_reply_to=reply.message,
                character=reply.character,
                character_name=name,
                reply=reply.id,
                text=chunk,
                chunk=number,
                chunks=len(chunks),
                nonce=self._key_ring.keyed_hash("nonce", f"{reply.id}\0{number}")[:NONCE_CHARS],
                since=reply.settled_at or reply.created_on,
                avatar_url=avatar_url if isinstance(avatar_url, str) else None,
                footer=footer,
                is_failure=reply.failure is not None,
            )
            for number, chunk in enumerate(chunks)
        )

    async def _end(self, reply_id: str, *, reason: str, message: str) -> None:
        at = self._clock()
        await self._log.change(Reply, reply_id, lambda it: it.give_up(reason=reason, message=message, at=at))

    async def _take_back(self, reply_id: str, posts: tuple[str, ...]) -> None:
        """Take back what stands of a reply, and what may stand of it since an attempt of which that is not known."""
        place = reply_key(reply_id).place
        for post in posts:
            try:
                await self._postman.withdraw(place, post)
            except PostRefused as refused:  # it stays there; whoever runs the place can take it away
                logger.warning("%s cannot take back a post of %s: %s", self.name, reply_id, refused.message)
        async with self._places.hold(place):  # so that an attempt which is under way has ended
            await self._poster.take_back(reply_id)


def footer_of(reply: Reply, message: Message) -> Footer:
    """Who answered, and whether that was by itself."""
    asked_by = dict(zip(message.addresses, message.asked_by, strict=False))
    model = reply.because.answered_by or reply.model if reply.because else reply.model
    return Footer(model=model or None, is_automatic=asked_by.get(reply.character) == "activation")
