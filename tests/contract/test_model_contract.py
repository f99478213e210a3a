"""What every Model keeps to, the fake included."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from adapters.models.offline import Offline
from adapters.models.openai_compatible import OpenAICompatible
from adapters.models.tokens import SafeEstimate
from engine.ports import ChatMessage, Model, ModelFailure, ModelRefused, ModelRequest
from tests.fakes.model import ScriptedModel, refused
from tests.scripted_model_server import scripted_model_server

REQUEST = ModelRequest(
    model="plain",
    messages=(ChatMessage("system", "# Character\nName: Ada"), ChatMessage("user", "Good morning!")),
    parameters={"temperature": 0.7},
)


@pytest.fixture(params=["scripted", "offline", "openai_compatible"])
async def model(request: pytest.FixtureRequest) -> AsyncIterator[Model]:
    match request.param:
        case "scripted":
            yield ScriptedModel()
        case "offline":
            yield Offline(SafeEstimate())
        case _:
            async with scripted_model_server() as server:
                yield OpenAICompatible(base_url=server.base_url)


@pytest.fixture(params=["scripted", "openai_compatible"])
async def refusing(request: pytest.FixtureRequest) -> AsyncIterator[Model]:
    """A model that refuses one request, as one that fails for a while does, and answers the next."""
    if request.param == "scripted":
        scripted = ScriptedModel()
        scripted.script(refused(ModelFailure.RATE_LIMIT))
        yield scripted
    else:
        async with scripted_model_server() as server:
            server.script("status-429", "plain")
            yield OpenAICompatible(base_url=server.base_url)


async def test_it_says_something_and_says_that_it_has_finished(model: Model) -> None:
    completion = await model.complete(REQUEST)

    assert completion.text.strip()
    assert completion.finish_reason == "stop"
    assert completion.model
    assert 0 <= completion.first_token_s <= completion.total_s
    await model.close()


async def test_it_counts_what_was_used(model: Model) -> None:
    usage = (await model.complete(REQUEST)).usage

    assert usage is not None
    assert min(usage.prompt_tokens, usage.completion_tokens) > 0
    await model.close()


async def test_it_takes_a_key_for_one_request(model: Model) -> None:
    assert (await model.complete(REQUEST, api_key=SecretStr("sk-person"))).text
    await model.close()


async def test_it_answers_several_at_once(model: Model) -> None:
    completions = await asyncio.gather(*(model.complete(REQUEST) for _ in range(5)))

    assert [completion.finish_reason for completion in completions] == ["stop"] * 5
    await model.close()


async def test_it_has_a_name_and_can_be_closed_twice(model: Model) -> None:
    assert model.name
    await model.close()
    await model.close()


async def test_a_refusal_is_for_one_request(refusing: Model) -> None:
    with pytest.raises(ModelRefused) as caught:
        await refusing.complete(REQUEST)

    assert caught.value.reason is ModelFailure.RATE_LIMIT
    assert not caught.value.is_permanent
    assert (await refusing.complete(REQUEST)).text
    await refusing.close()
