"""Webhooks. Source: docs, resources/webhook."""

from dataclasses import dataclass
from enum import IntEnum


class WebhookType(IntEnum):
    INCOMING = 1
    CHANNEL_FOLLOWER = 2
    APPLICATION = 3  # the one of an interaction's follow-ups: id is the application's, token the interaction's


@dataclass(slots=True)
class Webhook:
    id: int
    channel_id: int
    guild_id: int
    name: str
    token: str
    user_id: int  # who made it
    application_id: int | None  # the application whose bot made it
    avatar: str | None = None
    type: WebhookType = WebhookType.INCOMING
