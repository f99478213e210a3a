"""A picture whose description is cut short: it is made again by whoever comes next, and every call is on the log."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from engine.domain import Message
from engine.domain.message import AttachmentsDescribed, AttachmentsShown
from engine.domain.reply import ReplyState
from tests.builders import attachment
from tests.engine_at_work import engine_at_work, held, until
from tests.scripted_model_server import SEEN, Server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def files() -> AsyncIterator[str]:
    """Where every file is a picture."""

    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=b"picture", content_type="image/png")

    application = web.Application()
    application.router.add_get("/{path:.*}", picture)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_process_that_ends_while_a_picture_is_described_leaves_it_to_the_next(
    tmp_path: Path, model: Server, files: str
) -> None:
    senses = {"DISCORD_CDN_BASE": files, "OPENAI_VISION_MODEL": "sees"}
    with held(model):
        async with engine_at_work(tmp_path, model, **senses) as chat:
            picture = attachment(url=f"{files}/sunset.png")
            said = replace(chat.hearing("Look!"), attachments=(picture,))
            await chat.engine.messages.hear(said)
            await until(lambda: [it.body["model"] for it in model.requests] == ["sees"])
    async with engine_at_work(tmp_path, model, **senses) as chat:
        reply = await chat.reply(said.message)
        found = await chat.engine.log.find(Message, said.message)
        events = [logged.event for logged in await chat.engine.log.events_of(said.message)]
    assert reply.state is ReplyState.DELIVERED
    assert found is not None
    assert found.words == f"Look!\n[image: sunset.png: {SEEN}]"
    assert [it.body["model"] for it in model.requests] == ["sees", "sees", "plain"]
    assert model.requests[-1].body["messages"][-1]["content"] == found.words
    assert [event.attempt for event in events if isinstance(event, AttachmentsShown)] == [1, 2]
    assert len([event for event in events if isinstance(event, AttachmentsDescribed)]) == 1
