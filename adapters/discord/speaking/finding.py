"""Which messages that stand in a channel are a chunk that may have been posted before; pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.discord.speaking.names import is_same_name
from adapters.discord.speaking.payloads import said_in
from adapters.discord.speaking.webhooks import Ourselves
from engine.ports import Posting

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(seconds=60)
"""How far Discord's clock, whose time is in its ids, may lie behind ours."""


def id_at(moment: datetime) -> int:
    """The least id that Discord gives at a moment of our clock."""
    since_epoch_ms = (moment - CLOCK_SKEW - EPOCH) // timedelta(milliseconds=1)
    return max(0, since_epoch_ms) << 22


def looks_like(
    posting: Posting, shown_name: str, messages: Iterable[Mapping[str, Any]], ourselves: Ourselves
) -> list[str]:
    """The ids of those among the messages, oldest first."""
    said = said_in(posting.text, "")
    found = (message for message in messages if ourselves.wrote(message) and _says(message, said, posting, shown_name))
    return [str(message["id"]) for message in sorted(found, key=lambda message: int(message["id"]))]


def _says(message: Mapping[str, Any], said: str, posting: Posting, shown_name: str) -> bool:
    content = str(message["content"])
    if message.get("webhook_id"):
        return is_same_name(str(message["author"]["username"]), shown_name) and said_in(content, "") == said
    return said_in(content, posting.character_name if posting.chunk == 0 else "") == said
