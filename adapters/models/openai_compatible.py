"""A model behind the Chat Completions format, whoever serves it.

The client library is used for one thing, the exchange of one request and its events. What it would decide by itself is
taken from it: retries (a repeated POST is billed twice, so the responder decides), redirects (they would carry the
conversation to another origin), time-outs (keep-alive comments reset its own), keys and headers from the environment
(they would go to any provider), and what counts as an answer (it ends a broken stream as quietly as a complete one).
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI, AsyncStream, Omit
from pydantic import SecretStr

from adapters.models import failures
from adapters.models.accumulator import Accumulator
from adapters.models.error_bodies import read_error
from adapters.models.failures import KeyOf
from adapters.models.keys import usable_key
from adapters.models.quirks import Quirks, body_of, learned, quirks_of
from adapters.models.watchdogs import WRITE_S, Patience, Watch
from engine.errors import Misconfigured
from engine.ports import Completion, ModelRefused, ModelRequest

MOST_CONNECTIONS = 256
KEPT_CONNECTIONS = 32
LARGEST_PLAIN_ANSWER_BYTES = 2_000_000
EVENT_STREAM_TYPE = "text/event-stream"
PLAIN_TYPES = ("application/json", "text/html")  # some providers state no type, or text/plain, for their events
FIELD_REFUSED = (400, 422)
TALKATIVE_LIBRARIES = ("openai", "httpx2", "httpcore2")  # below WARNING they log conversations and addresses
NO_KEY = "none"  # the client library insists on one; it is not sent
SENT_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request under way: what it may use, what it has heard, and until when it waits."""

    key: str | None
    key_of: KeyOf
    said: Accumulator
    watch: Watch
    clock: Callable[[], float]


class OpenAICompatible:
    """Implements the port Model. One HTTP client, and so one pool of connections, for every key."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: SecretStr | None = None,
        patience: Patience | None = None,
        quirks: Quirks | None = None,
    ) -> None:
        self._base_url = _checked_url(base_url)
        self._api_key = api_key
        if api_key is not None and usable_key(api_key) is None:
            raise Misconfigured("OPENAI_API_KEY is empty or holds characters that no key has: correct or unset it.")
        self._patience = patience or Patience()
        self._quirks = quirks or quirks_of(self.name)
        self._learned: dict[str, Quirks] = {}
        for library in TALKATIVE_LIBRARIES:
            logging.getLogger(library).setLevel(logging.WARNING)
        self._http = httpx2.AsyncClient(
            follow_redirects=False,
            timeout=httpx2.Timeout(connect=self._patience.connect_s, read=None, write=WRITE_S, pool=None),
            limits=httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=KEPT_CONNECTIONS),
            event_hooks={"request": [_send_only_what_is_needed]},
        )

    @property
    def name(self) -> str:
        return self._base_url.host

    async def complete(self, request: ModelRequest, *, api_key: SecretStr | None = None) -> Completion:
        attempt = self._begin(api_key)
        said, watch, refusal = attempt.said, attempt.watch, None
        started_s = attempt.clock()
        try:
            async with asyncio.timeout_at(watch.deadline_s) as alarm:
                await self._exchange(request, attempt, alarm)
        except TimeoutError:
            refusal = failures.too_slow(watch.limit)
        except ModelRefused as refused:
            refusal = refused
        if refusal is None or said.is_finished:  # what is complete stays so, whatever befalls the connection then
            refusal = _verdict(said, attempt.key_of)
        if refusal is not None:
            raise failures.with_partial(refusal, said.text)
        ended_s = attempt.clock()
        return Completion(
            text=said.text,
            finish_reason=said.finish_reason or "",
            model=said.model or request.model,
            usage=said.usage,
            first_token_s=(watch.first_token_at_s or ended_s) - started_s,
            total_s=ended_s - started_s,
            reasoning=said.reasoning,
        )

    async def close(self) -> None:
        await self._http.aclose()

    def _begin(self, api_key: SecretStr | None) -> Attempt:
        """Choose the key. One that is given and unusable is refused: the operator's never takes its place."""
        chosen = self._api_key if api_key is None else api_key
        key = None if chosen is None else usable_key(chosen)
        if chosen is not None and key is None:
            raise failures.unusable_key()
        clock = asyncio.get_running_loop().time
        return Attempt(
            key=key,
            key_of=KeyOf.OPERATOR if api_key is None else KeyOf.PERSON,
            said=Accumulator(),
            watch=Watch(self._patience, started_s=clock()),
            clock=clock,
        )

    async def _exchange(self, request: ModelRequest, attempt: Attempt, alarm: asyncio.Timeout) -> None:
        """Send the request and take in its answer, telling the client library's errors apart.

        `from None` throughout: those errors hold the request, and with it the conversation and the key.
        """
        said, key_of = attempt.said, attempt.key_of
        try:
            async with await self._send(request, attempt.key) as stream:
                if _content_type(stream.response) in PLAIN_TYPES:
                    _take_plain(said, await _read(stream.response), stream.response, key_of)
                else:
                    await _follow(stream, attempt, alarm)
        except APIStatusError as error:
            raise failures.of_response(
                error.status_code, headers=error.response.headers, body=error.body, key_of=key_of, now=datetime.now(UTC)
            ) from None
        except (APIConnectionError, httpx2.HTTPError):
            raise (failures.cut() if said.chunks else failures.unreachable()) from None
        except APIError as error:  # the stream brought an error in place of a chunk
            raise failures.of_error_in_answer(error.body or error.code or "", key_of=key_of) from None
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise failures.unreadable() from None

    async def _send(self, request: ModelRequest, key: str | None) -> AsyncStream[object]:
        """Send the request, once more where the provider refuses a field that we can do without.

        Such a refusal comes before the model runs, so it costs nothing, and it is learned for the model's next request.
        """
        quirks = self._learned.get(request.model, self._quirks)
        body = body_of(request, quirks)
        try:
            return await self._post(body, key)
        except APIStatusError as error:
            if error.status_code not in FIELD_REFUSED:
                raise
            better = learned(quirks, read_error(error.body).said, body)
            if better is None:
                raise
            self._learned[request.model] = better
        return await self._post(body_of(request, better), key)

    async def _post(self, body: dict[str, Any], key: str | None) -> AsyncStream[object]:
        """One POST. Everything that the library would take from the environment is given, so that it takes nothing."""
        client = AsyncOpenAI(
            api_key=key or NO_KEY,
            admin_api_key="",
            organization="",
            project="",
            webhook_secret="",
            base_url=self._base_url,
            http_client=self._http,
            max_retries=0,
            timeout=self._http.timeout,
        )
        return await client.post(
            "/chat/completions",
            cast_to=object,
            body=body,
            options={"headers": {"Authorization": f"Bearer {key}" if key else Omit()}},
            stream=True,
            stream_cls=AsyncStream[object],
        )


async def _follow(stream: AsyncStream[object], attempt: Attempt, alarm: asyncio.Timeout) -> None:
    """Hear the stream to its end, which also lets its connection be used again."""
    said, watch = attempt.said, attempt.watch
    async for chunk in stream:
        if said.take(chunk):
            watch.token(attempt.clock())
        if said.is_finished:
            watch.finished(attempt.clock())
        alarm.reschedule(watch.deadline_s)
    if not said.chunks and _content_type(stream.response) != EVENT_STREAM_TYPE:
        raise failures.not_a_model(stream.response.status_code)


def _verdict(said: Accumulator, key_of: KeyOf) -> ModelRefused | None:
    """Why what was said is no answer; None when it is one."""
    if said.finish_reason in (None, "error") and said.error is not None:
        return failures.of_error_in_answer(said.error, key_of=key_of)
    match said.finish_reason:
        case None:
            return failures.truncated()
        case "error":
            return failures.failed_in_answer()
        case "content_filter":
            return failures.moderated()
        case reason:
            return None if said.text.strip() else failures.empty(reason)


def _take_plain(said: Accumulator, body: bytes, response: httpx2.Response, key_of: KeyOf) -> None:
    """Take an answer that is no event stream: an error or a whole completion in JSON, or not a model's at all."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # a web page: the address is not a model's
        raise failures.not_a_model(response.status_code) from None
    if isinstance(answer, Mapping) and isinstance(answer.get("choices"), list):
        said.take(answer)
    elif isinstance(answer, Mapping) and answer.get("error"):
        raise failures.of_error_in_answer(answer, key_of=key_of, headers=response.headers, now=datetime.now(UTC))
    else:
        raise failures.not_a_model(response.status_code)


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_PLAIN_ANSWER_BYTES:
            raise failures.not_a_model(response.status_code)
    return bytes(body)


def _content_type(response: httpx2.Response) -> str:
    stated: Any = response.headers.get("content-type", "")
    return str(stated).partition(";")[0].strip().lower()


def _checked_url(base_url: str) -> httpx2.URL:
    try:
        url = httpx2.URL(base_url.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise Misconfigured("OPENAI_BASE_URL is no address of a model: it looks like https://api.openai.com/v1.")
    return url


async def _send_only_what_is_needed(request: httpx2.Request) -> None:
    """Drop the headers that the library adds from the environment and about this machine."""
    for name in [name for name in request.headers if name.lower() not in SENT_HEADERS]:
        del request.headers[name]
