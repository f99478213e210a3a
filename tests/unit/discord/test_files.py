"""Files are had from where Discord keeps them, and from nowhere else."""

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web

from adapters.discord.files import DiscordFiles
from engine.errors import NotFetched

type Answer = Callable[[], web.StreamResponse]


class Cdn:
    def __init__(self) -> None:
        self.base = ""
        self.asked: list[str] = []
        self.answer: Answer = lambda: web.Response(body=b"picture", content_type="image/png")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        return self.answer()


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    cdn = Cdn()
    application = web.Application()
    application.router.add_get("/{path:.*}", cdn.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cdn.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield cdn
    await runner.cleanup()


@pytest.fixture
async def files(cdn: Cdn) -> AsyncIterator[DiscordFiles]:
    async with aiohttp.ClientSession() as session:
        yield DiscordFiles(session, cdn_base=f"{cdn.base}/cdn")


async def test_a_file_is_had_whole_and_with_its_kind(cdn: Cdn, files: DiscordFiles) -> None:
    fetched = await files.fetch(f"{cdn.base}/cdn/attachments/1/2/cat.png?ex=5&hm=6", limit_bytes=7)
    assert (fetched.content, fetched.kind) == (b"picture", "image/png")
    assert cdn.asked == ["/cdn/attachments/1/2/cat.png?ex=5&hm=6"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/cat.png",
        "http://cdn.discordapp.com/cat.png",
        "https://cdn.discordapp.com.example/cat.png",
        "https://cdn.discordapp.com:8443/cat.png",
        "https://example/?https://cdn.discordapp.com/cat.png",
        "https://cdn.discordapp.com@example/cat.png",
        "file:///etc/passwd",
        "/cat.png",
        "http://[::1",
        "",
    ],
)
async def test_what_is_not_discords_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, files: DiscordFiles, url: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("asked for")

    monkeypatch.setattr(aiohttp.ClientSession, "get", refuse)
    with pytest.raises(NotFetched) as caught:
        await files.fetch(url, limit_bytes=7)
    assert caught.value.is_permanent


@pytest.mark.parametrize(
    ("status", "is_permanent"), [(404, True), (403, True), (302, True), (206, True), (429, False), (503, False)]
)
async def test_another_answer_is_no_file_and_leads_nowhere(
    cdn: Cdn, files: DiscordFiles, status: int, *, is_permanent: bool
) -> None:
    cdn.answer = lambda: web.Response(status=status, headers={"Location": f"{cdn.base}/elsewhere"})
    with pytest.raises(NotFetched) as caught:
        await files.fetch(f"{cdn.base}/cat.png", limit_bytes=7)
    assert caught.value.is_permanent is is_permanent
    assert cdn.asked == ["/cat.png"]


async def test_a_file_that_is_larger_is_not_had(cdn: Cdn, files: DiscordFiles) -> None:
    with pytest.raises(NotFetched) as caught:
        await files.fetch(f"{cdn.base}/cat.png", limit_bytes=6)
    assert caught.value.is_permanent


async def test_a_server_that_is_not_there_is_a_passing_failure(cdn: Cdn) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(NotFetched) as caught:
            await DiscordFiles(session, cdn_base="http://127.0.0.1:9").fetch("http://127.0.0.1:9/x", limit_bytes=6)
    assert not caught.value.is_permanent
