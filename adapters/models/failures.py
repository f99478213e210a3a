"""From what went wrong to what a person is told: pure, one plain sentence or two for each case.

A message says what happened and what they, or whoever runs this, can do about it. It never repeats a key, an address,
the prompt or the provider's own words.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from adapters.models.error_bodies import (
    BAD_KEY,
    MODERATED,
    NO_CREDIT,
    RATE_LIMITED,
    TOO_LONG,
    ErrorBody,
    read_error,
    retry_after_s,
)
from adapters.models.watchdogs import Limit
from engine.ports import ModelFailure, ModelRefused

CLIENT_ERROR, SERVER_ERROR = 400, 500
SAID_IN_SECONDS_S, SAID_IN_MINUTES_S = 90, 7_200  # beyond it, the next larger unit reads better


class KeyOf(StrEnum):
    """Whose API key paid, and so who can act on it."""

    PERSON = "person"
    OPERATOR = "operator"


def failed(
    reason: ModelFailure,
    message: str,
    *,
    is_permanent: bool = False,
    status: int | None = None,
    retry_after_s: float | None = None,
) -> ModelRefused:
    return ModelRefused(message, reason=reason, is_permanent=is_permanent, status=status, retry_after_s=retry_after_s)


def unusable_key() -> ModelRefused:
    return failed(
        ModelFailure.AUTHENTICATION,
        "Your API key is empty or holds characters that no key has, so nothing was sent: store the key again.",
        is_permanent=True,
    )


def of_response(status: int, *, headers: Mapping[str, str], body: object, key_of: KeyOf, now: datetime) -> ModelRefused:
    """The refusal behind an HTTP status that is no success."""
    return _judge(status, read_error(body), key_of=key_of, wait_s=retry_after_s(headers, now))


def of_error_in_answer(
    body: object, *, key_of: KeyOf, headers: Mapping[str, str] | None = None, now: datetime | None = None
) -> ModelRefused:
    """The refusal behind an error that came with status 200, whole or in the middle of a stream."""
    error = read_error(body)
    wait_s = retry_after_s(headers, now) if headers is not None and now is not None else None
    refusal = _judge(error.status or _status_by_marks(error), error, key_of=key_of, wait_s=wait_s)
    return _revised(refusal, status=error.status, partial="")


def _status_by_marks(error: ErrorBody) -> int:
    """The status that the error would have had, where it states none."""
    for marks, status in ((BAD_KEY, 401), (NO_CREDIT, 402), (RATE_LIMITED, 429), (MODERATED, 403), (TOO_LONG, 413)):
        if error.speaks_of(marks):
            return status
    return 400 if "invalid_request" in error.said or "not_found" in error.said else 500


def _judge(status: int, error: ErrorBody, *, key_of: KeyOf, wait_s: float | None) -> ModelRefused:
    """First what the body tells, because providers disagree on the status; then what the status tells."""
    judges_content = status in (400, 403, 422, 451)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (
        error.speaks_of(TOO_LONG) and (judges_content or status >= SERVER_ERROR)
    ):
        return _too_long(status)
    if judges_content and error.speaks_of(MODERATED):
        return moderated(status)
    if status in (401, 403) or (judges_content and error.speaks_of(BAD_KEY)):
        return _bad_key(status, key_of)
    if status == HTTPStatus.PAYMENT_REQUIRED or (status == HTTPStatus.TOO_MANY_REQUESTS and error.speaks_of(NO_CREDIT)):
        return _no_credit(status, error, key_of, wait_s)
    if status < CLIENT_ERROR:
        return _redirected(status)
    return _by_status(status, wait_s)


def _by_status(status: int, wait_s: float | None) -> ModelRefused:
    match status:
        case 404:
            message = (
                "The provider has no such model, or not at this address: choose another model, "
                "or ask whoever runs this to check the address."
            )
            return failed(ModelFailure.BAD_REQUEST, message, is_permanent=True, status=status)
        case 408 | 504 | 524:
            message = "The model provider gave up waiting for its model: try again in a moment."
            return failed(ModelFailure.TIMEOUT, message, status=status, retry_after_s=wait_s)
        case 409 | 423 | 425:
            message = "The model provider is busy with another request of ours: try again in a moment."
            return failed(ModelFailure.SERVER, message, status=status, retry_after_s=wait_s)
        case 429:
            message = f"The model provider is getting too many requests: try again {_in_a_while(wait_s)}."
            return failed(ModelFailure.RATE_LIMIT, message, status=status, retry_after_s=wait_s)
        case _ if status >= SERVER_ERROR:
            message = f"The model provider has a problem of its own: try again {_in_a_while(wait_s)}."
            return failed(ModelFailure.SERVER, message, status=status, retry_after_s=wait_s)
    message = (
        "The provider does not accept this model or one of its settings: choose another model or change the preset."
    )
    return failed(ModelFailure.BAD_REQUEST, message, is_permanent=True, status=status)


def _redirected(status: int) -> ModelRefused:
    message = (
        "The model's address sends us elsewhere, which is not followed, to keep the conversation private: "
        "ask whoever runs this to correct the address."
    )
    return failed(ModelFailure.NOT_A_MODEL, message, is_permanent=True, status=status)


def _too_long(status: int) -> ModelRefused:
    message = (
        "The conversation is longer than this model can read: "
        "write less, clear the history, or choose a model with a larger context."
    )
    return failed(ModelFailure.TOO_LONG, message, is_permanent=True, status=status)


def moderated(status: int | None = None) -> ModelRefused:
    message = "The model provider declined this content: say it differently, or choose another model."
    return failed(ModelFailure.MODERATION, message, is_permanent=True, status=status)


def _bad_key(status: int, key_of: KeyOf) -> ModelRefused:
    message = {
        KeyOf.PERSON: "The model provider does not accept your API key: check the key and store it again.",
        KeyOf.OPERATOR: "The model provider does not accept the API key: ask whoever runs this to check it.",
    }[key_of]
    return failed(ModelFailure.AUTHENTICATION, message, is_permanent=True, status=status)


def _no_credit(status: int, error: ErrorBody, key_of: KeyOf, wait_s: float | None) -> ModelRefused:
    if error.has_credit_soon or (wait_s is not None and not error.speaks_of(NO_CREDIT)):
        message = (
            f"The credit at the model provider is taken up by requests that still run: try again {_in_a_while(wait_s)}."
        )
        return failed(ModelFailure.PAYMENT, message, status=status, retry_after_s=wait_s)
    message = {
        KeyOf.PERSON: "Your account at the model provider has no credit left: top it up, or choose a free model.",
        KeyOf.OPERATOR: "The account at the model provider has no credit left: ask whoever runs this to top it up.",
    }[key_of]
    return failed(ModelFailure.PAYMENT, message, is_permanent=True, status=status)


def not_a_model(status: int | None = None) -> ModelRefused:
    message = (
        "The model's address answers, but not as a model: ask whoever runs this to check it (it often ends in /v1)."
    )
    return failed(ModelFailure.NOT_A_MODEL, message, is_permanent=True, status=status)


def unreadable() -> ModelRefused:
    return failed(ModelFailure.SERVER, "The model's answer arrived garbled: try again in a moment.")


def cut() -> ModelRefused:
    return failed(ModelFailure.NETWORK, "The connection to the model broke off in the middle: try again.")


def unreachable() -> ModelRefused:
    message = (
        "The model cannot be reached: try again in a moment; "
        "if it stays so, whoever runs this has to look at the connection."
    )
    return failed(ModelFailure.NETWORK, message)


def truncated() -> ModelRefused:
    return failed(ModelFailure.TRUNCATED, "The model stopped in the middle of its answer: try again.")


def failed_in_answer() -> ModelRefused:
    return failed(ModelFailure.SERVER, "The model failed while it was answering: try again in a moment.")


def empty(finish_reason: str) -> ModelRefused:
    if finish_reason == "length":
        message = "The model used up its allowed length before it said anything: raise max_tokens in the preset."
        return failed(ModelFailure.EMPTY, message, is_permanent=True)
    return failed(ModelFailure.EMPTY, "The model answered without a word: try again.")


def too_slow(limit: Limit) -> ModelRefused:
    happened = {
        Limit.FIRST_TOKEN: "The model did not begin to answer in time",
        Limit.STALL: "The model fell silent in the middle of its answer",
    }.get(limit, "The model took too long over its answer")
    return failed(ModelFailure.TIMEOUT, f"{happened}: try again, or choose a faster model.")


def with_partial(refusal: ModelRefused, partial: str) -> ModelRefused:
    """The same refusal, with the text that had arrived."""
    return _revised(refusal, status=refusal.status, partial=partial)


def _revised(refusal: ModelRefused, *, status: int | None, partial: str) -> ModelRefused:
    return ModelRefused(
        refusal.message,
        reason=refusal.reason,
        is_permanent=refusal.is_permanent,
        status=status,
        retry_after_s=refusal.retry_after_s,
        partial=partial,
    )


def _in_a_while(wait_s: float | None) -> str:
    if wait_s is None:
        return "in a moment"
    if wait_s <= SAID_IN_SECONDS_S:
        return f"in {round(wait_s)} seconds" if round(wait_s) > 1 else "in a second"
    if wait_s <= SAID_IN_MINUTES_S:
        return f"in {round(wait_s / 60)} minutes"
    return f"in {round(wait_s / 3600)} hours"
