"""What a provider's error says, read out of the many shapes in which providers say it: pure.

Only marks are taken from it, never its text: providers quote the prompt, the key's ends and their own addresses.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_READ_CHARS = 4_000  # marks stand near the beginning; a body may hold the whole prompt
DEEPEST_READ = 4  # error, metadata, raw, error: no provider nests deeper
LONGEST_WAIT_S = 86_400.0

TOO_LONG = re.compile(
    r"context_length|exceed_context_size|token_limit_exceeded|max_tokens_exceeded|string_above_max_length"
    r"|request_too_large|payload_too_large|context (?:length|window|size)|prompt is too long|input is too long"
    r"|input token count|too many (?:input )?tokens|reduce the length|maximum (?:input|prompt) length"
)
MODERATED = re.compile(
    r"content_filter|content_policy|content policy|moderation|flagged|data_inspection_failed|safety system"
    r"|prohibited_content|responsibleaipolicy|guardrail|\bpatterns\b"
)
BAD_KEY = re.compile(
    r"invalid_api_key|api_key_invalid|incorrect api key|invalid api key|api key not valid|api key expired"
    r"|authentication|permission_denied|unauthorized"
)
NO_CREDIT = re.compile(
    r"insufficient_quota|insufficient_credits|insufficient credits|insufficient balance|insufficient_balance"
    r"|billing_hard_limit|credit balance|payment_required|exceeded_current_quota|openrouter_credits"
    r"|openrouter_key_limit"
)
WILL_HAVE_CREDIT = "openrouter_in_flight_budget"  # money is reserved by requests that still run
RATE_LIMITED = re.compile(r"rate_limit|rate limit|too many requests|resource_exhausted")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What can be known of an error without repeating it: `status` is the one the body states, if any."""

    status: int | None
    said: str

    def speaks_of(self, marks: re.Pattern[str]) -> bool:
        return marks.search(self.said) is not None

    @property
    def has_credit_soon(self) -> bool:
        return WILL_HAVE_CREDIT in self.said


def read_error(body: object) -> ErrorBody:
    """Read an error given as the parsed JSON (whole, or only its `error`), or as text."""
    if isinstance(body, str | bytes):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):  # a page, plain text, or malice: still worth a look for marks
            body = body.decode(errors="replace") if isinstance(body, bytes) else body
    if isinstance(body, list):
        body = body[0] if body else None
    if isinstance(body, Mapping) and body.get("error"):
        body = body["error"]
    said = " ".join(_words(body))[:LONGEST_READ_CHARS].lower()
    return ErrorBody(status=_status(body), said=said)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """The wait the provider asks for, in seconds: `retry-after-ms`, then `retry-after` as seconds or HTTP date."""
    seconds = _number(headers.get("retry-after-ms"), divisor=1000)
    stated = headers.get("retry-after")
    if seconds is None:
        seconds = _number(stated)
    if seconds is None and stated:
        try:
            at = parsedate_to_datetime(stated)
        except ValueError:  # neither number nor date: as good as not stated
            return None
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT_S)


def _words(body: object, depth: int = 0) -> Iterator[str]:
    """Every name and text in the body, codes before messages, so that the cut falls on prose."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping) and depth < DEEPEST_READ:
        for key, value in sorted(body.items(), key=lambda item: str(item[0]) in ("message", "raw", "param")):
            if value:
                yield str(key)
            yield from _words(value, depth + 1)
    elif isinstance(body, list) and depth < DEEPEST_READ:
        for item in body:
            yield from _words(item, depth + 1)


def _status(body: object) -> int | None:
    fields: Mapping[Any, Any] = body if isinstance(body, Mapping) else {}
    for name in ("code", "status", "status_code"):
        stated = str(fields.get(name, ""))
        if re.fullmatch(r"[45]\d\d", stated):
            return int(stated)
    return None


def _number(stated: str | None, *, divisor: int = 1) -> float | None:
    return float(stated) / divisor if stated and re.fullmatch(r"\s*\d{1,12}(\.\d{1,9})?\s*", stated) else None
