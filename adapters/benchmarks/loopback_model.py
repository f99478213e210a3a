"""A model on loopback that answers at once, and tells when the first byte of each request reached it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import override

import orjson

HEADER_END = b"\r\n\r\n"
LENGTH = b"content-length:"


class LoopbackModel:
    """`base_url` is what OPENAI_BASE_URL takes; `asked_at_s` yields a time of `perf_counter` for each request."""

    def __init__(self) -> None:
        self.base_url = ""
        self.asked_at_s: asyncio.Queue[float] = asyncio.Queue()


class _Conversation(asyncio.Protocol):
    """One connection: requests come one after the other, each is answered when it is whole."""

    def __init__(self, model: LoopbackModel) -> None:
        self._model = model
        self._received = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        if not self._received:
            self._model.asked_at_s.put_nowait(perf_counter())
        self._received += data
        if is_whole(self._received):
            self._received = b""
            assert self._transport is not None
            self._transport.write(ANSWER)


def is_whole(request: bytes) -> bool:
    head, found, body = request.partition(HEADER_END)
    if not found:
        return False
    lengths = [line[len(LENGTH) :] for line in head.lower().split(b"\r\n") if line.startswith(LENGTH)]
    return len(body) >= int(lengths[0]) if lengths else True


def _answer() -> bytes:
    chunks: tuple[dict[str, object], ...] = (
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "All is well."}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 4, "total_tokens": 5}},
    )
    frame = {"id": "bench", "object": "chat.completion.chunk", "created": 0, "model": "loopback"}
    events = [b"data: " + orjson.dumps({**frame, **chunk}) + b"\n\n" for chunk in chunks]
    body = b"".join([*events, b"data: [DONE]\n\n"])
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


ANSWER = _answer()


@asynccontextmanager
async def loopback_model() -> AsyncIterator[LoopbackModel]:
    model = LoopbackModel()
    server = await asyncio.get_running_loop().create_server(lambda: _Conversation(model), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        model.base_url = f"http://{host}:{port}/v1"
        yield model
        server.close_clients()
