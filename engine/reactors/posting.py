"""Every chunk of a reply comes to stand on its platform once, however often it is tried and by however many.

A platform cannot be asked to take a post only if it is new, so what is decided is which post counts: the one that
ReplyPosted names, and the log takes one for each chunk. Whoever may not be the first to try looks before it posts and
takes over what an earlier attempt left; whoever finds that another post counts takes its own back.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.domain import Reply
from engine.domain.reply import ReplyState
from engine.event_log import EventLog
from engine.ports import Posting, Postman, PostRefused
from engine.reactors.reaction import Attempt, NotYet, RetryLater
from engine.reading import Posts, Projected

logger = logging.getLogger(__name__)

PROJECTIONS_TIMEOUT_S = 10.0
LATE = timedelta(seconds=30)
"""A reply that is posted so long after it was made may have been tried by somebody of whom the log's server no longer
knows: it costs one look."""

TAKEN_DELAY_S = 0.5


class Poster:
    """Posts for one platform, and puts on the log what stands there."""

    def __init__(
        self,
        postman: Postman,
        *,
        log: EventLog,
        projected: Projected,
        posts: Posts,
        clock: Callable[[], datetime],
    ) -> None:
        self._postman = postman
        self._log = log
        self._projected = projected
        self._posts = posts
        self._clock = clock
        self._in_doubt: dict[str, Posting] = {}
        """By reply, the chunk of which a post may stand that is not on the log: something was away at that moment."""

    async def post(self, postings: Sequence[Posting], attempt: Attempt) -> bool:
        """Post chunks of one reply in their order. False if the reply went meanwhile, or stands by another's doing.

        Raises PostRefused, PostUncertain, NotYet if it may be somebody else's turn since, and RetryLater if somebody
        else is at it.
        """
        doubtful = self._in_doubt.get(postings[0].reply) if postings else None
        if doubtful is not None and doubtful.chunk < postings[0].chunk:
            await self.take_back(doubtful.reply)  # another post counts for that chunk
        for posting in postings:
            may_stand = not attempt.is_first or posting.reply in self._in_doubt or self._is_late(posting)
            if not await self._put(replace(posting, may_stand_already=may_stand), attempt):
                return False
        return True

    async def take_back(self, reply: str) -> None:
        """Take back what may stand of a reply that is over, and is not on the log. Raises PostUncertain: try again."""
        doubtful = self._in_doubt.get(reply)
        if doubtful is None:
            return
        post = await self._standing(doubtful)
        if post is not None:
            await self._withdraw(doubtful.place, post)
        del self._in_doubt[reply]

    def _is_late(self, posting: Posting) -> bool:
        return self._clock() - posting.since > LATE

    async def _put(self, posting: Posting, attempt: Attempt) -> bool:
        found = await self._standing(posting) if posting.may_stand_already else None
        post = found or await self._post(posting, attempt)
        self._in_doubt[posting.reply] = posting
        at = self._clock()
        outcome = await self._log.change(
            Reply,
            posting.reply,
            lambda it: it.post(chunk=posting.chunk, chunks=posting.chunks, post=post, at=at),
        )
        reply = outcome.aggregate
        is_held = reply.holds(posting.chunk, post)
        if not is_held:
            await self._withdraw(posting.place, post)
        del self._in_doubt[posting.reply]
        if is_held:
            return True
        if reply.state is ReplyState.COMPOSED:
            raise RetryLater("Another process is posting this reply.", delay_s=TAKEN_DELAY_S)
        return False

    async def _standing(self, posting: Posting) -> str | None:
        """The post that an earlier attempt left: the first that looks like it and is no other reply's."""
        found = await self._postman.find(posting)
        if not found:
            return None
        await self._projected.wait_for(await self._log.last_position(), timeout_s=PROJECTIONS_TIMEOUT_S)
        claimed = await self._posts.claimed(posting.place, *found)
        return next((post for post in found if post not in claimed), None)

    async def _post(self, posting: Posting, attempt: Attempt) -> str:
        if attempt.pulse.has_stopped:
            raise NotYet
        self._in_doubt[posting.reply] = posting
        try:
            return await self._postman.post(posting)
        except PostRefused:
            del self._in_doubt[posting.reply]
            raise

    async def _withdraw(self, place: str, post: str) -> None:
        try:
            await self._postman.withdraw(place, post)
        except PostRefused as refused:  # it stays there; that is no reason not to deliver the one that counts
            logger.warning(
                "%s cannot take back a post that does not count: %s", self._postman.platform, refused.message
            )
