"""Discord's refusals: HTTP status, its own code, and for a bad form the tree of what is wrong where.

Codes and words: docs, topics/opcodes-and-status-codes ("JSON Error Codes"); the tree: reference, "Error Messages".
"""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """Discord says no."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        errors: dict[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        """`body`: what is answered instead of message, code and tree."""
        super().__init__(f"{status} {code}: {message} {errors or ''}".rstrip())
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        tree = {} if errors is None else {"errors": errors}
        self.body: Any = {"message": message, "code": code} | tree if body is None else body


def unauthorized() -> Refusal:
    return Refusal(401, 0, "401: Unauthorized")


def not_found() -> Refusal:
    """A route that is not there."""
    return Refusal(404, 0, "404: Not Found")


def method_not_allowed() -> Refusal:
    return Refusal(405, 0, "405: Method Not Allowed")


def unknown(what: str) -> Refusal:
    """Something that is not there: "Channel", "Message", "Webhook", and so on."""
    return Refusal(404, UNKNOWN[what], f"Unknown {what}")


UNKNOWN = {
    "Application": 10002,
    "Channel": 10003,
    "Guild": 10004,
    "Member": 10007,
    "Message": 10008,
    "Permission Overwrite": 10009,
    "Role": 10011,
    "User": 10013,
    "Emoji": 10014,
    "Webhook": 10015,
    "Sticker": 10060,
    "Interaction": 10062,
    "application command": 10063,
}


def missing_access() -> Refusal:
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    return Refusal(403, 50013, "Missing Permissions")


def invalid_form(errors: dict[str, Any]) -> Refusal:
    return Refusal(400, 50035, "Invalid Form Body", errors)


def rate_limited(body: dict[str, Any]) -> Refusal:
    """Its headers are the rate limits'."""
    return Refusal(429, 0, "You are being rate limited.", body=body)


def banned() -> Refusal:
    """The network in front of Discord shuts an address out that sent too much that was bad: no JSON, no `Via`."""
    return Refusal(429, 0, "banned", headers={"Retry-After": "600"}, body="error code: 1015")


def injected(status: int, retry_after_s: float | None) -> Refusal:
    """What a fault answers: Discord's own form for a rate limit, the proxy's page for a server that is down."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = 1.0 if retry_after_s is None else retry_after_s
        headers = {"Retry-After": str(math.ceil(wait_s)), "X-RateLimit-Scope": "shared"}
        body = {"message": "The resource is being rate limited.", "retry_after": wait_s, "global": False}
        return Refusal(status, 0, "rate limited", headers=headers, body=body)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refusal(status, 0, "down", body=f"{status}: {HTTPStatus(status).phrase}")
    return Refusal(status, 0, f"{status}: {HTTPStatus(status).phrase}")
