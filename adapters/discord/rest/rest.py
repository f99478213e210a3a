"""Requests to Discord's REST API whose outcome is known afterwards: done, refused, or nobody knows.

Not nextcord's clients, because they decide too much: they repeat a POST after a 500, 502 or 504, and the webhook
adapter after any 5xx, though the message may stand already, they write the tokens of webhooks into their logs, and they
count all channels' posts together. Here only what may be repeated is repeated, and limits are waited for.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import nullcontext
from http import HTTPStatus
from math import inf
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.lanes import Lane, Lanes, Pace, seconds
from adapters.discord.rest.refusals import Denied, Unanswered

USER_AGENT = "DiscordBot (https://tzurot.example, 0.1)"
TIMEOUT_S = 30.0
CONNECT_S = 10.0
AFTER_SILENCE_S = 5.0
"""What was not answered in time may still be carried out: it is looked for no sooner."""

PAUSES_S = (0.1, 0.5, 1.0, 2.0)
"""Between attempts at what may be repeated. The first is for a connection that was cut while nobody used it."""

USUAL_WAIT_S = 1.0
MOST_REFUSALS = 5
LONGEST_WAIT_S = 60.0
"""Rate limits beyond these are told instead of waited for."""

SUCCESS = range(200, 300)
CLIENT_ERRORS = range(400, 500)


class _Again(Exception):
    """It was not done and may be tried once more; the lane knows when."""


class _ShutOut(Unanswered):
    """Nothing was asked, and need not be for a while."""


class Rest:
    """One bot's requests, from one event loop; `close` it."""

    def __init__(self, token: SecretStr, *, api_base: str, timeout_s: float = TIMEOUT_S) -> None:
        self._token = token
        self._api_base = api_base.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_S)
        self._lanes = Lanes()
        self._pace = Pace()
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Whatever is asked afterwards is not sent."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()

    async def ask(self, ask: Ask) -> Any:
        """Discord's answer; None if it has none, or if something dispensable was left out.

        Raises Denied and Unanswered.
        """
        lane = self._lanes.lane(ask.lane, self._now_s())
        until_s = self._now_s() + (inf if ask.within_s is None else ask.within_s)
        pauses_s = iter(PAUSES_S if ask.is_repeatable else ())
        refusals = 0
        while True:
            try:
                async with lane.turn:
                    if await self._is_left_out(ask, lane, until_s):
                        return None
                    async with self._pace.slot() if ask.is_signed else nullcontext():
                        return await self._exchange(ask, lane)
            except _Again:
                refusals += 1
                if refusals == MOST_REFUSALS:
                    wait_s = lane.wait_s(self._now_s())
                    raise Unanswered("Discord gets too many requests.", retry_after_s=wait_s) from None
            except _ShutOut:
                raise
            except Unanswered:
                pause_s = next(pauses_s, None)
                if pause_s is None or self._now_s() + pause_s > until_s:
                    raise
                await asyncio.sleep(pause_s)

    async def _is_left_out(self, ask: Ask, lane: Lane, until_s: float) -> bool:
        """Wait for the limits, or say that it is not worth it."""
        while True:
            now_s = self._now_s()
            wait_s = max(lane.wait_s(now_s), self._lanes.wait_s(now_s, is_counted=ask.is_counted))
            if ask.is_dispensable and (wait_s > 0 or (ask.is_signed and self._pace.is_full)):
                return True
            if wait_s <= 0:
                return False
            if wait_s > min(LONGEST_WAIT_S, until_s - now_s):
                raise _ShutOut("Discord has shut us out for a while.", retry_after_s=wait_s)
            await asyncio.sleep(wait_s)

    async def _exchange(self, ask: Ask, lane: Lane) -> Any:
        headers = {"User-Agent": USER_AGENT}
        if ask.is_signed:
            headers["Authorization"] = f"Bot {self._token.get_secret_value().strip()}"
        try:
            async with self._open().request(
                ask.method,
                f"{self._api_base}{ask.path}",
                **_content(ask),
                params=ask.query,
                headers=headers,
                allow_redirects=False,
            ) as response:
                body = _json(await response.text(errors="replace"))
                status, told = response.status, response.headers
        except TimeoutError:
            raise Unanswered("Discord did not answer in time.", retry_after_s=AFTER_SILENCE_S) from None
        except aiohttp.ClientError as error:
            # Only its kind: its text may hold the address, and that a webhook's token.
            raise Unanswered(f"The connection to Discord failed ({type(error).__name__}).") from None
        lane.learn(told, self._now_s())
        return self._judge(lane, status, body, told)

    def _judge(self, lane: Lane, status: int, body: object, headers: Mapping[str, str]) -> Any:
        if status in SUCCESS:
            return body
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self._heed(lane, body, headers)
            raise _Again
        if status not in CLIENT_ERRORS:
            raise Unanswered(f"Discord has a problem of its own (status {status}).")
        told = body if isinstance(body, dict) else {}
        code = told.get("code")
        raise Denied(status, code if isinstance(code, int) else 0, frozenset(_fields(told.get("errors"))))

    def _heed(self, lane: Lane, body: object, headers: Mapping[str, str]) -> None:
        """Close the lane, or more than that, for as long as Discord says."""
        told = body if isinstance(body, dict) else {}
        wait_s = seconds(told.get("retry_after") or headers.get("Retry-After")) or USUAL_WAIT_S
        lane.close_for(wait_s, self._now_s())
        if not told:  # without JSON it comes from the network before Discord, which shuts out whatever we ask
            self._lanes.close_for(wait_s, self._now_s())
        elif told.get("global") is True:
            self._lanes.close_counted_for(wait_s, self._now_s())

    def _open(self) -> aiohttp.ClientSession:
        if self._is_closed:
            raise _ShutOut("This process ends: Discord is asked for nothing more.")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def __repr__(self) -> str:
        return f"Rest({urlsplit(self._api_base).netloc!r})"


def _content(ask: Ask) -> dict[str, Any]:
    """A body alone, or a form with the files beside it; a form can be sent once only."""
    if not ask.files:
        return {"json": ask.body}
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(ask.body), content_type="application/json")
    for number, file in enumerate(ask.files):
        form.add_field(f"files[{number}]", file.content, filename=file.name, content_type="application/octet-stream")
    return {"data": form}


def _json(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except json.JSONDecodeError:  # a page of the network in front of Discord; the status says enough
        return None


def _fields(errors: object) -> list[str]:
    """The names in Discord's tree of errors, which ends in lists called `_errors`."""
    if not isinstance(errors, dict):
        return []
    names = [name for name in errors if name != "_errors"]
    return [*names, *(inner for name in names for inner in _fields(errors[name]))]
