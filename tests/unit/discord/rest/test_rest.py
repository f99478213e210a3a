import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from pydantic import SecretStr

from adapters.discord.rest import rest as rest_module
from adapters.discord.rest.asks import Ask, File
from adapters.discord.rest.refusals import Denied, Unanswered
from adapters.discord.rest.rest import Rest

TOKEN = "bot-secret-token"
GET = Ask("GET", "/channels/1", lane="channel 1")
POST = Ask("POST", "/webhooks/7/hook-secret-token", lane="webhook 7", body={"content": "words"}, is_signed=False)

CALLBACK = Ask(
    "POST", "/interactions/1/t/callback", lane="x", is_signed=False, is_counted=False, may_repeat=True, within_s=3.0
)

type Reply = Callable[[web.Request], web.StreamResponse]


def answer(status: int, body: object = None, **headers: str) -> Reply:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.json_response(body, status=status, headers=told)


def page(status: int, **headers: str) -> Reply:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.Response(text="<html>", content_type="text/html", status=status, headers=told)


def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@dataclass
class Scripted:
    """Answers requests in turn, and with 200 when the script is used up."""

    script: list[Reply] = field(default_factory=list)
    seen: list[web.Request] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        await request.read()
        await self.may_answer.wait()
        return self.script.pop(0)(request) if self.script else web.json_response({"id": "1"})


@pytest.fixture
async def discord() -> Scripted:
    return Scripted()


@pytest.fixture
async def rest(discord: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rest]:
    monkeypatch.setattr(rest_module, "PAUSES_S", (0.001, 0.001))
    server = web.ServerRunner(web.Server(discord.handle))
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    async with Rest(SecretStr(TOKEN), api_base=f"{site.name}/api/v10/") as rest:
        yield rest
    await server.cleanup()


async def test_a_request_says_who_asks(rest: Rest, discord: Scripted) -> None:
    assert await rest.ask(GET) == {"id": "1"}
    seen = discord.seen[0]
    assert (seen.method, seen.path, seen.headers["Authorization"]) == ("GET", "/api/v10/channels/1", f"Bot {TOKEN}")
    assert seen.headers["User-Agent"].startswith("DiscordBot (")


async def test_a_webhook_s_request_does_not_carry_the_bot_s_token(rest: Rest, discord: Scripted) -> None:
    await rest.ask(POST)
    assert "Authorization" not in discord.seen[0].headers


async def test_no_content_is_none(rest: Rest, discord: Scripted) -> None:
    discord.script = [lambda _: web.Response(status=204)]
    assert await rest.ask(GET) is None


@pytest.mark.parametrize("trouble", [page(500), page(502), page(503), cut, answer(302, Location="http://127.0.0.1/")])
async def test_what_can_be_repeated_is_repeated(rest: Rest, discord: Scripted, trouble: Reply) -> None:
    discord.script = [trouble, trouble]
    assert await rest.ask(GET) == {"id": "1"}
    assert len(discord.seen) == 3


@pytest.mark.parametrize("trouble", [page(500), page(502), page(503), page(504), cut])
async def test_a_post_is_never_repeated_unasked_since_it_may_stand(
    rest: Rest, discord: Scripted, trouble: Reply
) -> None:
    discord.script = [trouble]
    with pytest.raises(Unanswered):
        await rest.ask(POST)
    assert len(discord.seen) == 1


async def test_there_is_an_end_to_repeating(rest: Rest, discord: Scripted) -> None:
    discord.script = [page(503)] * 9
    with pytest.raises(Unanswered, match="503"):
        await rest.ask(GET)
    assert len(discord.seen) == 3


async def test_a_refusal_has_its_code_and_the_fields_it_is_about(rest: Rest, discord: Scripted) -> None:
    tree = {"username": {"_errors": [{"code": "BAD", "message": "words"}]}, "embeds": {"0": {"title": {"_errors": []}}}}
    discord.script = [answer(400, {"code": 50035, "message": "Invalid Form Body: words", "errors": tree})]
    with pytest.raises(Denied) as denied:
        await rest.ask(POST)
    assert (denied.value.status, denied.value.code) == (400, 50035)
    assert {"username", "embeds", "title"} <= denied.value.fields
    assert "words" not in str(denied.value)


async def test_a_rate_limit_is_waited_for_also_by_a_post_since_nothing_was_done(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(429, {"retry_after": 0.01, "global": False})] * 2
    assert await rest.ask(POST) == {"id": "1"}
    assert len(discord.seen) == 3


async def test_a_spent_bucket_is_waited_for_without_asking(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(200, {}, X_RateLimit_Remaining="0", X_RateLimit_Reset_After="0.05")]
    started_s = asyncio.get_running_loop().time()
    await rest.ask(POST)
    await rest.ask(POST)
    assert asyncio.get_running_loop().time() - started_s >= 0.05
    assert len(discord.seen) == 2


async def test_a_spent_bucket_holds_up_no_other_channel(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(200, {}, X_RateLimit_Remaining="0", X_RateLimit_Reset_After="50", X_RateLimit_Bucket="b")]
    await rest.ask(Ask("POST", "/channels/1/messages", lane="sending to 1"))
    async with asyncio.timeout(5):
        assert await rest.ask(Ask("POST", "/channels/2/messages", lane="sending to 2")) == {"id": "1"}


async def test_what_is_dispensable_is_left_out_rather_than_waited_for(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(200, {}, X_RateLimit_Remaining="0", X_RateLimit_Reset_After="50")]
    typing = Ask("POST", "/channels/1/typing", lane="typing in 1", is_dispensable=True)
    await rest.ask(typing)
    assert await rest.ask(typing) is None
    assert len(discord.seen) == 1


async def test_a_ban_is_told_at_once_and_nothing_more_is_asked(rest: Rest, discord: Scripted) -> None:
    discord.script = [page(429, Retry_After="600")]
    for ask in (GET, POST):
        with pytest.raises(Unanswered) as unanswered:
            await rest.ask(ask)
        assert (unanswered.value.retry_after_s or 0) > 500
    assert len(discord.seen) == 1


async def test_an_answer_that_is_no_text_is_none(rest: Rest, discord: Scripted) -> None:
    discord.script = [lambda _: web.Response(body=b"\xff\xfe{", headers={"Content-Type": "application/json"})]
    assert await rest.ask(GET) is None


async def test_limits_without_end_are_told(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(429, {"retry_after": 0.001})] * 9
    with pytest.raises(Unanswered, match="too many"):
        await rest.ask(POST)


async def test_what_is_not_answered_in_time_may_still_happen_and_is_looked_for_later(
    rest: Rest, discord: Scripted
) -> None:
    discord.may_answer.clear()
    async with Rest(SecretStr(TOKEN), api_base=rest._api_base, timeout_s=0.02) as impatient:
        with pytest.raises(Unanswered) as unanswered:
            await impatient.ask(POST)
    discord.may_answer.set()
    assert unanswered.value.retry_after_s == rest_module.AFTER_SILENCE_S


async def test_no_server_is_told_without_an_address() -> None:
    async with Rest(SecretStr(TOKEN), api_base="http://127.0.0.1:9") as rest:
        with pytest.raises(Unanswered) as unanswered:
            await rest.ask(POST)
    assert "127" not in str(unanswered.value)


@pytest.mark.parametrize("trouble", [page(503), cut, page(404), answer(400, {"code": 1})])
async def test_no_secret_stands_in_an_error_or_a_representation(rest: Rest, discord: Scripted, trouble: Reply) -> None:
    discord.script = [trouble]
    with pytest.raises((Denied, Unanswered)) as error:
        await rest.ask(POST)
    told = f"{error.value!r} {error.value.__cause__!r} {POST!r} {rest!r}"
    assert TOKEN not in told
    assert "hook-secret-token" not in told
    assert "words" not in told


async def test_files_are_sent_beside_the_body_and_again_with_each_attempt(rest: Rest, discord: Scripted) -> None:
    discord.script = [page(502)]
    await rest.ask(Ask("PATCH", "/hook", lane="hook", body={"content": "words"}, files=[File("a b.txt", b"\x00\xff")]))
    first, second = [await request.read() for request in discord.seen]
    for sent in (first, second):
        assert b'name="payload_json"' in sent
        assert b'{"content": "words"}' in sent
        assert b'name="files[0]"; filename="a b.txt"' in sent
        assert b"\x00\xff" in sent


async def test_a_limit_over_all_requests_holds_up_no_answer_to_an_interaction(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(429, {"retry_after": 50, "global": True})]
    held_up = asyncio.create_task(rest.ask(GET))
    while not discord.seen:  # noqa: ASYNC110 - the server's doing
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await rest.ask(CALLBACK) == {"id": "1"}
    assert not held_up.done()
    held_up.cancel()


async def test_what_is_of_no_use_later_is_neither_waited_for_nor_repeated_then(rest: Rest, discord: Scripted) -> None:
    discord.script = [answer(429, {"retry_after": 20})]
    with pytest.raises(Unanswered) as unanswered:
        await rest.ask(CALLBACK)
    assert (unanswered.value.retry_after_s or 0) > 10
    discord.script = [page(503)] * 2
    with pytest.raises(Unanswered, match="503"):
        await rest.ask(replace(CALLBACK, lane="another", within_s=0.0))
    assert len(discord.seen) == 2


async def test_a_post_is_repeated_where_twice_is_as_good_as_once(rest: Rest, discord: Scripted) -> None:
    discord.script = [cut, page(502)]
    assert await rest.ask(CALLBACK) == {"id": "1"}
    assert len(discord.seen) == 3


async def test_after_closing_nothing_is_asked(rest: Rest, discord: Scripted) -> None:
    await rest.close()
    with pytest.raises(Unanswered, match="ends"):
        await rest.ask(GET)
    assert discord.seen == []
