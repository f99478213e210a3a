"""Interactions, by their token: what a person did with a command, a component or a modal, and what became of it.

Source: docs, interactions/receiving-and-responding.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

FIRST_ANSWER_WITHIN = timedelta(seconds=3)
TOKEN_LASTS = timedelta(minutes=15)


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
    # What messages that answer it say of it (`interaction_metadata`).
    metadata: dict[str, Any] = field(default_factory=dict)
    # The option kind that an autocomplete is about.
    focused_type: int | None = None
    # The message whose component was used, or from whose component the submitted modal came.
    message_id: int | None = None
    # The type of the first callback; None while there is none.
    answered_with: int | None = None
    answered_at: datetime | None = None
    # The message that `@original` stands for.
    original_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    is_modal_submitted: bool = False
    choices: list[dict[str, Any]] = field(default_factory=list)

    def is_too_late(self, now: datetime) -> bool:
        """Whether nobody answered in time: then the person is told so, and the token is worth nothing."""
        return self.answered_with is None and now - self.made_at > FIRST_ANSWER_WITHIN

    def has_expired(self, now: datetime) -> bool:
        return now - self.made_at > TOKEN_LASTS
