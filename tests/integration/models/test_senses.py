"""Pictures described and recordings written down, against a server on loopback that says what it was sent."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from adapters.models.senses import OpenAICompatibleDescriber, OpenAICompatibleTranscriber
from engine.errors import Misconfigured
from engine.ports import Describer, ModelFailure, ModelRefused, Transcriber

KEY = SecretStr("sk-operator-KEY")
PICTURE, RECORDING = b"\x89PNG a lighthouse", b"OggS good evening"


@dataclass
class Server:
    base_url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def chat(self, request: web.Request) -> web.Response:
        self.asked.append({"authorization": request.headers.get("Authorization"), **await request.json()})
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"choices": [{"message": {"content": " A lighthouse at dusk. "}}]})

    async def transcriptions(self, request: web.Request) -> web.Response:
        parts = await request.post()
        file = parts["file"]
        assert isinstance(file, web.FileField)
        sent = {"model": parts["model"], "name": file.filename, "kind": file.content_type, "bytes": file.file.read()}
        self.asked.append({"authorization": request.headers.get("Authorization"), **sent})
        return self.answers.pop(0) if self.answers else web.json_response({"text": "Good evening."})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    application = web.Application()
    application.router.add_post("/v1/chat/completions", server.chat)
    application.router.add_post("/v1/audio/transcriptions", server.transcriptions)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()


@pytest.fixture
async def describer(server: Server) -> AsyncIterator[Describer]:
    describer = OpenAICompatibleDescriber(base_url=server.base_url, model="sees", api_key=KEY, limit_s=20.0)
    yield describer
    await describer.close()


@pytest.fixture
async def transcriber(server: Server) -> AsyncIterator[Transcriber]:
    transcriber = OpenAICompatibleTranscriber(base_url=server.base_url, model="listens", api_key=KEY, limit_s=20.0)
    yield transcriber
    await transcriber.close()


async def test_a_picture_is_sent_with_the_request_and_described(server: Server, describer: Describer) -> None:
    assert await describer.describe(PICTURE, kind="image/PNG") == "A lighthouse at dusk."
    (asked,) = server.asked
    (wanted, shown) = asked["messages"][0]["content"]
    assert "word for word" in wanted["text"]
    assert shown["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("sees", 0.3, 400)
    assert asked["authorization"] == "Bearer sk-operator-KEY"


async def test_a_recording_is_sent_as_a_file_and_written_down(server: Server, transcriber: Transcriber) -> None:
    assert await transcriber.transcribe(RECORDING, kind="audio/ogg; codecs=opus") == "Good evening."
    (asked,) = server.asked
    assert (asked["model"], asked["name"], asked["kind"]) == ("listens", "recording.ogg", "audio/ogg")
    assert asked["bytes"] == RECORDING


@pytest.mark.parametrize(
    ("response", "reason", "is_permanent"),
    [
        ((401, '{"error": {"message": "SECRET"}}'), ModelFailure.AUTHENTICATION, True),
        ((429, '{"error": {"message": "SECRET"}}'), ModelFailure.RATE_LIMIT, False),
        ((500, "SECRET"), ModelFailure.SERVER, False),
        ((302, ""), ModelFailure.NOT_A_MODEL, True),
        ((200, "<html>SECRET</html>"), ModelFailure.NOT_A_MODEL, True),
        ((200, "[]"), ModelFailure.NOT_A_MODEL, True),
        ((200, '{"choices": []}'), ModelFailure.NOT_A_MODEL, True),
        ((200, '{"error": {"code": 429, "message": "rate limit, SECRET"}}'), ModelFailure.RATE_LIMIT, False),
        ((200, '{"choices": [{"message": {"content": null}}]}'), ModelFailure.EMPTY, None),
        ((200, "x" * 2_000_001), ModelFailure.NOT_A_MODEL, True),
    ],
    ids=[
        "wrong key",
        "too many",
        "broken",
        "elsewhere",
        "a page",
        "a list",
        "no choice",
        "an error",
        "empty",
        "endless",
    ],
)
async def test_a_server_that_does_not_describe_is_told_apart_in_plain_words(
    server: Server, describer: Describer, response: tuple[int, str], reason: ModelFailure, *, is_permanent: bool | None
) -> None:
    status, text = response
    server.answers.append(web.Response(status=status, text=text, headers={"Location": "http://127.0.0.1/"}))
    with pytest.raises(ModelRefused) as caught:
        await describer.describe(PICTURE, kind="image/png")

    assert caught.value.reason == reason
    assert is_permanent in (caught.value.is_permanent, None)
    assert "SECRET" not in caught.value.message
    assert len(server.asked) == 1


async def test_a_recording_of_silence_is_no_text(server: Server, transcriber: Transcriber) -> None:
    server.answers.append(web.json_response({"text": "  "}))
    with pytest.raises(ModelRefused) as caught:
        await transcriber.transcribe(RECORDING, kind="audio/ogg")

    assert caught.value.reason is ModelFailure.EMPTY


@pytest.mark.parametrize(("kind", "size"), [("image/svg+xml", 1), ("text/html", 1), ("image/png", 10_000_001)])
async def test_what_no_model_takes_is_not_even_sent(server: Server, describer: Describer, kind: str, size: int) -> None:
    with pytest.raises(ModelRefused) as caught:
        await describer.describe(b"x" * size, kind=kind)

    assert caught.value.is_permanent
    assert server.asked == []


async def test_a_server_that_is_not_there_is_a_passing_failure() -> None:
    describer = OpenAICompatibleDescriber(base_url="http://127.0.0.1:9/v1", model="sees")
    with pytest.raises(ModelRefused) as caught:
        await describer.describe(PICTURE, kind="image/png")

    assert (caught.value.reason, caught.value.is_permanent) == (ModelFailure.NETWORK, False)
    await describer.close()


async def test_a_key_that_no_provider_could_have_issued_is_refused_at_once() -> None:
    with pytest.raises(Misconfigured):
        OpenAICompatibleDescriber(base_url="http://127.0.0.1:9/v1", model="sees", api_key=SecretStr(" \n"))
