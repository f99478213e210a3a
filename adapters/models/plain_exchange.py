"""One POST and its whole answer in JSON: how images are described and recordings transcribed.

Like a chat's exchange it is never repeated here and never follows a redirect, and no error of it holds what was sent.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
from pydantic import SecretStr

from adapters.models import failures
from adapters.models.failures import KeyOf
from adapters.models.keys import usable_key
from adapters.models.watchdogs import CONNECT_S, WRITE_S, Limit
from engine.errors import Misconfigured

LARGEST_ANSWER_BYTES = 2_000_000
SUCCESS = range(200, 300)


class PlainExchange:
    """What is common to the senses of one OpenAI-compatible server. Close it when done."""

    def __init__(self, *, base_url: str, api_key: SecretStr | None, limit_s: float) -> None:
        key = usable_key(api_key) if api_key is not None else None
        if api_key is not None and key is None:
            raise Misconfigured("The key for the model is empty or holds characters that no key has: correct it.")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._limit_s = limit_s
        for library in ("httpx2", "httpcore2"):  # below WARNING they log addresses
            logging.getLogger(library).setLevel(logging.WARNING)
        self._http = httpx2.AsyncClient(
            base_url=base_url.strip().rstrip("/"),
            follow_redirects=False,
            timeout=httpx2.Timeout(connect=CONNECT_S, read=None, write=WRITE_S, pool=None),
        )

    @property
    def host(self) -> str:
        return self._http.base_url.host

    async def post(self, path: str, **content: Any) -> Mapping[str, Any]:
        """Send `content` (`json`, or `data` and `files`) and return the JSON object. Raises ModelRefused."""
        try:
            async with (
                asyncio.timeout(self._limit_s),
                self._http.stream("POST", path, headers=self._headers, **content) as response,
            ):
                body = await _read(response)
        except TimeoutError:
            raise failures.too_slow(Limit.TOTAL) from None
        except httpx2.HTTPError:
            raise failures.unreachable() from None
        if response.status_code not in SUCCESS:
            raise failures.of_response(
                response.status_code, headers=response.headers, body=body, key_of=KeyOf.OPERATOR, now=datetime.now(UTC)
            )
        return _object(body, response.status_code)

    async def close(self) -> None:
        await self._http.aclose()


def _object(body: bytes, status: int) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):  # a web page: the address is not a model's
        raise failures.not_a_model(status) from None
    if isinstance(answer, dict) and answer.get("error"):
        raise failures.of_error_in_answer(answer, key_of=KeyOf.OPERATOR)
    if not isinstance(answer, dict):
        raise failures.not_a_model(status)
    return answer


async def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER_BYTES:
            raise failures.not_a_model(response.status_code)
    return bytes(body)
