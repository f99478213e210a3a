"""Discord's refusals: HTTP status, its own code, and for a bad form the tree of what is wrong where.

Codes and words: docs, topics/opcodes-and-status-codes ("JSON Error Codes"); the tree: reference, "Error Messages".
"""

from typing import Any


class Refusal(Exception):
    """Discord says no."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        tree = {} if self.errors is None else {"errors": self.errors}
        return {"message": self.message, "code": self.code} | tree


def unauthorized() -> Refusal:
    return Refusal(401, 0, "401: Unauthorized")


def not_found() -> Refusal:
    """A route that is not there."""
    return Refusal(404, 0, "404: Not Found")


def method_not_allowed() -> Refusal:
    return Refusal(405, 0, "405: Method Not Allowed")


def unknown(what: str) -> Refusal:
    """Something that is not there, or not for the asker: "Channel", "Message", "Webhook", …"""
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
    "Thread Member": 10070,
}


def missing_access() -> Refusal:
    return Refusal(403, 50001, "Missing Access")


def missing_permissions() -> Refusal:
    return Refusal(403, 50013, "Missing Permissions")


def invalid_form(errors: dict[str, Any]) -> Refusal:
    return Refusal(400, 50035, "Invalid Form Body", errors)
