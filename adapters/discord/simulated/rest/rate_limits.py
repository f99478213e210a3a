"""How many requests Discord takes: 50 a second per bot, so many per bucket, and a ban for too many bad ones.

A bucket is a route with its top-level resource (channel, guild, webhook with token); its hash names the route alone
(docs, topics/rate-limits). Discord publishes no numbers for routes: these are what clients have seen, and tests set
others.
"""

import hashlib
import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.simulated.clock import Clock
from adapters.discord.simulated.rest.routes import Route

GLOBAL_REQUESTS_PER_S = 50  # docs, topics/rate-limits, "Global Rate Limit"
INVALID_REQUESTS = 10_000  # docs, topics/rate-limits, "Invalid Request Limit": 401, 403 and 429
INVALID_WINDOW_S = 600
INVALID_STATUSES = frozenset({401, 403, 429})

TOP_LEVEL = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")


@dataclass(frozen=True, slots=True)
class Allowance:
    requests: int
    window_s: float


# Seen of the real one, not promised by it.
ORDINARY = Allowance(50, 1)
SENDING = Allowance(5, 5)
BY_WEBHOOK = Allowance(5, 2)
SEEN: dict[str, Allowance] = {
    "POST /channels/{channel_id}/messages": SENDING,
    "PATCH /channels/{channel_id}/messages/{message_id}": SENDING,
    "DELETE /channels/{channel_id}/messages/{message_id}": Allowance(5, 1),
    "POST /channels/{channel_id}/typing": SENDING,
    "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": Allowance(1, 0.25),
    "POST /webhooks/{webhook_id}/{webhook_token}": BY_WEBHOOK,
    "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": BY_WEBHOOK,
    "DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}": BY_WEBHOOK,
}


@dataclass(slots=True)
class Window:
    opened_at_s: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what the answer's headers say of it."""

    headers: dict[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None  # None: it may pass
    is_global: bool = False

    @property
    def body(self) -> dict[str, Any]:
        return {
            "message": "You are being rate limited.",
            "retry_after": self.retry_after_s,
            "global": self.is_global,
        }


@dataclass(slots=True)
class RateLimits:
    clock: Clock
    is_on: bool = True
    allowances: dict[str, Allowance] = field(default_factory=lambda: dict(SEEN))
    _windows: dict[tuple[str, ...], Window] = field(default_factory=dict)
    _invalid: deque[float] = field(default_factory=deque)

    def allow(self, route: str, requests: int, window_s: float) -> None:
        """Set what one route takes, by its name: "POST /channels/{channel_id}/messages"."""
        self.allowances[route] = Allowance(requests, window_s)

    def weigh(self, route: Route, path: Mapping[str, str], asker: str) -> Verdict:
        """Count a request that has arrived; `asker` is whose it is (a bot, or nobody for webhooks with token)."""
        if not self.is_on or route.template.startswith("/interactions/"):
            return Verdict()  # docs, "Receiving and Responding": interaction endpoints carry no limits
        if route.authentication == "bot":
            whole = self._window(("global", asker), 1)
            if whole.used >= GLOBAL_REQUESTS_PER_S:
                return self._refused({}, whole.opened_at_s + 1 - self._now_s(), is_global=True)
            whole.used += 1
        allowance = self.allowances.get(route.name, ORDINARY)
        resource = [path[name] for name in TOP_LEVEL if name in path]
        window = self._window((asker, route.name, *resource), allowance.window_s)
        if window.used >= allowance.requests:
            left_s = window.opened_at_s + allowance.window_s - self._now_s()
            return self._refused(self._headers(route, allowance, window), left_s, is_global=False)
        window.used += 1
        return Verdict(self._headers(route, allowance, window))

    def count(self, status: int) -> None:
        """Remember a refused request towards the ban."""
        if status in INVALID_STATUSES:
            self._invalid.append(self._now_s())

    @property
    def invalid_count(self) -> int:
        """How many bad requests the last ten minutes brought."""
        while self._invalid and self._invalid[0] <= self._now_s() - INVALID_WINDOW_S:
            self._invalid.popleft()
        return len(self._invalid)

    @property
    def is_banned(self) -> bool:
        return self.is_on and self.invalid_count >= INVALID_REQUESTS

    def _now_s(self) -> float:
        return self.clock.now().timestamp()

    def _window(self, key: tuple[str, ...], length_s: float) -> Window:
        now_s = self._now_s()
        window = self._windows.get(key)
        if window is None or window.opened_at_s + length_s <= now_s:
            window = self._windows[key] = Window(now_s)
        return window

    def _headers(self, route: Route, allowance: Allowance, window: Window) -> dict[str, str]:
        resets_at_s = window.opened_at_s + allowance.window_s
        return {
            "X-RateLimit-Limit": str(allowance.requests),
            "X-RateLimit-Remaining": str(max(0, allowance.requests - window.used)),
            "X-RateLimit-Reset": f"{resets_at_s:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, resets_at_s - self._now_s()):.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.name.encode()).hexdigest()[:32],
        }

    def _refused(self, headers: dict[str, str], left_s: float, *, is_global: bool) -> Verdict:
        left_s = max(0.001, round(left_s, 3))
        told = {"Retry-After": str(math.ceil(left_s)), "X-RateLimit-Scope": "global" if is_global else "user"}
        if is_global:
            told["X-RateLimit-Global"] = "true"
        return Verdict(headers | told, left_s, is_global)
