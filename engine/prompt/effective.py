"""Which settings hold for a turn: field by field, the nearest layer that says anything.

What a person chose for a character comes first, then their preset for all characters, then the character's own, then
what the operator set for the instance, then what is built in. A preset that leaves a field out inherits it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.domain.event import JSON
from engine.domain.preset import DEFAULT_CONTEXT_TOKENS, MODEL_PARAMETERS, PresetFields
from engine.reading import Context, FieldsAt

type Layer = Literal["choice", "person", "character", "instance", "built-in"]

BUILT_IN: Mapping[str, JSON] = {
    "model": "gpt-4.1-mini",
    "temperature": 0.7,
    "max_tokens": 4_096,
    "context_tokens": DEFAULT_CONTEXT_TOKENS,
    "history_messages": 100,
    "memory_limit": 20,
}

PROMPT_SHARE = 0.25
"""Of the window, which an answer leaves to the prompt however long it may be by itself."""

NOT_SETTINGS = frozenset({"name", "description"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective value and the layer that it came from."""

    value: JSON
    source: Layer


type Settings = Mapping[str, Setting]


def presets_in_order(context: Context) -> list[tuple[Layer, FieldsAt]]:
    """The presets that apply, nearest first; a deleted one is passed over."""
    named: list[tuple[Layer, JSON]] = [
        ("choice", context.choice.fields.get("preset")),
        ("person", context.person.fields.get("preset")),
        ("character", context.character.fields.get("preset")),
    ]
    found = [(layer, context.presets.get(str(preset))) for layer, preset in named if preset]
    return [(layer, preset) for layer, preset in found if preset is not None and not preset.is_deleted]


def effective(context: Context, instance: Mapping[str, JSON]) -> dict[str, Setting]:
    """Every setting in force, by name. A field that no layer sets is absent.

    Where one layer's window is too small for another's longest answer, the answer is what gives way, and its limit
    comes from the layer of the window.
    """
    layers: list[tuple[Layer, Mapping[str, JSON]]] = [
        *((layer, preset.fields) for layer, preset in presets_in_order(context)),
        ("instance", instance),
        ("built-in", BUILT_IN),
    ]
    settings: dict[str, Setting] = {}
    for name in PresetFields.model_fields.keys() - NOT_SETTINGS:
        for layer, fields in layers:
            value = fields.get(name)
            if value is not None:
                settings[name] = Setting(value, layer)
                break
    window, longest = settings["context_tokens"], int(whole_number(settings, "context_tokens") * (1 - PROMPT_SHARE))
    if whole_number(settings, "max_tokens") > longest:
        settings["max_tokens"] = Setting(longest, window.source)
    return settings


def model_parameters(settings: Settings) -> dict[str, JSON]:
    """What of the settings is sent to the model."""
    return {name: settings[name].value for name in MODEL_PARAMETERS if name in settings}


def whole_number(settings: Settings, name: str) -> int:
    value = settings[name].value
    assert isinstance(value, int)
    return value
