"""A model on loopback that takes its time, and tells when each request reached it and when it was answered.

Which message a request is about it finds in the last thing said there: a number behind a `#`, which is in its answer,
too.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, override

import orjson

from adapters.benchmarks.loopback_model import HEADER_END, is_whole

NUMBER = re.compile(r"#(\d+)")
WORDS_TO_A_CHUNK = 4
ANSWER = """
The lamps along the quay are lit before the fog comes in, every evening, and somebody has to carry the oil up the
narrow stairs. I have done that since I was a child, and my mother before me. You may come along if you like, but mind
the fourth step, it is loose, and the wind up there takes every hat that is not held on to.
"""


@dataclass(slots=True)
class Asked:
    """When the first byte of the first request came, when the last byte of the last answer went, in seconds."""

    at_s: float
    answered_s: float | None = None
    calls: int = 1


@dataclass(slots=True)
class SlowModel:
    """`base_url` is what OPENAI_BASE_URL takes; `asked` is by the number of the message."""

    takes_s: float
    now_s: Callable[[], float]
    base_url: str = ""
    asked: dict[int, Asked] = field(default_factory=dict)


class _Conversation(asyncio.Protocol):
    """One connection: requests come one after the other."""

    def __init__(self, model: SlowModel) -> None:
        self._model = model
        self._received = b""
        self._began_s = 0.0
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        if not self._received:
            self._began_s = self._model.now_s()
        self._received += data
        if is_whole(self._received):
            number = number_in(self._received.partition(HEADER_END)[2])
            self._received = b""
            asked = self._model.asked.setdefault(number, Asked(self._began_s, calls=0))
            asked.calls += 1
            asyncio.get_running_loop().call_later(self._model.takes_s, self._answer, number, asked)

    def _answer(self, number: int, asked: Asked) -> None:
        assert self._transport is not None
        self._transport.write(answer(number))
        asked.answered_s = self._model.now_s()


def number_in(body: bytes) -> int:
    """Which message a request asks to be answered."""
    found = NUMBER.findall(orjson.loads(body)["messages"][-1]["content"])
    return int(found[-1]) if found else 0


def answer(number: int) -> bytes:
    """A whole answer, as a stream of so many words each."""
    words = [*ANSWER.split(), f"#{number}"]
    parts = [" ".join(part) for part in batched(words, WORDS_TO_A_CHUNK, strict=False)]
    usage = {"prompt_tokens": 1, "completion_tokens": len(words), "total_tokens": len(words) + 1}
    events = [
        *(_event([{"index": 0, "delta": {"content": f"{part} "}, "finish_reason": None}]) for part in parts),
        _event([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        _event([], usage=usage),
    ]
    body = b"".join([*events, b"data: [DONE]\n\n"])
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _event(choices: list[Any], **more: object) -> bytes:
    frame = {"id": "bench", "object": "chat.completion.chunk", "created": 0, "model": "loopback"}
    return b"data: " + orjson.dumps({**frame, "choices": choices, **more}) + b"\n\n"


@asynccontextmanager
async def slow_model(takes_s: float, now_s: Callable[[], float]) -> AsyncIterator[SlowModel]:
    model = SlowModel(takes_s, now_s)
    server = await asyncio.get_running_loop().create_server(lambda: _Conversation(model), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        model.base_url = f"http://{host}:{port}/v1"
        yield model
        server.close_clients()
