"""What every Postman keeps to, the fake included.

A postman may recognise a second attempt by itself (the terminal's does, by the nonce), or find what the first one
left; either way, whoever does as the deliverer does leaves one post.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.terminal.postman import TerminalPostman
from engine.domain.ids import place_id
from engine.ports import Posting, Postman
from tests.builders import CHARACTER_TOKEN
from tests.discord.speaking_scene import scene
from tests.fakes.postman import Postbox


@dataclass(frozen=True)
class Served:
    """A postman, and a channel of its platform that it can post to."""

    postman: Postman
    channel: str = "1"


@pytest.fixture(params=["in memory", "terminal", "discord", "discord, directly"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    match request.param:
        case "in memory":
            yield Served(Postbox())
        case "terminal":
            yield Served(TerminalPostman())
        case way:
            async with scene() as discord:
                place = discord.alice.dm_with(discord.bot) if "directly" in way else discord.tavern
                yield Served(discord.postman, str(place.id))


@pytest.fixture
def postman(served: Served) -> Postman:
    return served.postman


@pytest.fixture
def posting(served: Served) -> Posting:
    """The only chunk of a reply, in a place where it can be posted."""
    place = place_id(served.postman.platform, served.channel)
    return Posting(
        place=place,
        in_reply_to=f"message.{place}.1024",
        character=CHARACTER_TOKEN,
        character_name="Lyra",
        reply=f"reply.{place}.1024.{CHARACTER_TOKEN}.1",
        text="We watched its lamp go out.",
        chunk=0,
        chunks=1,
        nonce="n" * 25,
        since=datetime.now(UTC) - timedelta(seconds=1),
    )


async def posted_once_more(postman: Postman, posting: Posting) -> str:
    """What the deliverer does when an earlier attempt may have come through."""
    found = await postman.find(replace(posting, may_stand_already=True))
    return found[0] if found else await postman.post(replace(posting, may_stand_already=True))


async def test_it_says_which_platform_it_serves_and_whether_it_tells_failures(postman: Postman) -> None:
    assert postman.platform.isalnum()
    assert postman.tells_failures in (True, False)


@pytest.mark.parametrize("text", ["Aye.", "One word after another. " * 400, "A\n\nparagraph\n\n" * 300, "x" * 5_000])
async def test_cutting_a_reply_loses_none_of_its_words(postman: Postman, text: str) -> None:
    chunks = postman.split(text)

    assert all(chunks)
    assert "".join("".join(chunks).split()) == "".join(text.split())


async def test_nothing_is_found_before_it_was_posted(postman: Postman, posting: Posting) -> None:
    assert await postman.find(posting) == ()


async def test_a_post_has_an_id(postman: Postman, posting: Posting) -> None:
    assert await postman.post(posting)


async def test_a_second_attempt_leads_to_the_same_post(postman: Postman, posting: Posting) -> None:
    post = await postman.post(posting)

    assert await posted_once_more(postman, posting) == post


async def test_another_chunk_is_another_post(postman: Postman, posting: Posting) -> None:
    first = replace(posting, chunks=2)
    second = replace(posting, text="It never came back.", chunk=1, chunks=2, nonce="m" * 25)

    assert await postman.post(first) != await posted_once_more(postman, second)


async def test_a_post_is_taken_back_and_then_not_found_any_more(postman: Postman, posting: Posting) -> None:
    post = await postman.post(posting)
    await postman.withdraw(posting.place, post)

    assert post not in await postman.find(posting)


async def test_taking_back_what_has_gone_is_no_error(postman: Postman, posting: Posting) -> None:
    post = await postman.post(posting)
    await postman.withdraw(posting.place, post)
    await postman.withdraw(posting.place, post)
