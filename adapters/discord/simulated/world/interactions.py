"""Interactions that are under way, by their token. Source: docs, interactions/receiving-and-responding."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Interaction:
    id: int
    token: str
    application_id: int
    user_id: int
    channel_id: int
    guild_id: int | None
    type: int
    made_at: datetime
