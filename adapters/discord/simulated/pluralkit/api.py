"""PluralKit's API: who sent a message that a member spoke.

`GET /messages/{id}` knows a message by its copy's id for good, and by the original's for half an hour. A User-Agent is
required; ten requests a second are allowed, and the answer to more says in milliseconds how long to wait.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

from adapters.discord.simulated.pluralkit.proxying import PluralKit
from adapters.discord.simulated.pluralkit.systems import Proxied, System, SystemMember, newest_first

PREFIX = "/pluralkit/v2"
MESSAGES = f"{PREFIX}/messages/"
ORIGINAL_KNOWN_FOR = timedelta(minutes=30)
REQUESTS_A_SECOND = 10
WINDOW = timedelta(seconds=1)


class Api:
    """`asked` has every path that was asked for, answered or not."""

    def __init__(self, kit: PluralKit) -> None:
        self.asked: list[str] = []
        self._kit = kit
        self._recent: deque[datetime] = deque()

    async def answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        self.asked.append(path)
        if self._kit.is_down:
            return web.Response(status=503)
        if not request.headers.get("User-Agent"):
            return _said(400, {"message": "400: Bad Request (missing User-Agent)", "code": 0})
        wait_ms = self._wait_ms()
        if wait_ms:
            return _said(429, {"message": "429: too many requests", "retry_after": wait_ms, "code": 0})
        proxied = self._find(path)
        if proxied is None:
            return _said(404, {"message": "Message not found.", "code": 20006})
        return _said(200, _message(proxied))

    def _find(self, path: str) -> Proxied | None:
        wanted = path.removeprefix(MESSAGES)
        now = self._kit.discord.world.clock.now()
        for proxied in newest_first(self._kit.proxied):
            if wanted == str(proxied.copy_id):
                return proxied
            if wanted == str(proxied.original_id) and now - proxied.at <= ORIGINAL_KNOWN_FOR:
                return proxied
        return None

    def _wait_ms(self) -> int:
        """0 when the request is within the limit, and then it counts."""
        now = self._kit.discord.world.clock.now()
        while self._recent and now - self._recent[0] >= WINDOW:
            self._recent.popleft()
        if len(self._recent) >= REQUESTS_A_SECOND:
            return max(1, int((self._recent[0] + WINDOW - now).total_seconds() * 1000))
        self._recent.append(now)
        return 0


def _said(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), headers={"Content-Type": "application/json"})


def _message(proxied: Proxied) -> dict[str, Any]:
    return {
        "timestamp": proxied.at.isoformat(),
        "id": str(proxied.copy_id),
        "original": str(proxied.original_id),
        "sender": str(proxied.member.account_id),
        "channel": str(proxied.channel_id),
        "guild": str(proxied.guild_id),
        "system": _system(proxied.system),
        "member": _member(proxied.member),
    }


def _system(system: System) -> dict[str, Any]:
    nothing = dict.fromkeys(("name", "description", "tag", "pronouns", "avatar_url", "banner", "color", "created"))
    return {"id": system.id, "uuid": system.uuid} | nothing


def _member(member: SystemMember) -> dict[str, Any]:
    nothing = dict.fromkeys(("display_name", "color", "birthday", "pronouns", "banner", "description", "created"))
    return nothing | {
        "id": member.id,
        "uuid": member.uuid,
        "name": member.name,
        "avatar_url": member.avatar_url,
        "webhook_avatar_url": None,
        "keep_proxy": False,
        "tts": False,
        "proxy_tags": [{"prefix": member.tags.prefix or None, "suffix": member.tags.suffix or None}],
    }
