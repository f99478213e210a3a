"""Why a reply said what it said: ids, versions, numbers and hashes, never a word of anybody.

With the log and the key ring it is enough to build the request's bytes again (engine/why.py).
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.domain.event import JSON


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Used(_Frozen):
    """An aggregate as the prompt used it; version 0 stands for one that has no event of its own."""

    id: str
    version: int


class UsedReference(_Frozen):
    """What a message brought along, as the prompt showed it."""

    id: str
    version: int
    kind: Literal["message", "reply", "quote"]
    speaker: Used | None = None
    """The persona of a message's author, or the other character whose reply it is; a quote names its author itself."""
    is_direct: bool = False
    """Whether the message answers it."""


class UsedTurn(_Frozen):
    """One turn of the history, in the order of the prompt."""

    id: str
    version: int
    kind: Literal["message", "reply"]
    speaker: Used | None = None
    """The persona of a message's author, or the other character whose reply it is; None for the character's own."""
    references: tuple[UsedReference, ...] = ()


class UsedMemory(_Frozen):
    """One recalled memory, in the order of the prompt, with the parts of its score."""

    reply: Used
    message: Used
    persona: Used
    memory: Used
    scores: Mapping[str, float]


class Because(_Frozen):
    """Everything that decided a request, and what the model reported of its answer."""

    renderer: int
    """Version of the prompt's layout; every one that was ever used is kept."""
    at: str
    """The time that the prompt states, ISO 8601."""
    timezone: str
    is_private: bool
    character: Used
    person: Used
    persona: Used
    presets: tuple[Used, ...] = ()
    """Those that applied, nearest first."""
    choice: Used | None = None
    message: Used
    references: tuple[UsedReference, ...] = ()
    """What the message brought along."""
    history: tuple[UsedTurn, ...] = ()
    memories: tuple[UsedMemory, ...] = ()
    tokens: Mapping[str, int] = Field(default_factory=dict)
    """Tokens per part of the prompt, as counted here; the provider's own count is in `usage`."""
    token_counter: str = ""
    model: str
    parameters: Mapping[str, JSON] = Field(default_factory=dict)
    answered_by: str = ""
    """The model that the provider says it was."""
    finish_reason: str = ""
    usage: Mapping[str, int] = Field(default_factory=dict)
    first_token_s: float = 0.0
    total_s: float = 0.0
    prompt_hash: str
    """Keyed hash of the request's canonical bytes."""
