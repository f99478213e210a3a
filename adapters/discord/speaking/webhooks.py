"""The webhook through which characters speak in a channel: one that belongs to the bot, found or made, and kept.

Where none can be had (the permission Manage Webhooks is missing, the channel's fifteen are used up) that is remembered
for a while, since each refused request counts towards a ban.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import MISSING_ACCESS, MISSING_PERMISSIONS, WEBHOOKS_USED_UP, Denied
from adapters.discord.rest.rest import Rest
from adapters.discord.speaking.bounded import Bounded

NAME = "Tzurot"
MOST_WEBHOOKS = 2_000
NONE_FOR_S = 300.0
OWN_CHANGE_S = 10.0
"""How long after making a webhook Discord may tell us of just that."""

INCOMING = 1


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    token: str = field(repr=False)

    @property
    def lane(self) -> str:
        return f"webhook {self.id}"

    @property
    def path(self) -> str:
        return f"/webhooks/{self.id}/{self.token}"


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Who the bot is to Discord."""

    user: str
    application: str

    def wrote(self, message: Mapping[str, Any]) -> bool:
        """Whether a message is a post of ours, by webhook or plain."""
        if message.get("webhook_id"):
            return str(message.get("application_id")) == self.application
        return str(message["author"]["id"]) == self.user

    def made(self, webhook: Mapping[str, Any]) -> bool:
        """Whether a webhook is ours to speak through: only its maker sees its token."""
        is_ours = str(webhook.get("application_id")) == self.application
        return is_ours and webhook["type"] == INCOMING and bool(webhook.get("token"))


@dataclass(frozen=True, slots=True)
class _None:
    """No webhook can be had until then."""

    until_s: float


class Webhooks:
    """One webhook per channel."""

    def __init__(self, rest: Rest, *, now_s: Callable[[], float] | None = None) -> None:
        self._rest = rest
        self._now_s = now_s or (lambda: asyncio.get_running_loop().time())
        self._kept: Bounded[str, Webhook | _None] = Bounded(MOST_WEBHOOKS)
        self._made_s: Bounded[str, float] = Bounded(MOST_WEBHOOKS)
        self._us: Bounded[None, Ourselves] = Bounded(1)

    async def ourselves(self) -> Ourselves:
        return await self._us.get_or_ask(None, self._ask_who_we_are)

    async def of(self, channel: str) -> Webhook | None:
        """The channel's webhook; None where there can be none. Raises Denied if the channel is gone, and Unanswered."""
        kept = self._kept.get(channel)
        if isinstance(kept, _None) and kept.until_s <= self._now_s():
            self.forget(channel)
        webhook = await self._kept.get_or_ask(channel, lambda: self._find_or_make(channel))
        return webhook if isinstance(webhook, Webhook) else None

    def forget(self, channel: str) -> None:
        """Look again: it was deleted or moved, or permissions changed."""
        self._kept.drop(channel)

    def changed(self, channel: str) -> None:
        """Discord tells that something about a channel's webhooks changed: look again, unless we just made ours."""
        made_s = self._made_s.get(channel)
        if made_s is None or self._now_s() - made_s > OWN_CHANGE_S:
            self.forget(channel)

    async def _ask_who_we_are(self) -> Ourselves:
        user, application = await asyncio.gather(
            self._rest.ask(Ask("GET", "/users/@me", lane="users/@me")),
            self._rest.ask(Ask("GET", "/oauth2/applications/@me", lane="applications/@me")),
        )
        return Ourselves(str(user["id"]), str(application["id"]))

    async def _find_or_make(self, channel: str) -> Webhook | _None:
        try:
            return await self._find(channel) or await self._make(channel)
        except Denied as denied:
            if denied.code not in WEBHOOKS_USED_UP | {MISSING_PERMISSIONS, MISSING_ACCESS}:
                raise
            return _None(until_s=self._now_s() + NONE_FOR_S)

    async def _find(self, channel: str) -> Webhook | None:
        """The oldest of ours, so that several processes agree on one."""
        path = f"/channels/{channel}/webhooks"
        ourselves, webhooks = await asyncio.gather(
            self.ourselves(), self._rest.ask(Ask("GET", path, lane=f"webhooks of {channel}"))
        )
        ours = sorted((hook for hook in webhooks if ourselves.made(hook)), key=lambda hook: int(hook["id"]))
        return Webhook(str(ours[0]["id"]), str(ours[0]["token"])) if ours else None

    async def _make(self, channel: str) -> Webhook:
        """A new one; another process may have made one at the same moment, and then the older one is it."""
        path = f"/channels/{channel}/webhooks"
        self._made_s.keep(channel, self._now_s())
        made = await self._rest.ask(Ask("POST", path, lane=f"webhooks of {channel}", body={"name": NAME}))
        webhook = Webhook(str(made["id"]), str(made["token"]))
        oldest = await self._find(channel) or webhook
        if oldest.id != webhook.id:
            await self._rest.ask(Ask("DELETE", webhook.path, lane=webhook.lane, is_signed=False))
        return oldest
