"""How a request ends that got no answer to its question, and Discord's codes for it.

Codes: its documentation, "JSON Error Codes".
"""

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
WEBHOOKS_USED_UP = frozenset({30007, 30058})  # of a channel, of a server
ALREADY_ANSWERED = 40060
MISSING_ACCESS = 50001
MISSING_PERMISSIONS = 50013
INVALID_WEBHOOK_TOKEN = 50027
THREAD_ARCHIVED = 50083

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404


class Denied(Exception):
    """Discord said no: status, its own code, and the names of the fields that it did not like."""

    def __init__(self, status: int, code: int, fields: frozenset[str] = frozenset()) -> None:
        super().__init__(f"status {status}, code {code}")
        self.status = status
        self.code = code
        self.fields = fields


class Unanswered(Exception):
    """Nobody knows whether it happened: no answer came, or that of a server that is down.

    `retry_after_s` is Discord's own wish, None when it stated none.
    """

    def __init__(self, happened: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(happened)
        self.retry_after_s = retry_after_s


OUT_OF_REACH = (Denied, Unanswered)
"""Both: for whoever does without the answer, whatever the reason."""
