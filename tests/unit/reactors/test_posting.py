"""When it is looked before posting, and which post counts; against a platform and a log in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from engine.domain import Reply
from engine.errors import LogUnavailable, PostUncertain
from engine.ports import Posting, PostRefusal, PostRefused
from engine.reactors.posting import LATE, Poster
from engine.reactors.reaction import Attempt, NotYet, Pulse, RetryLater
from tests.builders import (
    AT,
    CHARACTER_TOKEN,
    MESSAGE,
    PLACE,
    REPLY,
    reply_composed,
    reply_delivered,
    reply_posted,
    reply_started,
    reply_withdrawn,
)
from tests.fakes.postman import Postbox, cut_off
from tests.unit.given import after

COMPOSED = (reply_started(), reply_composed())


@dataclass
class OneReply:
    """A log that holds one reply, and the projections of it. `away` are errors instead of the next changes."""

    reply: Reply
    away: list[Exception] = field(default_factory=list)
    others: frozenset[str] = frozenset()
    waited_for: list[int] = field(default_factory=list)

    async def change(self, _: type[Reply], id: str, decide: Callable[[Reply], object]) -> Any:
        if self.away:
            raise self.away.pop()
        decide(self.reply)
        return SimpleNamespace(aggregate=self.reply)

    async def last_position(self) -> int:
        return 7

    async def wait_for(self, position: int, *, timeout_s: float) -> None:
        self.waited_for.append(position)

    async def claimed(self, place: str, *posts: str) -> frozenset[str]:
        return self.others.union(self.reply.posts).intersection(posts)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def log() -> OneReply:
    return OneReply(after(*COMPOSED))


@pytest.fixture
def poster(postbox: Postbox, log: OneReply) -> Any:
    return Poster(postbox, log=log, projected=log, posts=log, clock=lambda: AT)  # type: ignore[arg-type]


def chunks(*texts: str, since: Any = AT) -> Sequence[Posting]:
    return [
        Posting(
            place=PLACE,
            in_reply_to=MESSAGE,
            character=CHARACTER_TOKEN,
            character_name="Lyra",
            reply=REPLY,
            text=text,
            chunk=number,
            chunks=len(texts),
            nonce=f"n-{number}",
            since=since,
        )
        for number, text in enumerate(texts)
    ]


async def test_a_first_attempt_posts_each_chunk_and_looks_for_none(poster: Poster, postbox: Postbox) -> None:
    assert await poster.post(chunks("a", "b"), Attempt())
    assert postbox.stands(PLACE) == ["a", "b"]
    assert postbox.looked == []


async def test_a_later_attempt_takes_over_what_stands_and_posts_the_rest(
    poster: Poster, postbox: Postbox, log: OneReply
) -> None:
    (a, _) = postings = chunks("a", "b")
    left = await postbox.post(a)
    assert await poster.post(postings, Attempt(is_first=False))
    assert postbox.stands(PLACE) == ["a", "b"]
    assert log.reply.posts[0] == left


async def test_the_oldest_that_is_nobody_elses_is_taken_over(poster: Poster, postbox: Postbox, log: OneReply) -> None:
    (a,) = postings = chunks("a")
    posts = [await postbox.post(a) for _ in range(3)]
    log.others = frozenset(posts[:1])
    assert await poster.post(postings, Attempt(is_first=False))
    assert log.reply.posts == (posts[1],)
    assert log.waited_for == [7], "what counts is read once the projections know all that is on the log"


async def test_two_chunks_in_the_same_words_are_two_posts(poster: Poster, postbox: Postbox, log: OneReply) -> None:
    assert await poster.post(chunks("ha", "ha"), Attempt(is_first=False))
    assert postbox.stands(PLACE) == ["ha", "ha"]
    assert len(set(log.reply.posts)) == 2


async def test_what_was_posted_while_the_log_was_away_is_found_though_the_server_counts_a_first_delivery(
    poster: Poster, postbox: Postbox, log: OneReply
) -> None:
    log.away.append(LogUnavailable())
    with pytest.raises(LogUnavailable):
        await poster.post(chunks("a"), Attempt())
    assert await poster.post(chunks("a"), Attempt())
    assert postbox.stands(PLACE) == ["a"]
    assert len(postbox.looked) == 1


@pytest.mark.parametrize(("more", "looks"), [(timedelta(0), 0), (timedelta(seconds=1), 1)])
async def test_what_is_posted_long_after_it_was_composed_is_looked_for(
    poster: Poster, postbox: Postbox, more: timedelta, looks: int
) -> None:
    assert await poster.post(chunks("a", since=AT - LATE - more), Attempt())
    assert len(postbox.looked) == looks


async def test_after_a_refusal_nothing_is_looked_for(poster: Poster, postbox: Postbox) -> None:
    postbox.before.append(PostRefused("It is not allowed.", reason=PostRefusal.CONTENT_REFUSED))
    with pytest.raises(PostRefused):
        await poster.post(chunks("a"), Attempt())
    assert await poster.post(chunks("a"), Attempt())
    assert postbox.looked == []


async def test_after_a_cut_connection_it_is_looked_for(poster: Poster, postbox: Postbox) -> None:
    postbox.after.append(cut_off())
    with pytest.raises(PostUncertain):
        await poster.post(chunks("a"), Attempt())
    assert await poster.post(chunks("a"), Attempt(is_first=False))
    assert postbox.stands(PLACE) == ["a"]


async def test_what_may_be_somebody_elses_turn_by_now_is_not_posted(poster: Poster, postbox: Postbox) -> None:
    with pytest.raises(NotYet):
        await poster.post(chunks("a"), Attempt(pulse=Pulse(lasts_s=0.0)))
    assert postbox.posted == []


async def test_a_pulse_that_stopped_once_has_stopped_for_good() -> None:
    stopped, beating = Pulse(lasts_s=0.0), Pulse(lasts_s=60.0)
    stopped.beat()
    beating.beat()

    assert stopped.has_stopped
    assert not beating.has_stopped


async def test_a_post_that_comes_second_is_taken_back_and_left_to_the_other(
    poster: Poster, postbox: Postbox, log: OneReply
) -> None:
    async def other_is_first(_: Posting) -> None:
        log.reply = after(*COMPOSED, reply_posted(chunks=2, post="theirs"))

    postbox.after.append(other_is_first)
    with pytest.raises(RetryLater):
        await poster.post(chunks("a", "b"), Attempt())
    assert postbox.stands(PLACE) == []
    assert log.reply.posts == ("theirs",)


@pytest.mark.parametrize(
    "past",
    [(*COMPOSED, reply_posted(post="theirs"), reply_delivered()), (*COMPOSED, reply_withdrawn())],
    ids=["delivered by another", "withdrawn"],
)
async def test_a_post_of_a_reply_that_is_over_meanwhile_is_taken_back_and_that_is_all(
    poster: Poster, postbox: Postbox, log: OneReply, past: Any
) -> None:
    async def it_ends(_: Posting) -> None:
        log.reply = after(*past)

    postbox.after.append(it_ends)
    assert not await poster.post(chunks("a", "b"), Attempt())
    assert postbox.stands(PLACE) == []


async def test_a_post_that_cannot_be_taken_back_keeps_nobody_from_delivering_the_one_that_counts(
    poster: Poster, postbox: Postbox, log: OneReply
) -> None:
    async def other_is_first(_: Posting) -> None:
        log.reply = after(*COMPOSED, reply_posted(chunks=2, post="theirs"))

    postbox.after.append(other_is_first)
    postbox.kept.append(PostRefused("It is not allowed.", reason=PostRefusal.NO_PERMISSION))
    with pytest.raises(RetryLater):
        await poster.post(chunks("a", "b"), Attempt())
    assert postbox.stands(PLACE) == ["a"]


async def test_a_post_that_may_stand_is_taken_back_though_its_reply_is_over_meanwhile(
    poster: Poster, postbox: Postbox, log: OneReply
) -> None:
    postbox.after.append(cut_off())
    with pytest.raises(PostUncertain):
        await poster.post(chunks("a"), Attempt())
    log.reply = after(*COMPOSED, reply_withdrawn())
    postbox.kept.append(cut_off())
    with pytest.raises(PostUncertain):
        await poster.take_back(REPLY)
    assert postbox.stands(PLACE) == ["a"]

    await poster.take_back(REPLY)
    await poster.take_back(REPLY)
    assert postbox.stands(PLACE) == []
    assert len(postbox.taken_back) == 1


async def test_a_post_that_does_not_count_is_taken_back_before_the_next_chunk(
    poster: Poster, postbox: Postbox, log: OneReply
) -> None:
    async def other_is_first(_: Posting) -> None:
        log.reply = after(*COMPOSED, reply_posted(chunks=2, post="theirs"))

    postbox.after.append(other_is_first)
    postbox.kept.append(cut_off())
    with pytest.raises(PostUncertain):
        await poster.post(chunks("a", "b"), Attempt())
    assert await poster.post(chunks("a", "b")[1:], Attempt(is_first=False))
    assert postbox.stands(PLACE) == ["b"]
