"""A model that knows by whom it is asked: each run has its own answers and its own trouble."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord.once.plan import Answer, ModelTrouble

MARK = re.compile(r"run ([rk]\d+(?:\.\d+)?) ask (\d)")
NAME = "scripted-1"
SLOW_S = 0.4
PARAGRAPH_CHARS = 1_900

type OnCall = Callable[[str], None]


@dataclass(slots=True)
class Behaviour:
    answer: Answer
    trouble: ModelTrouble
    calls: Counter[int] = field(default_factory=Counter)
    """By ask."""
    troubled: int = 0


@dataclass(slots=True)
class TellingModel:
    base_url: str = ""
    behaviours: dict[str, Behaviour] = field(default_factory=dict)  # by run
    on_asked: OnCall | None = None
    on_answered: OnCall | None = None
    strays: list[str] = field(default_factory=list)
    """Requests of no run."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        found = MARK.findall(body["messages"][-1]["content"]) or MARK.findall(json.dumps(body["messages"]))
        if not found or found[-1][0] not in self.behaviours:
            self.strays.append(str(found[-1:]))
            return web.json_response({"error": {"message": "who asks?"}}, status=400)
        run, ask = found[-1]
        behaviour = self.behaviours[run]
        behaviour.calls[int(ask)] += 1
        call = behaviour.calls.total()
        if self.on_asked is not None:
            self.on_asked(run)
        if behaviour.trouble == "slow":
            await asyncio.sleep(SLOW_S)
        trouble = self._trouble(behaviour)
        if trouble is not None and trouble != "cut":
            headers = {"Retry-After": "1"} if trouble == "429" else {}
            status = 401 if trouble == "refuses" else int(trouble)
            return web.json_response({"error": {"message": "no"}}, status=status, headers=headers)
        response = await self._stream(request, text_of(behaviour.answer, run, ask, call), is_cut=trouble == "cut")
        if self.on_answered is not None:
            self.on_answered(run)
        return response

    def _trouble(self, behaviour: Behaviour) -> ModelTrouble | None:
        """Of the first call of a run, or of the first two: then it goes well."""
        most = {"500": 2, "429": 1, "cut": 2, "refuses": 1}.get(behaviour.trouble, 0)
        if behaviour.troubled >= most:
            return None
        behaviour.troubled += 1
        return behaviour.trouble

    async def _stream(self, request: web.Request, text: str, *, is_cut: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        half = len(text) // 2
        await response.write(_event({"role": "assistant", "content": text[:half]}))
        if is_cut:
            assert request.transport is not None
            request.transport.abort()
            return response
        await response.write(_event({"content": text[half:]}) + _event({}, "stop") + b"data: [DONE]\n\n")
        await response.write_eof()
        return response


def text_of(answer: Answer, run: str, ask: str, call: int) -> str:
    """What is said. Each call says something else, but for `alike`: all its chunks, of all characters, are the same."""
    match answer:
        case "short":
            return f"The lamp is lit, {run}, {ask}: call {call}."
        case "alike":
            return "\n\n".join(["x" * 40 + " the sea" * ((PARAGRAPH_CHARS - 40) // 8)] * 3)
        case "long":
            parts = (f"Part {number} of call {call} to {run}." + " Rain on the roof." * 90 for number in range(3))
            return "\n\n".join(parts)
        case "code":
            lines = "\n".join(f"line {number} of call {call}: print('tide')" for number in range(90))
            return f"Look, {run}:\n```python\n{lines}\n```\nThat is all."


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = {"id": "c", "object": "chat.completion.chunk", "model": NAME, "choices": choices}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


@asynccontextmanager
async def telling_model() -> AsyncIterator[TellingModel]:
    model = TellingModel()
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_post("/v1/chat/completions", model.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    model.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield model
    finally:
        await runner.cleanup()
