"""A model provider on loopback that behaves as badly as it is told to.

It speaks Chat Completions over raw asyncio, so that it can also break every rule. The scenario is the model's name
(`plain`, `stall`, `status-429`, ...; `sees` describes a picture, and a recording is always written down) unless the
test has queued others with `script`. What was asked is in `requests`; `disconnected` is set when a client goes away in
the middle of an answer.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

REPLY = "Grüße, 世界 🌍!"
USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 7,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
SEEN, HEARD = "A lighthouse at dusk.", "Good evening, keeper."
REASONING_FIELDS = ("reasoning", "reasoning_content", "reasoning_details")
PING = b": OPENROUTER PROCESSING\n\n"
DONE = b"data: [DONE]\n\n"
PING_EVERY_S = 0.01


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: dict[str, Any]
    path: str
    connection: int


@dataclass
class Server:
    base_url: str = ""
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    scripted: deque[str] = field(default_factory=deque)
    reply: str = REPLY
    before_answering: Callable[["Received"], Awaitable[None]] | None = None
    """What the server waits for before it answers a request: a signal of the test's, or a moment of thought."""

    def script(self, *scenarios: str) -> None:
        """Answer the next requests so, one each, whatever model they name."""
        self.scripted.extend(scenarios)


def event(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    """One chunk as a server-sent event; without a delta it has no choices."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": "scripted-1", "choices": choices} | more
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def words(server: Server) -> list[bytes]:
    half = len(server.reply) // 2
    return [
        event({"role": "assistant", "content": ""}),
        event({"content": server.reply[:half]}),
        event({"content": server.reply[half:]}),
    ]


def ending(finish: str = "stop") -> list[bytes]:
    return [event({}, finish), event(usage=USAGE), DONE]


def reasoning(name: str) -> bytes:
    thought = "hm" if name != "reasoning_details" else [{"type": "reasoning.text", "text": "hm", "index": 0}]
    return event({name: thought, "content": ""})


def streams(server: Server) -> dict[str, list[bytes]]:
    """The scenarios that are a stream of bytes, sent piece by piece, and then an orderly end of the body."""
    said, failure = words(server), {"message": "upstream died, prompt was SECRET", "code": 502}
    whole = b"".join(said + ending())
    return {
        "plain": said + ending(),
        "comments": [piece for part in said + ending() for piece in (PING, part)],
        "byte-by-byte": [whole[at : at + 1] for at in range(len(whole))],
        "crlf": [whole.replace(b"\n", b"\r\n")],
        **{name: [reasoning(name), *said, *ending()] for name in REASONING_FIELDS},
        "inline-think": [event({"content": "<think>h"}), event({"content": "m</think>\n\n"}), *said, *ending()],
        "no-usage": [*said, event({}, "stop"), DONE],
        "length": said + ending("length"),
        "error-chunk": [*said, b"data: " + json.dumps({"error": failure}).encode() + b"\n\n", DONE],
        "error-first": [b"data: " + json.dumps({"error": failure | {"code": 429}}).encode() + b"\n\n"],
        "choice-error": [*said, event({"content": ""}, "error", error=failure), DONE],
        "finish-error": said + ending("error"),
        "content-filter": said + ending("content_filter"),
        "no-done": said + ending()[:2],
        "no-finish": said,
        "half-json": [*said, event({}, "stop")[:30]],
        "bad-json": [*said, b"data: {oops}\n\n"],
        "odd-chunks": [b"data: 42\n\n", b'data: {"choices": [7]}\n\n', *said, *ending()],
        "empty": [event({"role": "assistant", "content": ""}), *ending()],
        "empty-length": [event({"reasoning": "hm"}), *ending("length")],
        "no-chunks": [DONE],
    }


def plain_answers(server: Server) -> dict[str, tuple[int, str, bytes]]:
    """The scenarios that are one body: status, content type, content."""
    message = {"role": "assistant", "content": server.reply}
    completion = {"model": "scripted-1", "choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE}
    denied = {"error": {"message": "flagged SECRET", "metadata": {"reasons": ["x"], "flagged_input": "SECRET"}}}
    busy = {"error": {"message": "wait", "metadata": {"limit_source": "openrouter_in_flight_budget"}}}
    long = {"error": {"type": "exceed_context_size_error", "n_ctx": 8, "message": "SECRET"}}
    no_usage = {"error": {"message": "Unknown field: stream_options"}}
    no_limit = {"error": {"message": "'max_tokens' is not supported. Use 'max_completion_tokens' instead."}}
    quota = {"error": {"code": "insufficient_quota", "message": "SECRET"}}
    seen = {"choices": [{"message": {"role": "assistant", "content": SEEN}, "finish_reason": "stop"}]}
    json_type, html = "application/json", b"<!doctype html><title>SECRET</title>"
    return {
        "not-streamed": (200, json_type, json.dumps(completion).encode()),
        "sees": (200, json_type, json.dumps(seen).encode()),
        "hears": (200, json_type, json.dumps({"text": HEARD}).encode()),
        "html-200": (200, "text/html; charset=utf-8", html),
        "html-502": (502, "text/html", html),
        "json-error-200": (200, json_type, b'{"error": {"code": 401, "message": "SECRET"}}'),
        "moderation-403": (403, json_type, json.dumps(denied).encode()),
        "busy-402": (402, json_type, json.dumps(busy).encode()),
        "too-long-400": (400, json_type, json.dumps(long).encode()),
        "no-stream-options": (422, json_type, json.dumps(no_usage).encode()),
        "no-max-tokens": (400, json_type, json.dumps(no_limit).encode()),
        "quota-429": (429, json_type, json.dumps(quota).encode()),
    }


class Conversation:
    """One request being answered on one connection."""

    def __init__(self, server: Server, writer: asyncio.StreamWriter) -> None:
        self.server, self.writer = server, writer

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await self.writer.drain()

    async def head(self, status: int, content_type: str, *more: str, length: int | None = None) -> None:
        body = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {content_type}", body, *more, "", ""]
        self.writer.write("\r\n".join(lines).encode())
        await self.writer.drain()

    async def answer(self, scenario: str, headers: tuple[str, ...] = ()) -> None:
        """Answer as the scenario says; `status-<code>[-<retry after>]` is an error with that status."""
        if scenario in (plain := plain_answers(self.server)):
            status, content_type, body = plain[scenario]
        elif scenario.startswith("status-"):
            code, _, wait = scenario.removeprefix("status-").partition("-")
            status, content_type, body = int(code), "application/json", b'{"error": {"message": "no SECRET"}}'
            headers = (f"Retry-After: {wait}",) if wait else ()
        elif scenario == "redirect":
            status, content_type, body = 307, "text/plain", b""
            headers = (f"Location: {self.server.base_url}/elsewhere",)
        else:
            await self.head(200, "text/event-stream")
            await self._stream(scenario)
            return
        await self.head(status, content_type, *headers, length=len(body))
        self.writer.write(body)
        await self.writer.drain()

    async def _stream(self, scenario: str) -> None:
        misbehaviours: dict[str, Callable[[], Awaitable[None]]] = {
            "cut": self._cut,
            "silence": self._wait,
            "stall": self._stall,
            "pings": self._ping,
            "drip": self._drip,
            "stall-after-finish": self._stall_after_finish,
        }
        if scenario in misbehaviours:
            await misbehaviours[scenario]()
            return
        await self.send(*streams(self.server).get(scenario, streams(self.server)["plain"]))
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def _cut(self) -> None:
        await self.send(*words(self.server))
        self.writer.transport.abort()

    async def _stall(self) -> None:
        await self.send(*words(self.server))
        await self._wait()

    async def _stall_after_finish(self) -> None:
        await self.send(*words(self.server), event({}, "stop"))
        await self._wait()

    async def _ping(self) -> None:
        await self.send(*words(self.server))
        while not self.server.disconnected.is_set():
            await self.send(PING, event({"content": ""}))
            await asyncio.sleep(PING_EVERY_S)

    async def _drip(self) -> None:
        while not self.server.disconnected.is_set():
            await self.send(event({"content": "drop "}))
            await asyncio.sleep(PING_EVERY_S)

    async def _wait(self) -> None:
        await self.server.disconnected.wait()


def _read(headers: dict[str, str], sent: bytes) -> dict[str, Any]:
    """What was asked; a form, with which recordings are sent, is kept as it came."""
    if headers.get("content-type", "").startswith("multipart/form-data"):
        return {"model": "hears", "form": sent}
    body: dict[str, Any] = json.loads(sent or b"{}")
    return body


async def _serve(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    server.connections += 1
    connection = server.connections
    while True:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        body = _read(headers, await reader.readexactly(int(headers.get("content-length", 0))))
        received = Received(headers, body, lines[0].split(" ")[1], connection)
        server.requests.append(received)
        server.asked.set()
        scenario = server.scripted.popleft() if server.scripted else str(body.get("model"))
        answering = asyncio.ensure_future(_answer(server, writer, received, scenario))
        # A client sends nothing while it is answered, so whatever arrives meanwhile is its going away.
        going = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((answering, going), return_when=asyncio.FIRST_COMPLETED)
            # Who writes may learn of it before who reads.
            if not answering.done() or isinstance(answering.exception(), ConnectionError):
                server.disconnected.set()
                return
            await answering
        finally:
            answering.cancel()
            going.cancel()
            await asyncio.wait((answering, going))
        if writer.is_closing():
            return


async def _answer(server: Server, writer: asyncio.StreamWriter, received: Received, scenario: str) -> None:
    if server.before_answering is not None:
        await server.before_answering(received)
    await Conversation(server, writer).answer(scenario)


@asynccontextmanager
async def scripted_model_server() -> AsyncIterator[Server]:
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await _serve(server, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client is gone or the test is over: nothing is left to answer
        finally:
            writer.close()
            tasks.discard(task)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()[:2]
    server.base_url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        listener.close()
        for task in tuple(tasks):
            task.cancel()
        if tasks:
            await asyncio.wait(tuple(tasks))
        await listener.wait_closed()
