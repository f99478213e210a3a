"""One stream on the server: create and check it, read it, delete from it. Appending is in `appending.py`.

Reads go to the server's direct-get, which answers in pages; what decides about an append's outcome asks the stream's
leader instead, since a replica may be behind.
"""

import secrets
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import orjson

from engine.errors import LogError, LogUnavailable, Misconfigured, WrongStreamSettings
from engine.log.connection import REQUEST_TIMEOUT_S, Connection
from engine.log.pool import NotReady, Pool
from engine.log.stream_settings import LOG_ID, UNLIMITED, new_stream, wrong_settings
from engine.log.wire import END_OF_BATCH, NO_RESPONDERS, NOT_FOUND, Message, header_field, publication

PAGE_EVENTS = 1000
LOG_ID_BYTES = 16
NO_MESSAGE = 10037
NO_SEQUENCE = 10043
NO_STREAM = 10059
NAME_IN_USE = 10058
UNAVAILABLE = 503


class Record(NamedTuple):
    """A message as the stream keeps it."""

    sequence: int
    subject: bytes
    header: bytes
    body: bytes


class StreamState(NamedTuple):
    first_sequence: int
    last_sequence: int
    messages: int
    bytes: int
    max_bytes: int | None
    log_id: str


class Refusal(LogError):
    """The server refused a request; `code` is its own error code."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"The log's server refused: {description} ({code}).")
        self.code = code


class Stream:
    """The stream of one application."""

    def __init__(self, pool: Pool, name: str) -> None:
        self.pool = pool
        self.name = name
        self._direct = f"$JS.API.DIRECT.GET.{name}".encode()

    def ensure(self, *, max_bytes: int | None = None, replicas: int | None = None, create: bool = True) -> None:
        """Create the stream where it is missing, check it where it is not. None leaves a setting as it is.

        Raises WrongStreamSettings, Misconfigured.
        """
        info = self._info_or_none()
        if info is None:
            if not create:
                raise Misconfigured(f"The log {self.name} does not exist on its server, and is not to be created.")
            config = new_stream(
                self.name, max_bytes=max_bytes, replicas=replicas, log_id=secrets.token_hex(LOG_ID_BYTES)
            )
            try:
                info = self.ask("STREAM.CREATE", config)
            except Refusal as refusal:
                if refusal.code != NAME_IN_USE:
                    raise Misconfigured(f"The log {self.name} cannot be created. {refusal.message}") from refusal
                # Another process created it in this moment: it is checked like any other.
                info = self.ask("STREAM.INFO")
        found = info["config"]
        wrong = wrong_settings(found, self.name, replicas=replicas)
        if wrong:
            raise WrongStreamSettings(
                f"The stream {self.name} would lose or refuse events: {'; '.join(wrong)}. "
                "Correct it with `nats stream edit`, then start again."
            )
        if max_bytes is not None and found.get("max_bytes", UNLIMITED) != max_bytes:
            self.ask("STREAM.UPDATE", {**found, "max_bytes": max_bytes})

    def state(self) -> StreamState:
        info = self.ask("STREAM.INFO")
        state, config = info["state"], info["config"]
        max_bytes = config.get("max_bytes", UNLIMITED)
        return StreamState(
            first_sequence=state["first_seq"],
            last_sequence=state["last_seq"],
            messages=state["messages"],
            bytes=state["bytes"],
            max_bytes=max_bytes if max_bytes > 0 else None,
            log_id=(config.get("metadata") or {}).get(LOG_ID, ""),
        )

    def last_of(self, subject: str) -> Record | None:
        """The last message of a subject, or of those that a pattern covers."""
        return self._get_one({"last_by_subj": subject})

    def at(self, sequence: int) -> Record | None:
        return self._get_one({"seq": sequence})

    def scan(self, pattern: str, start: int, page_events: int = PAGE_EVENTS) -> Iterator[list[Record]]:
        """Pages of the messages of a subject or pattern from a sequence on, until none is left now."""
        while True:
            page, pending = self.pool.perform(partial(self._page, pattern, start, page_events))
            if page:
                yield page
            if not page or not pending:
                return
            start = page[-1].sequence + 1

    def query(self, pattern: str, start: int, page_events: int, inbox: bytes) -> bytes:
        """The frame that asks for a page of the messages of a subject or pattern; what ends it has a status."""
        query = {"seq": max(start, 1), "next_by_subj": pattern, "batch": page_events}
        return publication(self._direct, inbox, b"", orjson.dumps(query))

    def first_after(self, subject: str, sequence: int) -> tuple[int, str | None] | None:
        """Sequence and message id of what follows this sequence on a subject, as the stream's leader knows it."""
        return self._get_id({"seq": sequence + 1, "next_by_subj": subject})

    def message_id_at(self, sequence: int) -> tuple[int, str | None] | None:
        """Sequence and message id of one message, as the stream's leader knows it."""
        return self._get_id({"seq": sequence})

    def delete(self, sequence: int) -> bool:
        """Overwrite a message with random bytes and remove it; False when it was not there."""
        try:
            self.ask("STREAM.MSG.DELETE", {"seq": sequence, "no_erase": False})
        except Refusal as refusal:
            gone = refusal.code == NO_SEQUENCE or self.message_id_at(sequence) is None
            if not gone:
                raise
            # Deleted before, perhaps by an attempt whose answer was lost: what was asked for holds.
            return False
        return True

    def ask(self, operation: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request to the JetStream API. Raises Refusal, LogUnavailable."""
        subject = f"$JS.API.{operation}.{self.name}".encode()
        payload = b"" if body is None else orjson.dumps(body)

        def work(connection: Connection) -> dict[str, Any]:
            answer = connection.request(subject, payload)
            if answer.status == NO_RESPONDERS:
                raise NotReady("The server has no JetStream, or it is not ready yet.")
            result: dict[str, Any] = orjson.loads(answer.body)
            error = result.get("error")
            if error and error.get("code") == UNAVAILABLE and error.get("err_code") not in {NO_STREAM, NO_MESSAGE}:
                raise NotReady(str(error.get("description", "")))
            return result

        result = self.pool.perform(work)
        if error := result.get("error"):
            raise Refusal(int(error.get("err_code", 0)), str(error.get("description", "")))
        return result

    def _info_or_none(self) -> dict[str, Any] | None:
        try:
            return self.ask("STREAM.INFO")
        except Refusal as refusal:
            if refusal.code != NO_STREAM:
                raise
            return None  # it does not exist yet: the caller decides

    def _get_id(self, query: dict[str, Any]) -> tuple[int, str | None] | None:
        try:
            message = self.ask("STREAM.MSG.GET", query)["message"]
        except Refusal as refusal:
            if refusal.code != NO_MESSAGE:
                raise
            return None  # nothing is there, which is the answer
        header = b64decode(message.get("hdrs") or "")
        value = header_field(header, b"Nats-Msg-Id")
        return int(message["seq"]), value.decode() if value is not None else None

    def _get_one(self, query: dict[str, Any]) -> Record | None:
        payload = orjson.dumps(query)

        def work(connection: Connection) -> Record | None:
            answer = connection.request(self._direct, payload)
            status = answer.status
            if status is None:
                return record_of(answer)
            if status == NOT_FOUND:
                return None
            raise NotReady(f"The stream {self.name} does not answer yet ({status}).")

        return self.pool.perform(work)

    def _page(self, pattern: str, start: int, page_events: int, connection: Connection) -> tuple[list[Record], int]:
        """One page and how many messages are left after it."""
        inbox = connection.new_inbox()
        connection.send(self.query(pattern, start, page_events, inbox))
        page: list[Record] = []
        while True:
            answer = connection.answer_to_within(inbox, REQUEST_TIMEOUT_S)
            if (left := self._take(answer, page)) is not None:
                return page, left

    def _take(self, answer: Message, page: list[Record]) -> int | None:
        """Add an answer to its page; at the page's end, how many messages are left after it."""
        if answer.status is None:
            page.append(record_of(answer))
            return None
        left = left_after(answer)
        if left is not None:
            return left
        if answer.status == NO_RESPONDERS:
            raise NotReady(f"The stream {self.name} does not answer yet.")
        raise LogUnavailable(f"The stream {self.name} refused to be read ({answer.status}).")


def left_after(end: Message) -> int | None:
    """How many messages are left after the page that this ended; None where it is no page's end but a refusal."""
    if end.status == END_OF_BATCH:
        return int(header_field(end.header, b"Nats-Num-Pending") or 0)
    return 0 if end.status == NOT_FOUND else None


def record_of(answer: Message) -> Record:
    """The message of the stream that an answer holds."""
    sequence = header_field(answer.header, b"Nats-Sequence")
    subject = header_field(answer.header, b"Nats-Subject")
    assert sequence is not None
    assert subject is not None
    return Record(int(sequence), subject, answer.header, answer.body)
