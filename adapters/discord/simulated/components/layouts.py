"""What Discord refuses in the components of a message. Source: docs, components/reference and its API description.

Without the flag IS_COMPONENTS_V2 a message has up to five rows and nothing else; with it up to 40 components of any
layout, and neither content nor embeds.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.simulated.components.controls import control_problems
from adapters.discord.simulated.components.fields import FIELDS
from adapters.discord.simulated.components.kinds import SELECTS, ComponentType
from adapters.discord.simulated.components.walking import walk
from adapters.discord.simulated.problems import Problem, at, bad_list, bad_number, bad_text, missing, unknown

MOST_ROWS = 5
ROW_WIDTH = 5  # a button is one wide, a select fills the row
MOST_COMPONENTS = 40  # nested ones counted
MOST_TEXTS_CHARS = 4000  # of all text displays together
MOST_SECTION_TEXTS = 3
MOST_MEDIA = 10
LONGEST_MEDIA_DESCRIPTION_CHARS = 1024
LONGEST_URL_CHARS = 2048
LARGEST_COLOUR = 0xFFFFFF
# Fields that a message of components cannot have (docs: resources/message, "IS_COMPONENTS_V2").
LEGACY_FIELDS = ("content", "embeds", "poll", "sticker_ids")

IN_CONTAINER = frozenset(
    {
        ComponentType.ACTION_ROW,
        ComponentType.TEXT_DISPLAY,
        ComponentType.SECTION,
        ComponentType.MEDIA_GALLERY,
        ComponentType.SEPARATOR,
        ComponentType.FILE,
    }
)
ON_TOP = IN_CONTAINER | {ComponentType.CONTAINER}
IN_ROW = SELECTS | {ComponentType.BUTTON}
ACCESSORIES = frozenset({ComponentType.BUTTON, ComponentType.THUMBNAIL})
ONLY_ROWS = frozenset({ComponentType.ACTION_ROW})
ONLY_TEXTS = frozenset({ComponentType.TEXT_DISPLAY})


def message_problems(components: object, *, is_v2: bool, path: str = "components") -> Iterator[Problem]:
    yield from bad_list(path, components, 0, MOST_COMPONENTS if is_v2 else MOST_ROWS)
    if not isinstance(components, list):
        return
    shape = list(_children(path, components, ON_TOP if is_v2 else ONLY_ROWS))
    yield from shape
    if not shape:
        yield from repeated_ids(path, components)
        yield from _totals(path, components)


def legacy_problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    """Of the rest of a message that is made of components only."""
    for name in LEGACY_FIELDS:
        if body.get(name):
            message = f'The "{name}" field cannot be used when using MessageFlags.IS_COMPONENTS_V2'
            yield Problem(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)


def repeated_ids(path: str, components: Sequence[Any]) -> Iterator[Problem]:
    """No custom_id and no numeric id twice in a message or modal."""
    custom_ids: set[str] = set()
    numbers: set[int] = set()
    for where, component in walk(components, path):
        custom_id, number = component.get("custom_id"), component.get("id")
        if isinstance(custom_id, str):
            if custom_id in custom_ids:
                message = "Component custom id cannot be duplicated"
                yield Problem(at(where, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            custom_ids.add(custom_id)
        if isinstance(number, int) and number:
            if number in numbers:
                yield Problem(at(where, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
            numbers.add(number)


def wrong_kind(path: str, component: object, allowed: frozenset[ComponentType]) -> Iterator[Problem]:
    if not isinstance(component, Mapping):
        yield Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    elif component.get("type") not in allowed:
        listed = ", ".join(str(int(kind)) for kind in sorted(allowed))
        yield Problem(at(path, "type"), "UNION_TYPE_CHOICES", f"Value of field type must be one of ({listed}).")


def _children(path: str, components: Sequence[Any], allowed: frozenset[ComponentType]) -> Iterator[Problem]:
    for position, component in enumerate(components):
        yield from _component(at(path, position), component, allowed)


def _component(path: str, component: object, allowed: frozenset[ComponentType]) -> Iterator[Problem]:
    wrong = list(wrong_kind(path, component, allowed))
    yield from wrong
    if wrong or not isinstance(component, Mapping):
        return
    kind = component["type"]
    yield from bad_number(at(path, "id"), component.get("id"), 0, 2**31 - 1)
    if kind in IN_ROW:
        yield from control_problems(path, component)
        return
    yield from unknown(path, component, FIELDS[kind])
    yield from _layout(path, component, ComponentType(kind))


def _layout(path: str, component: Mapping[str, Any], kind: ComponentType) -> Iterator[Problem]:
    match kind:
        case ComponentType.ACTION_ROW:
            yield from _holder(path, component, IN_ROW, ROW_WIDTH)
            yield from _width(path, component.get("components"))
        case ComponentType.SECTION:
            yield from _holder(path, component, ONLY_TEXTS, MOST_SECTION_TEXTS)
            yield from missing(path, component, "accessory")
            if component.get("accessory") is not None:
                yield from _component(at(path, "accessory"), component["accessory"], ACCESSORIES)
        case ComponentType.CONTAINER:
            yield from _holder(path, component, IN_CONTAINER, MOST_COMPONENTS)
            yield from bad_number(at(path, "accent_color"), component.get("accent_color"), 0, LARGEST_COLOUR)
        case ComponentType.TEXT_DISPLAY:
            yield from missing(path, component, "content")
            yield from bad_text(at(path, "content"), component.get("content"), 1, MOST_TEXTS_CHARS)
        case ComponentType.MEDIA_GALLERY:
            yield from missing(path, component, "items")
            yield from bad_list(at(path, "items"), component.get("items"), 1, MOST_MEDIA)
            for position, item in enumerate(component.get("items") or ()):
                yield from _media(at(at(path, "items"), position), item, "media")
        case ComponentType.THUMBNAIL:
            yield from _media(path, component, "media")
        case ComponentType.FILE:
            yield from _media(path, component, "file")
        case _:  # a separator has nothing that could be wrong but its spacing
            yield from bad_number(at(path, "spacing"), component.get("spacing"), 1, 2)


def _holder(path: str, component: Mapping[str, Any], allowed: frozenset[ComponentType], most: int) -> Iterator[Problem]:
    yield from missing(path, component, "components")
    inner = component.get("components")
    yield from bad_list(at(path, "components"), inner, 1, most)
    if isinstance(inner, list):
        yield from _children(at(path, "components"), inner, allowed)


def _width(path: str, components: object) -> Iterator[Problem]:
    if not isinstance(components, list):
        return
    is_select = [isinstance(component, Mapping) and component.get("type") in SELECTS for component in components]
    if any(is_select) and len(components) > 1:
        message = "The specified component exceeds the maximum width"
        yield Problem(at(at(path, "components"), 1), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _media(path: str, item: Mapping[str, Any], field: str) -> Iterator[Problem]:
    yield from missing(path, item, field)
    yield from bad_text(at(path, "description"), item.get("description"), 1, LONGEST_MEDIA_DESCRIPTION_CHARS)
    media = item.get(field)
    url = media.get("url") if isinstance(media, Mapping) else None
    yield from bad_text(at(at(path, field), "url"), url, 1, LONGEST_URL_CHARS)
    if field == "file" and isinstance(url, str) and not url.startswith("attachment://"):
        message = "Only an attachment:// reference may be used"
        yield Problem(at(at(path, field), "url"), "FILE_COMPONENT_INVALID_REFERENCE", message)


def _totals(path: str, components: Sequence[Any]) -> Iterator[Problem]:
    everything = [component for _, component in walk(components)]
    if len(everything) > MOST_COMPONENTS:
        message = f"The total number of components exceeds {MOST_COMPONENTS}"
        yield Problem(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [component for component in everything if component["type"] == ComponentType.TEXT_DISPLAY]
    if sum(len(text["content"]) for text in texts) > MOST_TEXTS_CHARS:
        message = f"The total displayable text exceeds {MOST_TEXTS_CHARS} characters"
        yield Problem(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
