"""What Discord refuses in one thing that people press, choose from or write in. Source: docs, components/reference."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.simulated.components.fields import FIELDS
from adapters.discord.simulated.components.kinds import ANSWERING_STYLES, ButtonStyle, ComponentType, TextInputStyle
from adapters.discord.simulated.problems import (
    Problem,
    at,
    bad_flag,
    bad_list,
    bad_number,
    bad_text,
    missing,
    not_one_of,
    unknown,
)

LONGEST_CUSTOM_ID_CHARS = 100
LONGEST_BUTTON_LABEL_CHARS = 80
LONGEST_URL_CHARS = 512
LONGEST_OPTION_CHARS = 100  # label, value and description
LONGEST_SELECT_PLACEHOLDER_CHARS = 150
MOST_OPTIONS = 25
MOST_GROUP_OPTIONS = 10  # of radio and checkbox groups, and files of an upload
LONGEST_INPUT_CHARS = 4000
LONGEST_INPUT_LABEL_CHARS = 45
LONGEST_INPUT_PLACEHOLDER_CHARS = 100
SCHEMES = ("http://", "https://", "discord://")

type Component = Mapping[str, Any]
type Check = Callable[[str, Component], Iterator[Problem]]


def control_problems(path: str, component: Component) -> Iterator[Problem]:
    kind = component["type"]
    yield from unknown(path, component, FIELDS[kind])
    yield from bad_text(at(path, "custom_id"), component.get("custom_id"), 1, LONGEST_CUSTOM_ID_CHARS)
    yield from bad_flag(at(path, "disabled"), component.get("disabled"))
    yield from bad_flag(at(path, "required"), component.get("required"))
    yield from CHECKS[kind](path, component)


def _button(path: str, button: Component) -> Iterator[Problem]:
    yield from missing(path, button, "style")
    style = button.get("style")
    yield from not_one_of(at(path, "style"), style, tuple(ButtonStyle))
    yield from bad_text(at(path, "label"), button.get("label"), 0, LONGEST_BUTTON_LABEL_CHARS)
    yield from bad_text(at(path, "url"), button.get("url"), 1, LONGEST_URL_CHARS)
    if style == ButtonStyle.LINK:
        yield from _only(path, button, needed="url", forbidden=("custom_id", "sku_id"))
        if isinstance(button.get("url"), str) and not button["url"].startswith(SCHEMES):
            listed = ", ".join(repr(scheme.removesuffix("://")) for scheme in SCHEMES)
            message = f"Scheme must be one of ({listed})."
            yield Problem(at(path, "url"), "URL_TYPE_INVALID_SCHEME", message)
    elif style == ButtonStyle.PREMIUM:
        yield from _only(path, button, needed="sku_id", forbidden=("custom_id", "url", "label", "emoji"))
    elif style in ANSWERING_STYLES:
        yield from _only(path, button, needed="custom_id", forbidden=("url", "sku_id"))
    if style != ButtonStyle.PREMIUM and not button.get("label") and not button.get("emoji"):
        yield Problem(path, "BUTTON_COMPONENT_INVALID_LABEL", "A button needs a label or an emoji")


def _only(path: str, component: Component, *, needed: str, forbidden: Sequence[str]) -> Iterator[Problem]:
    yield from missing(path, component, needed)
    for name in forbidden:
        if component.get(name) is not None:
            yield Problem(at(path, name), "BUTTON_COMPONENT_CUSTOM_ID_URL_EXCLUSIVE", f"{needed} and {name} exclude")


def _string_select(path: str, select: Component) -> Iterator[Problem]:
    yield from missing(path, select, "options")
    yield from _chosen_from(path, select, MOST_OPTIONS)
    yield from _select(path, select)


def _select(path: str, select: Component) -> Iterator[Problem]:
    yield from missing(path, select, "custom_id")
    placeholder = select.get("placeholder")
    yield from bad_text(at(path, "placeholder"), placeholder, 0, LONGEST_SELECT_PLACEHOLDER_CHARS)
    yield from _counts(path, select, MOST_OPTIONS)


def _counts(path: str, component: Component, most: int) -> Iterator[Problem]:
    yield from bad_number(at(path, "min_values"), component.get("min_values"), 0, most)
    yield from bad_number(at(path, "max_values"), component.get("max_values"), 1, most)
    least, greatest = component.get("min_values"), component.get("max_values")
    if isinstance(least, int) and least > (greatest if isinstance(greatest, int) else 1):
        yield Problem(at(path, "min_values"), "COMPONENT_MIN_VALUES_INVALID", "min_values is more than max_values")


def _chosen_from(path: str, component: Component, most: int, least: int = 1) -> Iterator[Problem]:
    """The options of a select or a group: their number, their texts, no value twice."""
    options = component.get("options")
    yield from bad_list(at(path, "options"), options, least, most)
    values: set[object] = set()
    for position, option in enumerate(options if isinstance(options, list) else ()):
        where = at(at(path, "options"), position)
        yield from unknown(where, option, frozenset({"label", "value", "description", "default", "emoji"}))
        yield from missing(where, option, "label", "value")
        for name, shortest in (("label", 1), ("value", 1), ("description", 0)):
            yield from bad_text(at(where, name), option.get(name), shortest, LONGEST_OPTION_CHARS)
        if option.get("value") in values:
            message = "The specified option value is already used"
            yield Problem(at(where, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        values.add(option.get("value"))


def _text_input(path: str, field: Component) -> Iterator[Problem]:
    yield from missing(path, field, "custom_id", "style")
    yield from not_one_of(at(path, "style"), field.get("style"), tuple(TextInputStyle))
    yield from bad_text(at(path, "label"), field.get("label"), 1, LONGEST_INPUT_LABEL_CHARS)
    yield from bad_text(at(path, "placeholder"), field.get("placeholder"), 0, LONGEST_INPUT_PLACEHOLDER_CHARS)
    yield from bad_number(at(path, "min_length"), field.get("min_length"), 0, LONGEST_INPUT_CHARS)
    yield from bad_number(at(path, "max_length"), field.get("max_length"), 1, LONGEST_INPUT_CHARS)
    most = field.get("max_length")
    most = most if isinstance(most, int) else LONGEST_INPUT_CHARS
    if isinstance(field.get("min_length"), int) and field["min_length"] > most:
        yield Problem(at(path, "min_length"), "TEXT_INPUT_MIN_LENGTH_INVALID", "min_length is more than max_length")
    yield from bad_text(at(path, "value"), field.get("value"), 0, most)


def _file_upload(path: str, upload: Component) -> Iterator[Problem]:
    yield from missing(path, upload, "custom_id")
    yield from _counts(path, upload, MOST_GROUP_OPTIONS)


def _radio_group(path: str, group: Component) -> Iterator[Problem]:
    yield from missing(path, group, "custom_id", "options")
    yield from _chosen_from(path, group, MOST_GROUP_OPTIONS, least=2)


def _checkbox_group(path: str, group: Component) -> Iterator[Problem]:
    yield from missing(path, group, "custom_id", "options")
    yield from _chosen_from(path, group, MOST_GROUP_OPTIONS)


def _checkbox(path: str, checkbox: Component) -> Iterator[Problem]:
    yield from missing(path, checkbox, "custom_id")
    yield from bad_flag(at(path, "default"), checkbox.get("default"))


CHECKS: Mapping[int, Check] = {
    ComponentType.BUTTON: _button,
    ComponentType.STRING_SELECT: _string_select,
    ComponentType.USER_SELECT: _select,
    ComponentType.ROLE_SELECT: _select,
    ComponentType.MENTIONABLE_SELECT: _select,
    ComponentType.CHANNEL_SELECT: _select,
    ComponentType.TEXT_INPUT: _text_input,
    ComponentType.FILE_UPLOAD: _file_upload,
    ComponentType.RADIO_GROUP: _radio_group,
    ComponentType.CHECKBOX_GROUP: _checkbox_group,
    ComponentType.CHECKBOX: _checkbox,
}
