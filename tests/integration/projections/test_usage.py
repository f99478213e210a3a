"""Every call to a model is counted, and of what was erased nothing is."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from engine.domain.ids import reply_id
from engine.domain.reply import ReplyComposed, ReplyStarted
from engine.reading import ModelUse
from projections import Projections
from projections.usage import MOST_TOKENS
from tests.fakes.conversations import Script

type Tell = Callable[..., Awaitable[int]]


async def test_calls_and_tokens_are_counted_by_model(projections: Projections, told: Tell, script: Script) -> None:
    first, second = script.hear(1, "hello"), script.hear(2, "and?")
    began = first.timestamp - timedelta(seconds=1)
    answers = [*script.answer(first, "hi"), *script.answer(second, "well")]
    tokens = [event.because.usage for event in answers if isinstance(event, ReplyComposed)]
    await told(first, second, *answers)

    [used] = await projections.reader.usage(began)
    assert (used.replies, used.calls, used.people) == (2, 2, 1)
    assert used.prompt_tokens == sum(usage.get("prompt_tokens", 0) for usage in tokens)
    assert await projections.reader.usage(began + timedelta(days=365)) == ()


async def test_a_call_that_failed_and_was_tried_again_counts_twice(
    projections: Projections, told: Tell, script: Script
) -> None:
    heard = script.hear(1, "hello")
    started, *_ = script.answer(heard, "hi")
    fields = started.model_dump(exclude={"originator_id", "originator_version", "timestamp"})
    again = script.event(ReplyStarted, started.originator_id, **{**fields, "attempt": 2, "model": "other/model"})
    await told(heard, started, again)

    assert await projections.reader.usage(heard.timestamp) == (ModelUse("other/model", 1, 2, 1, 0, 0),)


async def test_of_an_erased_reply_nothing_is_counted(projections: Projections, told: Tell, script: Script) -> None:
    heard = script.hear(1, "hello")
    await told(heard, *script.answer(heard, "hi"), script.erase_reply(reply_id(heard.originator_id, "lyra")))

    assert await projections.reader.usage(heard.timestamp) == ()


async def test_a_reply_for_which_no_model_was_called_is_no_use_of_one(
    projections: Projections, told: Tell, script: Script
) -> None:
    heard = script.hear(1, "hello")
    started = script.start(heard).model_copy(update={"model": ""})
    await told(heard, started, script.withdraw(started.originator_id))

    assert await projections.reader.usage(heard.timestamp) == ()


async def test_whatever_number_a_server_gives_is_counted(projections: Projections, told: Tell, script: Script) -> None:
    heard = script.hear(1, "hello")
    started, composed, *_ = script.answer(heard, "hi")
    assert isinstance(composed, ReplyComposed)
    many = {"prompt_tokens": 10, "completion_tokens": 10**15}
    composed = composed.model_copy(update={"because": composed.because.model_copy(update={"usage": many})})
    await told(heard, started, composed)

    [used] = await projections.reader.usage(heard.timestamp)
    assert (used.prompt_tokens, used.completion_tokens) == (10, MOST_TOKENS)
