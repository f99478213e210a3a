import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from adapters.models.openai_compatible import OpenAICompatible
from adapters.models.quirks import Quirks
from adapters.models.watchdogs import Patience
from engine.errors import Misconfigured
from engine.ports import ChatMessage, ModelFailure, ModelRefused, ModelRequest, Usage
from tests.scripted_model_server import REASONING_FIELDS, REPLY, Server, scripted_model_server

OPERATORS_KEY, PERSONS_KEY = SecretStr("sk-operator-KEY"), SecretStr("sk-person-KEY")
PATIENT = Patience(connect_s=2.0, first_token_s=20.0, stall_s=20.0, total_s=30.0)


def asking(scenario: str, **parameters: object) -> ModelRequest:
    messages = (ChatMessage("system", "# Character\nName: Ada"), ChatMessage("user", "the PROMPT"))
    return ModelRequest(model=scenario, messages=messages, parameters=parameters)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with scripted_model_server() as server:
        yield server


@pytest.fixture
async def model(server: Server) -> AsyncIterator[OpenAICompatible]:
    model = OpenAICompatible(base_url=server.base_url, api_key=OPERATORS_KEY, patience=PATIENT)
    yield model
    await model.close()


async def refusal(model: OpenAICompatible, scenario: str, api_key: SecretStr | None = None) -> ModelRefused:
    with pytest.raises(ModelRefused) as caught:
        await model.complete(asking(scenario), api_key=api_key)
    return caught.value


@pytest.mark.parametrize(
    "scenario",
    [
        *("plain", "comments", "byte-by-byte", "crlf", "no-done", "odd-chunks", "not-streamed", "inline-think"),
        *REASONING_FIELDS,
    ],
)
async def test_an_answer_is_heard_however_it_is_sent(model: OpenAICompatible, scenario: str) -> None:
    completion = await model.complete(asking(scenario))

    assert completion.text == REPLY
    assert completion.finish_reason == "stop"
    assert completion.model == "scripted-1"
    assert completion.usage == Usage(prompt_tokens=12, completion_tokens=7, cached_tokens=5, reasoning_tokens=3)
    assert completion.reasoning == ("hm" if scenario in (*REASONING_FIELDS, "inline-think") else "")
    assert 0 < completion.first_token_s <= completion.total_s


async def test_an_answer_without_usage_is_an_answer(model: OpenAICompatible) -> None:
    completion = await model.complete(asking("no-usage"))

    assert (completion.text, completion.usage) == (REPLY, None)


async def test_an_answer_that_ran_into_its_length_limit_is_an_answer(model: OpenAICompatible) -> None:
    assert (await model.complete(asking("length"))).finish_reason == "length"


@pytest.mark.parametrize(
    ("scenario", "expected", "partial"),
    [
        ("error-chunk", (ModelFailure.SERVER, False, 502), REPLY),
        ("error-first", (ModelFailure.RATE_LIMIT, False, 429), ""),
        ("choice-error", (ModelFailure.SERVER, False, 502), REPLY),
        ("finish-error", (ModelFailure.SERVER, False, None), REPLY),
        ("content-filter", (ModelFailure.MODERATION, True, None), REPLY),
        ("no-finish", (ModelFailure.TRUNCATED, False, None), REPLY),
        ("half-json", (ModelFailure.TRUNCATED, False, None), REPLY),
        ("no-chunks", (ModelFailure.TRUNCATED, False, None), ""),
        ("bad-json", (ModelFailure.SERVER, False, None), REPLY),
        ("cut", (ModelFailure.NETWORK, False, None), REPLY),
        ("empty", (ModelFailure.EMPTY, False, None), ""),
        ("empty-length", (ModelFailure.EMPTY, True, None), ""),
        ("html-200", (ModelFailure.NOT_A_MODEL, True, 200), ""),
        ("html-502", (ModelFailure.SERVER, False, 502), ""),
        ("json-error-200", (ModelFailure.AUTHENTICATION, True, 401), ""),
        ("redirect", (ModelFailure.NOT_A_MODEL, True, 307), ""),
        ("moderation-403", (ModelFailure.MODERATION, True, 403), ""),
        ("busy-402", (ModelFailure.PAYMENT, False, 402), ""),
        ("quota-429", (ModelFailure.PAYMENT, True, 429), ""),
        ("too-long-400", (ModelFailure.TOO_LONG, True, 400), ""),
        ("status-400", (ModelFailure.BAD_REQUEST, True, 400), ""),
        ("status-401", (ModelFailure.AUTHENTICATION, True, 401), ""),
        ("status-402", (ModelFailure.PAYMENT, True, 402), ""),
        ("status-403", (ModelFailure.AUTHENTICATION, True, 403), ""),
        ("status-404", (ModelFailure.BAD_REQUEST, True, 404), ""),
        ("status-408", (ModelFailure.TIMEOUT, False, 408), ""),
        ("status-409", (ModelFailure.SERVER, False, 409), ""),
        ("status-413", (ModelFailure.TOO_LONG, True, 413), ""),
        ("status-422", (ModelFailure.BAD_REQUEST, True, 422), ""),
        ("status-429", (ModelFailure.RATE_LIMIT, False, 429), ""),
        ("status-500", (ModelFailure.SERVER, False, 500), ""),
        ("status-503", (ModelFailure.SERVER, False, 503), ""),
    ],
)
async def test_each_failure_is_told_apart(
    server: Server,
    model: OpenAICompatible,
    scenario: str,
    expected: tuple[ModelFailure, bool, int | None],
    partial: str,
) -> None:
    refused = await refusal(model, scenario)

    assert (refused.reason, refused.is_permanent, refused.status) == expected
    assert refused.partial == partial
    assert len(server.requests) == 1, "a request is never repeated by itself"
    assert_is_fit_to_be_shown(refused, server)


def assert_is_fit_to_be_shown(refused: ModelRefused, server: Server) -> None:
    for secret in ("SECRET", "PROMPT", "KEY", "sk-", "http", server.base_url):
        assert secret not in refused.message
    assert refused.message.endswith(".")
    assert "\n" not in refused.message
    assert refused.__context__ is None, "the library's error holds the request, and with it the conversation"


@pytest.mark.parametrize(("stated", "seconds"), [("30", 30.0), ("1.5", 1.5), ("900", 900.0)])
async def test_the_wait_the_provider_asks_for_is_passed_on(
    model: OpenAICompatible, stated: str, seconds: float
) -> None:
    assert (await refusal(model, f"status-429-{stated}")).retry_after_s == seconds


# Only the limit under test is short, so that a busy machine runs into no other.
@pytest.mark.parametrize(
    ("scenario", "patience", "says", "partial"),
    [
        ("silence", replace(PATIENT, first_token_s=0.2), "begin", ""),
        ("stall", replace(PATIENT, stall_s=0.5), "silent", REPLY),
        ("pings", replace(PATIENT, stall_s=0.5), "silent", REPLY),
    ],
    ids=["silence", "stall", "pings"],
)
async def test_only_a_token_is_a_sign_of_life(
    server: Server, scenario: str, patience: Patience, says: str, partial: str
) -> None:
    model = OpenAICompatible(base_url=server.base_url, patience=patience)

    refused = await refusal(model, scenario)

    assert refused.reason is ModelFailure.TIMEOUT
    assert says in refused.message
    assert refused.partial == partial
    await asyncio.wait_for(server.disconnected.wait(), 5)
    await model.close()


async def test_an_answer_that_never_ends_is_ended(server: Server) -> None:
    model = OpenAICompatible(base_url=server.base_url, patience=replace(PATIENT, total_s=1.0))

    refused = await refusal(model, "drip")

    assert refused.reason is ModelFailure.TIMEOUT
    assert "too long" in refused.message
    assert refused.partial.startswith("drop")
    await asyncio.wait_for(server.disconnected.wait(), 5)
    await model.close()


async def test_an_answer_is_complete_though_the_stream_hangs_after_its_finish(server: Server) -> None:
    model = OpenAICompatible(base_url=server.base_url, patience=replace(PATIENT, after_finish_s=0.1))

    completion = await model.complete(asking("stall-after-finish"))

    assert (completion.text, completion.usage) == (REPLY, None)
    assert completion.total_s < PATIENT.stall_s, "the limit of a stall was not waited for"
    await model.close()


async def test_cancelling_closes_the_stream_at_once(server: Server, model: OpenAICompatible) -> None:
    asked = asyncio.ensure_future(model.complete(asking("drip")))
    await asyncio.wait_for(server.asked.wait(), 5)

    asked.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asked
    await asyncio.wait_for(server.disconnected.wait(), 5)


async def test_nobody_at_the_address_is_a_network_failure() -> None:
    async with scripted_model_server() as gone:
        address = gone.base_url
    model = OpenAICompatible(base_url=address, patience=PATIENT)

    refused = await refusal(model, "plain")

    assert (refused.reason, refused.is_permanent) == (ModelFailure.NETWORK, False)
    await model.close()


async def test_a_persons_key_is_used_for_their_request_alone(server: Server, model: OpenAICompatible) -> None:
    await model.complete(asking("plain"), api_key=PERSONS_KEY)
    await model.complete(asking("plain"))

    assert [asked.headers["authorization"] for asked in server.requests] == [
        "Bearer sk-person-KEY",
        "Bearer sk-operator-KEY",
    ]


@pytest.mark.parametrize("blank", ["", "  \n", "sk-ключ", "two words", "line\nbreak"])
async def test_an_unusable_key_is_refused_and_the_operators_never_takes_its_place(
    server: Server, model: OpenAICompatible, blank: str
) -> None:
    refused = await refusal(model, "plain", SecretStr(blank))

    assert (refused.reason, refused.is_permanent) == (ModelFailure.AUTHENTICATION, True)
    assert server.requests == []


async def test_space_around_a_key_is_forgiven(server: Server, model: OpenAICompatible) -> None:
    await model.complete(asking("plain"), api_key=SecretStr(" sk-person-KEY\n"))

    assert server.requests[0].headers["authorization"] == "Bearer sk-person-KEY"


async def test_whose_key_it_is_decides_what_is_advised(model: OpenAICompatible) -> None:
    assert "your API key" in (await refusal(model, "status-401", PERSONS_KEY)).message
    assert "whoever runs this" in (await refusal(model, "status-401")).message


async def test_nothing_from_the_environment_reaches_the_provider(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
        monkeypatch.setenv(f"OPENAI_{name}", "leaked")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.invalid")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: leaked\nX-Mine: leaked")

    for key in (None, OPERATORS_KEY):
        model = OpenAICompatible(base_url=server.base_url, api_key=key)
        await model.complete(asking("plain"))
        await model.close()

    assert [asked.headers.get("authorization") for asked in server.requests] == [None, "Bearer sk-operator-KEY"]
    for asked in server.requests:
        assert "leaked" not in str(asked.headers)
        assert not any(name.startswith(("x-", "openai-")) for name in asked.headers)


async def test_all_keys_share_the_connections(server: Server, model: OpenAICompatible) -> None:
    for key in (None, PERSONS_KEY, SecretStr("sk-third")):
        await model.complete(asking("plain"), api_key=key)

    assert server.connections == 1


async def test_what_is_sent_is_the_request_and_nothing_in_its_place(server: Server, model: OpenAICompatible) -> None:
    await model.complete(asking("plain", temperature=0.5, max_tokens=9, top_k=4, stream=False, model="x", messages=[]))

    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].body == {
        "model": "plain",
        "messages": [
            {"role": "system", "content": "# Character\nName: Ada"},
            {"role": "user", "content": "the PROMPT"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 9,
        "top_k": 4,
    }


async def test_a_providers_quirks_are_minded(server: Server) -> None:
    quirks = Quirks(asks_for_usage=False, limit_parameter="max_completion_tokens")
    model = OpenAICompatible(base_url=server.base_url, quirks=quirks)

    await model.complete(asking("plain", max_tokens=9))

    assert server.requests[0].body["max_completion_tokens"] == 9
    assert not {"max_tokens", "stream_options"} & set(server.requests[0].body)
    await model.close()


async def test_a_field_that_a_provider_refuses_is_left_out_from_then_on(
    server: Server, model: OpenAICompatible
) -> None:
    server.script("no-stream-options", "no-usage", "plain")

    for _ in range(2):
        await model.complete(asking("quirky"))

    assert ["stream_options" in asked.body for asked in server.requests] == [True, False, False]


async def test_a_limit_of_another_name_is_learned(server: Server, model: OpenAICompatible) -> None:
    server.script("no-max-tokens", "plain", "plain")

    for _ in range(2):
        await model.complete(asking("quirky", max_tokens=9))

    assert ["max_tokens" in asked.body for asked in server.requests] == [True, False, False]
    assert server.requests[-1].body["max_completion_tokens"] == 9


async def test_a_provider_that_goes_on_refusing_is_asked_no_third_time(server: Server, model: OpenAICompatible) -> None:
    server.script("no-stream-options", "no-stream-options")

    assert (await refusal(model, "quirky")).reason is ModelFailure.BAD_REQUEST
    assert len(server.requests) == 2


async def test_half_a_character_does_not_stop_the_request(server: Server, model: OpenAICompatible) -> None:
    await model.complete(ModelRequest(model="plain", messages=(ChatMessage("user", "a\ud83db"),)))

    assert server.requests[0].body["messages"][0]["content"] == "a?b"


async def test_nothing_private_is_logged(model: OpenAICompatible, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    await model.complete(asking("plain"))
    await refusal(model, "status-401")

    assert not [record for record in caplog.records if record.name.startswith(("openai", "httpx2", "httpcore2"))]
    for private in ("PROMPT", "KEY", REPLY):
        assert private not in caplog.text


@pytest.mark.parametrize("address", ["", "api.openai.com/v1", "ftp://x/v1", "https://", "https://me:pw@x/v1"])
def test_a_wrong_address_is_refused_at_start(address: str) -> None:
    with pytest.raises(Misconfigured, match="OPENAI_BASE_URL"):
        OpenAICompatible(base_url=address)


def test_an_unusable_operators_key_is_refused_at_start() -> None:
    with pytest.raises(Misconfigured, match="OPENAI_API_KEY"):
        OpenAICompatible(base_url="https://api.openai.com/v1", api_key=SecretStr(" "))


async def test_it_is_called_by_its_host() -> None:
    model = OpenAICompatible(base_url="https://openrouter.ai/api/v1")
    assert model.name == "openrouter.ai"
    await model.close()
