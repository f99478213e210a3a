"""What a person gets, and what the log says, when a model provider misbehaves in every known way."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from engine.domain.reply import Reply, ReplyComposed, ReplyFailed, ReplyState
from engine.ports import ModelFailure
from engine.reactors.responder import MOST_ATTEMPTS
from tests.engine_at_work import Chat, engine_at_work
from tests.scripted_model_server import REASONING_FIELDS, REPLY, scripted_model_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "sk-scripted-0123456789abcdefghijklmnop"
NEVER_TOLD = (KEY, "http", "127.0.0.1", "SECRET", "{", "<", "Traceback", "Error")

STREAMED = ("plain", "comments", "byte-by-byte", "crlf", "no-usage", "no-done", "length", "not-streamed")
PASSING = {
    "error-chunk": ModelFailure.SERVER,
    "error-first": ModelFailure.RATE_LIMIT,
    "choice-error": ModelFailure.SERVER,
    "finish-error": ModelFailure.SERVER,
    "no-finish": ModelFailure.TRUNCATED,
    "half-json": ModelFailure.TRUNCATED,
    "bad-json": ModelFailure.SERVER,
    "cut": ModelFailure.NETWORK,
    "empty": ModelFailure.EMPTY,
    "silence": ModelFailure.TIMEOUT,
    "stall": ModelFailure.TIMEOUT,
    "pings": ModelFailure.TIMEOUT,
    "drip": ModelFailure.TIMEOUT,
    "status-429-1": ModelFailure.RATE_LIMIT,
    "status-500": ModelFailure.SERVER,
    "html-502": ModelFailure.SERVER,
    "busy-402": ModelFailure.PAYMENT,
}
PERMANENT = {
    "status-401": ModelFailure.AUTHENTICATION,
    "json-error-200": ModelFailure.AUTHENTICATION,
    "status-402": ModelFailure.PAYMENT,
    "quota-429": ModelFailure.PAYMENT,
    "status-404": ModelFailure.BAD_REQUEST,
    "html-200": ModelFailure.NOT_A_MODEL,
    "redirect": ModelFailure.NOT_A_MODEL,
    "moderation-403": ModelFailure.MODERATION,
    "content-filter": ModelFailure.MODERATION,
    "too-long-400": ModelFailure.TOO_LONG,
    "empty-length": ModelFailure.EMPTY,
}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failures")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at_work(data_dir: Path) -> AsyncIterator[Chat]:
    async with (
        scripted_model_server() as model,
        engine_at_work(
            data_dir,
            model,
            OPENAI_API_KEY=KEY,
            TZUROT_MODEL_FIRST_TOKEN_S=0.6,
            TZUROT_MODEL_STALL_S=0.6,
            TZUROT_MODEL_TOTAL_S=1.5,
        ) as chat,
    ):
        yield chat


@pytest.fixture
def chat(at_work: Chat, caplog: pytest.LogCaptureFixture) -> Iterator[Chat]:
    """A person in a new place; whatever happens there, the key is not logged."""
    caplog.set_level(logging.DEBUG)
    at_work.model.scripted.clear()
    yield Chat(at_work.opened, at_work.model, at_work.postbox)
    assert KEY not in caplog.text
    assert "SECRET" not in caplog.text


def assert_readable(message: str) -> None:
    assert message.endswith((".", "?", "!"))
    assert not [told for told in NEVER_TOLD if told in message]


async def assert_failed(chat: Chat, message: str, reply: Reply, reason: ModelFailure) -> None:
    assert reply.state is ReplyState.FAILED
    assert reply.failure is not None
    assert reply.failure.reason == reason
    assert reply.failure.is_permanent
    assert_readable(reply.failure.message)
    events = await chat.events(message)
    assert KEY not in "".join(event.model_dump_json() for event in events)
    assert chat.postbox.texts(chat.place) == []


@pytest.mark.parametrize("scenario", STREAMED)
async def test_a_stream_that_is_finished_becomes_the_reply(chat: Chat, scenario: str) -> None:
    chat.model.script(scenario)
    reply = await chat.reply(message := await chat.say("Hello."))
    assert reply.text == REPLY
    assert chat.postbox.texts(chat.place) == [REPLY]
    assert await chat.kinds(message) == ["ReplyStarted", "ReplyComposed", "ReplyPosted", "ReplyDelivered"]


@pytest.mark.parametrize("scenario", [*REASONING_FIELDS, "inline-think"])
async def test_what_a_model_thinks_is_no_part_of_the_reply(chat: Chat, scenario: str) -> None:
    chat.model.script(scenario)
    reply = await chat.reply(message := await chat.say("Think, then answer."))
    assert reply.text == REPLY
    composed = next(event for event in await chat.events(message) if isinstance(event, ReplyComposed))
    assert "hm" not in composed.model_dump_json(include={"text", "because"})


@pytest.mark.parametrize(("scenario", "reason"), PASSING.items())
async def test_a_passing_failure_is_on_record_and_the_next_attempt_answers(
    chat: Chat, scenario: str, reason: ModelFailure
) -> None:
    chat.model.script(scenario)
    reply = await chat.reply(message := await chat.say("Hello."))
    assert reply.state is ReplyState.DELIVERED
    assert reply.text == REPLY
    kinds = await chat.kinds(message)
    assert kinds[:4] == ["ReplyStarted", "ReplyFailed", "ReplyStarted", "ReplyComposed"]
    failed = next(event for event in await chat.events(message) if isinstance(event, ReplyFailed))
    assert (failed.reason, failed.is_permanent) == (reason, False)
    assert_readable(failed.message)
    assert chat.postbox.texts(chat.place) == [REPLY]


@pytest.mark.parametrize("scenario", ["stall", "error-chunk", "no-finish"])
async def test_a_failure_that_does_not_pass_is_told_after_three_attempts(chat: Chat, scenario: str) -> None:
    chat.model.script(*[scenario] * MOST_ATTEMPTS)
    reply = await chat.reply(message := await chat.say("Hello."))
    await assert_failed(chat, message, reply, PASSING[scenario])
    assert await chat.kinds(message) == ["ReplyStarted", "ReplyFailed"] * MOST_ATTEMPTS


@pytest.mark.parametrize(("scenario", "reason"), PERMANENT.items())
async def test_a_failure_that_cannot_pass_is_told_at_once(chat: Chat, scenario: str, reason: ModelFailure) -> None:
    asked_before = len(chat.model.requests)
    chat.model.script(scenario)
    reply = await chat.reply(message := await chat.say("Hello."))
    await assert_failed(chat, message, reply, reason)
    assert await chat.kinds(message) == ["ReplyStarted", "ReplyFailed"]
    assert len(chat.model.requests) == asked_before + 1


async def test_a_provider_that_wants_an_hour_is_not_waited_for(chat: Chat) -> None:
    chat.model.script("status-429-3600")
    reply = await chat.reply(message := await chat.say("Hello."))
    await assert_failed(chat, message, reply, ModelFailure.RATE_LIMIT)
    assert reply.failure is not None
    assert reply.failure.retry_after_s == 3600
    assert "60 minutes" in reply.failure.message or "hour" in reply.failure.message


async def test_a_failed_turn_keeps_nobody_from_the_next(chat: Chat) -> None:
    chat.model.script("status-401")
    failed = await chat.say("Hello.")
    assert (await chat.reply(failed)).state is ReplyState.FAILED
    assert (await chat.reply(await chat.say("Are you there?"))).text == REPLY


async def test_the_key_is_sent_to_the_model_and_is_nowhere_on_disk(chat: Chat, data_dir: Path) -> None:
    await chat.reply(await chat.say("Hello."))
    assert chat.model.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    holders = await asyncio.to_thread(_files_with, KEY.encode(), data_dir)
    assert holders == []


def _files_with(needle: bytes, directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file() and needle in path.read_bytes()]
