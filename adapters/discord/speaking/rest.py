"""Requests to Discord's REST API whose outcome is known afterwards: done, refused, or nobody knows.

Not nextcord's clients, because they decide too much: they repeat a POST after a 500, 502 or 504, and the webhook
adapter after any 5xx, though the message may stand already, and they write the tokens of webhooks into their logs. Here
only what may be repeated is repeated, and limits are waited for.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from adapters.discord.speaking.lanes import Lane, Lanes, Pace, seconds

USER_AGENT = "DiscordBot (https://pypi.org/project/tzurot, 0.1)"
TIMEOUT_S = 30.0
CONNECT_S = 10.0
AFTER_SILENCE_S = 5.0
"""What was not answered in time may still be carried out: it is looked for no sooner."""

PAUSES_S = (0.5, 1.0, 2.0)
"""Between attempts at what may be repeated."""

USUAL_WAIT_S = 1.0
MOST_REFUSALS = 5
LONGEST_WAIT_S = 60.0
"""Rate limits beyond these are told instead of waited for."""

SUCCESS = range(200, 300)
CLIENT_ERRORS = range(400, 500)


class Denied(Exception):
    """Discord said no: status, its own code, and the names of the fields that it did not like."""

    def __init__(self, status: int, code: int, fields: frozenset[str] = frozenset()) -> None:
        super().__init__(f"status {status}, code {code}")
        self.status = status
        self.code = code
        self.fields = fields


class Unanswered(Exception):
    """Nobody knows whether it happened: no answer came, or that of a server that is down.

    `retry_after_s` is Discord's own wish, None when it stated none.
    """

    def __init__(self, happened: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(happened)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `lane` names what shares a rate limit with it, without secrets."""

    method: str
    path: str = field(repr=False)
    lane: str
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    is_signed: bool = True
    """It carries the bot's token; a webhook's requests carry their own in the path."""
    is_dispensable: bool = False
    """It is left out rather than waited for."""
    may_repeat: bool | None = None
    """Twice is as good as once; by default all but POST."""

    @property
    def is_repeatable(self) -> bool:
        return self.method != "POST" if self.may_repeat is None else self.may_repeat


class _Again(Exception):
    """It was not done and may be tried once more; the lane knows when."""


class Rest:
    """One bot's requests, from one event loop; `close` it."""

    def __init__(self, token: SecretStr, *, api_base: str, timeout_s: float = TIMEOUT_S) -> None:
        self._token = token
        self._api_base = api_base.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=CONNECT_S)
        self._lanes = Lanes()
        self._pace = Pace()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, ask: Ask) -> Any:
        """Discord's answer; None if it has none, or if something dispensable was left out.

        Raises Denied and Unanswered.
        """
        lane = self._lanes.lane(ask.lane, self._now_s())
        pauses_s = iter(PAUSES_S if ask.is_repeatable else ())
        refusals = 0
        while True:
            try:
                async with lane.turn:
                    if await self._is_left_out(ask, lane):
                        return None
                    async with self._pace.slot() if ask.is_signed else nullcontext():
                        return await self._exchange(ask, lane)
            except _Again:
                refusals += 1
                if refusals == MOST_REFUSALS:
                    wait_s = lane.wait_s(self._now_s())
                    raise Unanswered("Discord gets too many requests.", retry_after_s=wait_s) from None
            except Unanswered:
                pause_s = next(pauses_s, None)
                if pause_s is None:
                    raise
                await asyncio.sleep(pause_s)

    async def _is_left_out(self, ask: Ask, lane: Lane) -> bool:
        """Wait for the limits, or say that it is not worth it."""
        while True:
            now_s = self._now_s()
            wait_s = max(lane.wait_s(now_s), self._lanes.wait_s(now_s))
            if ask.is_dispensable and (wait_s > 0 or (ask.is_signed and self._pace.is_full)):
                return True
            if wait_s <= 0:
                return False
            if wait_s > LONGEST_WAIT_S:
                raise Unanswered("Discord has shut us out for a while.", retry_after_s=wait_s)
            await asyncio.sleep(wait_s)

    async def _exchange(self, ask: Ask, lane: Lane) -> Any:
        headers = {"User-Agent": USER_AGENT}
        if ask.is_signed:
            headers["Authorization"] = f"Bot {self._token.get_secret_value()}"
        try:
            async with self._open().request(
                ask.method,
                f"{self._api_base}{ask.path}",
                json=ask.body,
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
        """Close the lane, or all of them, for as long as Discord says."""
        told = body if isinstance(body, dict) else {}
        wait_s = seconds(told.get("retry_after") or headers.get("Retry-After")) or USUAL_WAIT_S
        is_for_all = not told or told.get("global") is True  # without JSON it comes from the network before Discord
        (self._lanes if is_for_all else lane).close_for(wait_s, self._now_s())

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def __repr__(self) -> str:
        return f"Rest({urlsplit(self._api_base).netloc!r})"


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
