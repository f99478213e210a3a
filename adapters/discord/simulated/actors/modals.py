"""A modal as the person sees it whom it was shown to, and what they can write into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.discord.simulated.actors.impossible import ImpossibleAct
from adapters.discord.simulated.actors.seen import SeenOption
from adapters.discord.simulated.components.controls import LONGEST_INPUT_CHARS
from adapters.discord.simulated.components.kinds import ComponentType, TextInputStyle
from adapters.discord.simulated.components.walking import walk
from adapters.discord.simulated.world.interactions import Interaction

MULTIPLE = frozenset(
    {
        ComponentType.STRING_SELECT,
        ComponentType.USER_SELECT,
        ComponentType.ROLE_SELECT,
        ComponentType.MENTIONABLE_SELECT,
        ComponentType.CHANNEL_SELECT,
        ComponentType.CHECKBOX_GROUP,
        ComponentType.FILE_UPLOAD,
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    kind: ComponentType
    label: str
    custom_id: str
    description: str | None = None
    placeholder: str | None = None
    value: str | None = None
    is_required: bool = True
    is_paragraph: bool = False
    least: int = 0
    most: int = LONGEST_INPUT_CHARS
    options: tuple[SeenOption, ...] = ()


@dataclass(frozen=True, slots=True)
class Modal:
    title: str
    custom_id: str
    fields: tuple[Field, ...]
    texts: tuple[str, ...] = ()
    interaction: Interaction = field(kw_only=True)

    def field(self, name: str) -> Field:
        """The field of that label or custom_id."""
        for each in self.fields:
            if name in {each.label, each.custom_id}:
                return each
        raise ImpossibleAct(f"The modal {self.title!r} has no field {name!r}.")


def modal(interaction: Interaction) -> Modal | None:
    shown = interaction.modal
    if shown is None:
        return None
    texts = tuple(str(each["content"]) for each in shown["components"] if each["type"] == ComponentType.TEXT_DISPLAY)
    return Modal(shown["title"], shown["custom_id"], tuple(_fields(shown)), texts, interaction=interaction)


def submitted(modal: Modal, filled: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The `components` of the submission: what was written, or else what stood there already."""
    values = {modal.field(name).custom_id: value for name, value in filled.items()}
    for each in modal.fields:
        values[each.custom_id] = _accepted(each, values.get(each.custom_id, each.value))
    shown = modal.interaction.modal
    assert shown is not None, "a modal that was shown"
    return [_part(component, values) for component in shown["components"]]


def _fields(shown: Mapping[str, Any]) -> Iterator[Field]:
    for _, component in walk(shown["components"]):
        if component["type"] == ComponentType.LABEL:
            yield _field(component["component"], component["label"], component.get("description"))
        elif component["type"] == ComponentType.ACTION_ROW:
            yield _field(component["components"][0], component["components"][0]["label"], None)


def _field(component: Mapping[str, Any], label: str, description: str | None) -> Field:
    is_text = component["type"] == ComponentType.TEXT_INPUT
    bounds = ("min_length", "max_length") if is_text else ("min_values", "max_values")
    return Field(
        kind=ComponentType(component["type"]),
        label=label,
        custom_id=component["custom_id"],
        description=description,
        placeholder=component.get("placeholder"),
        value=component.get("value"),
        is_required=component.get("required") is not False,
        is_paragraph=component.get("style") == TextInputStyle.PARAGRAPH,
        least=component.get(bounds[0]) or (0 if is_text else 1),
        most=component.get(bounds[1]) or (LONGEST_INPUT_CHARS if is_text else 1),
        options=tuple(
            SeenOption(each["label"], each["value"], each.get("description"), bool(each.get("default")))
            for each in component.get("options") or ()
        ),
    )


def _accepted(field: Field, value: Any) -> Any:
    if field.kind is ComponentType.TEXT_INPUT:
        return _accepted_text(field, "" if value is None else value)
    if field.kind is ComponentType.CHECKBOX:
        return bool(value)
    chosen = [] if value is None else [value] if isinstance(value, str) else list(value)
    chosen = [next((each.value for each in field.options if each.label == choice), choice) for choice in chosen]
    for choice in chosen:
        if field.options and choice not in {each.value for each in field.options}:
            raise ImpossibleAct(f"{choice!r} is not among the options of {field.label!r}.")
    if (field.is_required or chosen) and not field.least <= len(chosen) <= field.most:
        raise ImpossibleAct(f"{field.label!r} takes {field.least} to {field.most} choices, not {len(chosen)}.")
    return chosen if field.kind in MULTIPLE else next(iter(chosen), None)


def _accepted_text(field: Field, text: Any) -> str:
    if not isinstance(text, str):
        raise ImpossibleAct(f"{field.label!r} takes a text, not {text!r}.")
    if not field.is_paragraph and "\n" in text:
        raise ImpossibleAct(f"{field.label!r} has a single line.")
    if not text and field.is_required:
        raise ImpossibleAct(f"{field.label!r} has to be filled in.")
    if text and len(text) < field.least:
        raise ImpossibleAct(f"{field.label!r} needs at least {field.least} characters, and these are {len(text)}.")
    if len(text) > field.most:
        raise ImpossibleAct(f"{field.label!r} takes at most {field.most} characters, and these are {len(text)}.")
    return text


def _part(component: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """One component as the submission has it. Source: docs, "Component Interaction Response Structures"."""
    part: dict[str, Any] = {"type": component["type"], "id": component["id"]}
    if component["type"] == ComponentType.ACTION_ROW:
        return part | {"components": [_part(each, values) for each in component["components"]]}
    if component["type"] == ComponentType.LABEL:
        return part | {"component": _part(component["component"], values)}
    if component["type"] == ComponentType.TEXT_DISPLAY:
        return part
    name = "values" if component["type"] in MULTIPLE else "value"
    return part | {"custom_id": component["custom_id"], name: values[component["custom_id"]]}
