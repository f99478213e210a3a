"""One connection to a NATS server for an event loop: many questions at once, and none of them blocks.

It is made for the case that all goes well. Where a connection is refused or lost, or an answer does not come in time,
what was asked has no answer and that is all: whoever asked goes on with `connection.py`, which says why.
"""

import asyncio
import itertools
import secrets
import ssl
from collections.abc import Callable, Sequence
from typing import override

import orjson

from engine.log.addresses import Address
from engine.log.connection import CONNECT_TIMEOUT_S, REQUEST_TIMEOUT_S
from engine.log.inbound import Inbound
from engine.log.wire import Message, sign_in

CLOSE_TIMEOUT_S = 1.0

type Question = Callable[[bytes], bytes]
"""Makes the frames that ask for an answer to this inbox."""
type Ends = Callable[[Message], bool]


async def connect(address: Address) -> "LoopConnection | None":
    """A signed-in connection of the running loop's; None where there is none to be had."""
    connection = LoopConnection()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await asyncio.get_running_loop().create_connection(lambda: connection, address.host, address.port)
            await connection.sign_in(address)
    except (OSError, TimeoutError):
        await connection.close()  # nothing was asked yet: whoever would have asked does without
        return None
    except BaseException:
        connection.abort()
        raise
    return connection


class LoopConnection(asyncio.Protocol):
    """A connection of the loop that made it; `connect` makes one."""

    def __init__(self) -> None:
        self.is_lost = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._inbound = Inbound()
        self._inbox = b"_INBOX." + secrets.token_hex(11).encode() + b"."
        self._tokens = itertools.count(1)
        self._asked: dict[bytes, _Asked] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._info: asyncio.Future[bytes] = self._loop.create_future()
        self._pong: asyncio.Future[bytes] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    def abort(self) -> None:
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()

    async def close(self) -> None:
        """Close it; what is still unanswered stays so."""
        if self._transport is not None:
            self.abort()
            await asyncio.wait({self._ended}, timeout=CLOSE_TIMEOUT_S)

    async def sign_in(self, address: Address) -> None:
        """Begin the conversation. Raises OSError where it does not come about."""
        info = orjson.loads((await self._info).removeprefix(b"INFO ") or b"{}")
        if self._transport is None or self.is_lost:
            raise ConnectionResetError
        if address.is_tls or info.get("tls_required"):
            context = await asyncio.to_thread(ssl.create_default_context)
            encrypted = await self._loop.start_tls(self._transport, self, context, server_hostname=address.host)
            if encrypted is None:
                raise ConnectionResetError
            self._transport = encrypted
        self._transport.write(sign_in(address.credentials(), self._inbox))
        await self._pong
        if self.is_lost:
            raise ConnectionResetError

    def new_inbox(self) -> bytes:
        """A subject that only this connection listens to."""
        return self._inbox + str(next(self._tokens)).encode()

    async def ask(self, questions: Sequence[Question], ends: Ends | None = None) -> Sequence[list[Message] | None]:
        """Ask all of these together. For each the answers up to the one that `ends` them, which is the first one
        unless stated otherwise; None where that did not come.
        """
        if self._transport is None or self.is_lost:
            return [None] * len(questions)
        answers: dict[bytes, list[Message]] = {self.new_inbox(): [] for _ in questions}
        asked = _Asked(self._loop.create_future(), ends, answers, self._loop.time() + REQUEST_TIMEOUT_S)
        for inbox in answers:
            self._asked[inbox] = asked
        self._transport.write(b"".join([question(inbox) for question, inbox in zip(questions, answers, strict=True)]))
        if self._watch is None:
            self._watch = self._loop.call_at(asked.until, self._give_up_what_is_overdue)
        try:
            await asked.all_answered
        except asyncio.CancelledError:
            self._forget(asked)
            raise
        if not asked.left:
            return list(answers.values())
        unanswered = self._forget(asked)
        return [None if inbox in unanswered else found for inbox, found in answers.items()]

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._inbound.feed(data)
        while (found := self._inbound.take()) is not None:
            if isinstance(found, Message):
                self._take_answer(found)
            else:
                self._take_line(found)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if self._watch is not None:
            self._watch.cancel()
        for line in (self._info, self._pong):
            _set(line, b"")
        for asked in self._asked.values():
            _set(asked.all_answered, None)
        self._ended.set_result(None)

    def _take_answer(self, message: Message) -> None:
        asked = self._asked.get(message.subject)
        if asked is None:
            return  # nobody waits for it: the opening of a batch, or whoever asked was cancelled
        asked.answers[message.subject].append(message)
        if asked.ends is None or asked.ends(message):
            del self._asked[message.subject]
            asked.left -= 1
            if not asked.left:
                _set(asked.all_answered, None)

    def _forget(self, asked: "_Asked") -> set[bytes]:
        """Wait no more for what was asked; returns the inboxes that had not been answered."""
        return {inbox for inbox in asked.answers if self._asked.pop(inbox, None) is not None}

    def _give_up_what_is_overdue(self) -> None:
        """One timer for all that is asked: one each would cost a lone command more than its question."""
        self._watch = None
        if not self._asked:
            return
        until = min(asked.until for asked in self._asked.values())
        if until <= self._loop.time():
            self.abort()
        else:
            self._watch = self._loop.call_at(until, self._give_up_what_is_overdue)

    def _take_line(self, line: bytes) -> None:
        if line.startswith(b"PING") and self._transport is not None:
            self._transport.write(b"PONG\r\n")
        elif line.startswith(b"-ERR"):
            self.abort()  # why, is said to whoever asks again on the careful way
        elif line.startswith(b"PONG"):
            _set(self._pong, line)
        elif line.startswith(b"INFO "):
            _set(self._info, line)


class _Asked:
    """Questions that were sent together. `left` of them are not answered yet; after `until` they will not be."""

    __slots__ = ("all_answered", "answers", "ends", "left", "until")

    def __init__(
        self, all_answered: asyncio.Future[None], ends: Ends | None, answers: dict[bytes, list[Message]], until: float
    ) -> None:
        self.all_answered = all_answered
        self.ends = ends
        self.answers = answers
        self.left = len(answers)
        self.until = until


def _set[T](waiting: asyncio.Future[T], result: T) -> None:
    """Once is enough: what was lost has been answered, and who was cancelled waits no more."""
    if not waiting.done():
        waiting.set_result(result)
