"""What Discord refuses in a modal. Source: docs, receiving-and-responding, "Modal"; components/reference, "Label".

Labels hold everything but text inputs, which may also stand in a row of their own, the older way.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord.simulated.components.controls import LONGEST_CUSTOM_ID_CHARS, control_problems
from adapters.discord.simulated.components.fields import FIELDS
from adapters.discord.simulated.components.kinds import SELECTS, ComponentType
from adapters.discord.simulated.components.layouts import MOST_TEXTS_CHARS, repeated_ids, wrong_kind
from adapters.discord.simulated.problems import Problem, at, bad_list, bad_text, missing, unknown

LONGEST_TITLE_CHARS = 45
MOST_MODAL_COMPONENTS = 5
LONGEST_LABEL_CHARS = 45
LONGEST_LABEL_DESCRIPTION_CHARS = 100

ON_TOP = frozenset({ComponentType.ACTION_ROW, ComponentType.LABEL, ComponentType.TEXT_DISPLAY})
ONLY_INPUTS = frozenset({ComponentType.TEXT_INPUT})
IN_LABEL = SELECTS | {
    ComponentType.TEXT_INPUT,
    ComponentType.FILE_UPLOAD,
    ComponentType.RADIO_GROUP,
    ComponentType.CHECKBOX_GROUP,
    ComponentType.CHECKBOX,
}


def modal_problems(modal: Mapping[str, Any], path: str = "data") -> Iterator[Problem]:
    yield from unknown(path, modal, frozenset({"custom_id", "title", "components"}))
    yield from missing(path, modal, "custom_id", "title", "components")
    yield from bad_text(at(path, "custom_id"), modal.get("custom_id"), 1, LONGEST_CUSTOM_ID_CHARS)
    yield from bad_text(at(path, "title"), modal.get("title"), 1, LONGEST_TITLE_CHARS)
    components, where = modal.get("components"), at(path, "components")
    yield from bad_list(where, components, 1, MOST_MODAL_COMPONENTS)
    if not isinstance(components, list):
        return
    for position, component in enumerate(components):
        yield from _component(at(where, position), component)
    yield from repeated_ids(where, components)


def _component(path: str, component: Any) -> Iterator[Problem]:
    wrong = list(wrong_kind(path, component, ON_TOP))
    yield from wrong
    if wrong:
        return
    yield from unknown(path, component, FIELDS[component["type"]])
    match component["type"]:
        case ComponentType.ACTION_ROW:
            yield from missing(path, component, "components")
            yield from bad_list(at(path, "components"), component.get("components"), 1, 1)
            for position, field in enumerate(component.get("components") or ()):
                where = at(at(path, "components"), position)
                yield from _control(where, field, ONLY_INPUTS)
                if isinstance(field, Mapping):
                    yield from missing(where, field, "label")
        case ComponentType.LABEL:
            yield from missing(path, component, "label", "component")
            yield from bad_text(at(path, "label"), component.get("label"), 1, LONGEST_LABEL_CHARS)
            description = component.get("description")
            yield from bad_text(at(path, "description"), description, 1, LONGEST_LABEL_DESCRIPTION_CHARS)
            if component.get("component") is not None:
                yield from _control(at(path, "component"), component["component"], IN_LABEL)
        case _:
            yield from missing(path, component, "content")
            yield from bad_text(at(path, "content"), component.get("content"), 1, MOST_TEXTS_CHARS)


def _control(path: str, field: Any, allowed: frozenset[ComponentType]) -> Iterator[Problem]:
    wrong = list(wrong_kind(path, field, allowed))
    yield from wrong
    if wrong:
        return
    yield from control_problems(path, field)
    if field.get("disabled"):
        yield Problem(at(path, "disabled"), "MODAL_COMPONENT_DISABLED", "A modal's components cannot be disabled")
