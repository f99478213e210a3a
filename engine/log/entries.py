"""What an append consists of, and what the server's answer to it means. Pure.

A message states the last sequence of its subject that it builds on (0: the subject must be empty), so of all
attempts at the same place in an aggregate exactly one is ever stored; and it carries an id of its own, by which a
later look at that place tells whose it is.
"""

from dataclasses import dataclass
from enum import Enum, auto

import orjson

from engine.errors import EventTooLarge, LogError, LogFull
from engine.log.wire import HEADER_START, NO_RESPONDERS, Message, publication

MAX_BATCH_EVENTS = 1000  # the server's limit of an atomic batch
WRONG_LAST_SEQUENCE = frozenset({10071, 10164})
DUPLICATE_IN_BATCH = 10201
STORE_FAILED = 10077
STORE_FULL = frozenset({10023, 10028, 10047, 10002})
TOO_LARGE = 10054
BATCH_INCOMPLETE = 10176
TOO_MANY_BATCHES = frozenset({10210, 10211})
UNAVAILABLE = 503
TOO_MANY_REQUESTS = 429


class Trouble(Enum):
    """Why an attempt stored nothing, or may not have."""

    CONFLICT = auto()  # something is at this place already: perhaps this very message, from an earlier attempt
    NOT_TAKEN = auto()  # the server could not take it just now, and said so
    UNKNOWN = auto()  # no answer came


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One message to append. `expected` is None where an earlier message of the same batch is on the same subject."""

    subject: str
    expected: int | None
    message_id: str
    fields: bytes
    body: bytes

    def frame(self, reply: bytes, batch_fields: bytes = b"") -> bytes:
        condition = b"" if self.expected is None else b"Nats-Expected-Last-Subject-Sequence: %d\r\n" % self.expected
        header = b"%bNats-Msg-Id: %b\r\n%b%b%b\r\n" % (
            HEADER_START,
            self.message_id.encode(),
            condition,
            batch_fields,
            self.fields,
        )
        return publication(self.subject.encode(), reply, header, self.body)

    @property
    def size_bytes(self) -> int:
        """What counts towards the server's payload limit: header and body, with what a batch adds at most."""
        return len(self.body) + len(self.fields) + len(self.message_id) + HEADER_ROOM_BYTES


HEADER_ROOM_BYTES = 240  # the fields that `frame` adds, in a batch


def check_size(entries: list[Entry], max_payload_bytes: int) -> None:
    """Raises EventTooLarge for what the server would refuse, before anything is sent."""
    if len(entries) > MAX_BATCH_EVENTS:
        raise EventTooLarge(
            f"{len(entries)} events cannot be appended at once: the log takes at most {MAX_BATCH_EVENTS}."
        )
    for entry in entries:
        if entry.size_bytes > max_payload_bytes:
            raise EventTooLarge(
                f"The event is {entry.size_bytes} bytes, the log's server accepts at most {max_payload_bytes}: "
                "shorten it."
            )


def batch_frames(entries: list[Entry], batch_id: str, first_reply: bytes, last_reply: bytes) -> bytes:
    """The frames of one atomic batch: all of it is stored, or nothing."""
    last = len(entries)
    frames = []
    for number, entry in enumerate(entries, start=1):
        fields = f"Nats-Batch-Id: {batch_id}\r\nNats-Batch-Sequence: {number}\r\n"
        if number == last:
            fields += "Nats-Batch-Commit: 1\r\n"
        reply = last_reply if number == last else first_reply if number == 1 else b""
        frames.append(entry.frame(reply, fields.encode()))
    return b"".join(frames)


def judge(answer: Message | None) -> int | Trouble:
    """The first sequence that was stored, or why nothing was. Raises LogFull, EventTooLarge, LogError."""
    if answer is None:
        return Trouble.UNKNOWN
    if answer.status == NO_RESPONDERS:
        return Trouble.NOT_TAKEN
    result = orjson.loads(answer.body)
    error = result.get("error")
    if not error:
        return int(result["seq"]) - int(result.get("count", 1)) + 1
    code, description = int(error.get("err_code", 0)), str(error.get("description", ""))
    if code in WRONG_LAST_SEQUENCE or code == DUPLICATE_IN_BATCH:
        return Trouble.CONFLICT
    if code in STORE_FULL or (code == STORE_FAILED and ("exceeded" in description or "space" in description)):
        raise LogFull
    if code == TOO_LARGE:
        raise EventTooLarge
    if code in TOO_MANY_BATCHES or error.get("code") in {UNAVAILABLE, TOO_MANY_REQUESTS}:
        return Trouble.NOT_TAKEN
    if code == BATCH_INCOMPLETE:
        return Trouble.NOT_TAKEN
    raise LogError(f"The log's server refused the event: {description} ({code}).")
