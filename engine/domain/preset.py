"""A preset: a named set of model parameters. What is stored here reaches the model's request."""

from collections.abc import Mapping
from typing import Annotated, Literal, override

from pydantic import Field, StringConstraints

from engine.domain.event import JSON
from engine.domain.settable import Created, Deleted, Edited, Fields, Restored, Settable, require
from engine.errors import Invalid

DEFAULT_CONTEXT_TOKENS = 131_072


class PresetFields(Fields):
    """Chat Completions parameters by their own names, within the ranges that providers accept, and our budgets."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    description: Annotated[str, StringConstraints(max_length=200)] | None = None
    model: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    max_tokens: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stop: Annotated[list[str], Field(max_length=16)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    context_tokens: Annotated[int, Field(ge=1_000, le=10_000_000)] | None = None
    """How many tokens prompt and answer may have together: the window."""
    history_messages: Annotated[int, Field(ge=0, le=1_000)] | None = None
    memory_limit: Annotated[int, Field(ge=0, le=100)] | None = None
    """How many memories are recalled at most; 0 turns recall off."""


MODEL_PARAMETERS = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "max_tokens",
    "seed",
    "stop",
    "reasoning_effort",
)
"""The fields that are sent to the model."""


class PresetCreated(Created):
    """Someone made a preset."""


class PresetEdited(Edited):
    """Its parameters changed."""


class PresetDeleted(Deleted):
    """It can no longer be chosen."""


class PresetRestored(Restored):
    """It can be chosen again."""


class Preset(Settable, kind="preset"):
    schema = PresetFields
    created = PresetCreated
    edited = PresetEdited
    deleted = PresetDeleted
    restored = PresetRestored

    @classmethod
    @override
    def check_whole(cls, fields: Mapping[str, JSON]) -> None:
        super().check_whole(fields)
        require(fields, "name")
        limits = cls.checked({name: fields.get(name) for name in ("context_tokens", "max_tokens")})
        match limits:
            case {"context_tokens": int(window), "max_tokens": int(answer)} if window <= answer:
                raise Invalid(
                    f"context_tokens: {window:,} leave no room for a prompt beside an answer of {answer:,}: "
                    "raise it, or lower max_tokens."
                )
