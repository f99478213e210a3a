"""Which messages that stand in a channel are a chunk that may have been posted before; pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.discord.speaking.names import is_same_name
from adapters.discord.speaking.payloads import plain_message, said_in
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
    as_character, as_bot = said_in(posting.text), said_in(plain_message(posting)["content"])

    def is_it(message: Mapping[str, Any]) -> bool:
        said = said_in(str(message["content"]))
        if message.get("webhook_id"):
            return said == as_character and is_same_name(str(message["author"]["username"]), shown_name)
        return said == as_bot

    found = (message for message in messages if ourselves.wrote(message) and is_it(message))
    return [str(message["id"]) for message in sorted(found, key=lambda message: int(message["id"]))]
