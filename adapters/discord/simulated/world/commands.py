"""Application commands as they are registered. Source: docs, interactions/application-commands."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Command:
    id: int
    application_id: int
    guild_id: int | None  # None: everywhere
    version: int
    # The command as Discord gives it back: name, type, description, options, default_member_permissions, …
    body: dict[str, Any]
