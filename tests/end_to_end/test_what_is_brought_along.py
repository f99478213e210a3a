"""A whole engine: what a message brings along is in the request that the model gets, and why finds the same bytes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.commands.quotes import Quoted
from engine.domain.ids import message_id, reply_id
from engine.errors import NotRecorded
from engine.reading import Overheard
from tests.builders import attachment
from tests.engine_at_work import Chat, engine_at_work
from tests.scripted_model_server import scripted_model_server


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with scripted_model_server() as model, engine_at_work(tmp_path, model) as chat:
        yield chat


async def test_what_a_message_brings_along_reaches_the_model_and_is_found_again(chat: Chat) -> None:
    engine = chat.engine
    ben = engine.person("terminal", "ben")
    quoted = Quoted(
        message=message_id(chat.place, "far-away"),
        person=ben,
        author="Ben",
        text="The harbour is closed.",
        at=engine.clock(),
    )
    quote = await engine.quotes.bring(quoted)
    assert quote is not None
    first = replace(chat.hearing("Look at this.", "bramble"), refers_to=(quote,), attachments=(attachment(),))
    await engine.messages.hear(first)
    (post,) = (await chat.reply(first.message)).posts
    answered = reply_id(first.message, "bramble")
    second = replace(
        chat.hearing("Is that so?", "bramble"), refers_to=(answered,), in_reply_to=answered, asked_by=("reply",)
    )
    await engine.messages.hear(second)
    await chat.reply(second.message)

    asked = [message["content"] for message in chat.model.requests[-1].body["messages"]]
    brought = "Look at this.\n[image: sunset.png]\n[quoting Ben]\n> The harbour is closed."
    assert chat.model.requests[0].body["messages"][-1]["content"] == brought
    assert asked[1] == brought
    assert asked[-1] == "Is that so?", "what it answers was said last"
    for heard in (first, second):
        assert (await engine.why.explain(reply_id(heard.message, "bramble"))).match
    await engine.read.wait_for(await engine.log.last_position(), timeout_s=20)
    situation = await engine.read.situation(
        Overheard(chat.place, None, chat.person, names=("bramble quill",), post=post)
    )
    assert situation.replied_to is not None
    assert situation.replied_to.reply == answered
    assert situation.replied_to.character == situation.named["bramble quill"]

    await engine.messages.delete(quoted.message, at=engine.clock())
    await engine.read.wait_for(await engine.log.last_position(), timeout_s=20)
    assert await engine.read.traces_of(quote) == 0
    third = chat.hearing("And now?", "bramble")
    await engine.messages.hear(third)
    await chat.reply(third.message)
    assert "harbour" not in str(chat.model.requests[-1].body)
    assert not (await engine.why.explain(answered)).match


async def test_who_is_not_recorded_is_not_heard(chat: Chat) -> None:
    await chat.engine.recording.stop(chat.person, at=chat.engine.clock())
    with pytest.raises(NotRecorded):
        await chat.engine.messages.hear(chat.hearing("Hello?", "bramble"))
    assert chat.model.requests == []
