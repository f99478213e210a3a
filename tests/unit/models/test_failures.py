from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.models import failures
from adapters.models.error_bodies import read_error, retry_after_s
from adapters.models.failures import KeyOf
from adapters.models.watchdogs import Limit
from engine.ports import ModelFailure, ModelRefused

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def refused(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> ModelRefused:
    return failures.of_response(status, headers=headers or {}, body=body, key_of=KeyOf.OPERATOR, now=NOW)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"code": "context_length_exceeded", "message": "…"}}),
        (400, {"message": "This model's maximum context length is 8192 tokens."}),
        (400, {"error": {"type": "exceed_context_size_error", "n_ctx": 4096}}),
        (400, [{"error": {"message": "The input token count exceeds the maximum"}}]),
        (400, {"error": {"metadata": {"error_type": "token_limit_exceeded"}}}),
        (400, {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum"}),
        (422, {"detail": [{"msg": "Please reduce the length of the messages"}]}),
        (500, {"error": "the request exceeds the available context size"}),
        (413, "<html>"),
    ],
)
def test_every_way_to_say_too_long_is_understood(status: int, body: object) -> None:
    assert refused(status, body).reason is ModelFailure.TOO_LONG
    assert refused(status, body).is_permanent


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"metadata": {"reasons": ["violence"], "flagged_input": "…"}}),
        (403, {"message": "blocked", "metadata": {"patterns": ["a"]}}),
        (400, {"error": {"code": "content_filter"}}),
        (400, {"error": {"code": "content_policy_violation"}}),
        (400, {"error": {"code": "data_inspection_failed"}}),
    ],
)
def test_every_way_to_decline_content_is_understood(status: int, body: object) -> None:
    assert refused(status, body).reason is ModelFailure.MODERATION


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, None),
        (403, {"message": "Key has no access to the model"}),
        (400, {"error": {"status": "INVALID_ARGUMENT", "message": "API key not valid."}}),
        (400, {"error": "Incorrect API key provided"}),
    ],
)
def test_every_way_to_reject_a_key_is_understood(status: int, body: object) -> None:
    assert refused(status, body).reason is ModelFailure.AUTHENTICATION


@pytest.mark.parametrize(
    ("status", "body", "headers", "is_permanent"),
    [
        (402, None, {}, True),
        (402, None, {"retry-after": "5"}, False),
        (402, {"metadata": {"limit_source": "openrouter_in_flight_budget"}}, {}, False),
        (402, {"metadata": {"limit_source": "openrouter_credits"}}, {"retry-after": "5"}, True),
        (429, {"code": "insufficient_quota"}, {}, True),
    ],
)
def test_lasting_want_of_credit_is_told_from_passing(
    status: int,
    body: object,
    headers: dict[str, str],
    is_permanent: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert refused(status, body, headers).reason is ModelFailure.PAYMENT
    assert refused(status, body, headers).is_permanent is is_permanent


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:05 -0000"}, 5.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1" * 30}, None),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"retry-after": "Sun, 99 Mar 2026 12:01:30 GMT"}, None),
    ],
)
def test_the_wait_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("wait_s", "said"),
    [("0", "in a second"), ("20", "in 20 seconds"), ("900", "in 15 minutes"), ("36000", "in 10 hours")],
)
def test_the_wait_is_said_in_words(wait_s: str, said: str) -> None:
    assert said in refused(429, None, {"retry-after": wait_s}).message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": {"code": 429}}, ModelFailure.RATE_LIMIT),
        ({"code": "502"}, ModelFailure.SERVER),
        ({"error": {"code": "rate_limit_exceeded"}}, ModelFailure.RATE_LIMIT),
        ({"error": {"code": "invalid_api_key"}}, ModelFailure.AUTHENTICATION),
        ({"error": {"type": "invalid_request_error"}}, ModelFailure.BAD_REQUEST),
        ({"error": {"type": "overloaded"}}, ModelFailure.SERVER),
        ({"error": {"metadata": {"error_type": "context_length_exceeded"}}}, ModelFailure.TOO_LONG),
        ({"code": "insufficient_quota"}, ModelFailure.PAYMENT),
        ({"code": "content_filter"}, ModelFailure.MODERATION),
        ("", ModelFailure.SERVER),
    ],
)
def test_an_error_within_an_answer_is_judged_by_what_it_states(body: object, reason: ModelFailure) -> None:
    assert failures.of_error_in_answer(body, key_of=KeyOf.PERSON).reason is reason


def test_a_status_that_no_one_stated_is_not_made_up() -> None:
    assert failures.of_error_in_answer({"code": "insufficient_quota"}, key_of=KeyOf.PERSON).status is None
    assert failures.of_error_in_answer({"code": 503}, key_of=KeyOf.PERSON).status == 503


def test_every_status_has_a_sentence() -> None:
    for status in range(300, 600):
        for body in (None, "<html>", {"error": {"message": "the SECRET prompt"}}):
            said = refused(status, body)
            assert said.status == status
            assert said.message.endswith(".")
            assert "SECRET" not in said.message


@pytest.mark.parametrize("limit", list(Limit))
def test_every_limit_has_a_sentence(limit: Limit) -> None:
    assert failures.too_slow(limit).message.endswith("try again, or choose a faster model.")


def test_a_deep_or_odd_body_is_read_without_harm() -> None:
    deep: Any = "end"
    for _ in range(2_000):
        deep = {"error": deep}
    bodies: list[object] = [deep, [], [[]], 5, None, b"\xff", {"error": {1: 2}}, '{"error": [1]}', "[" * 100_000]
    for body in bodies:
        assert read_error(body).status is None
