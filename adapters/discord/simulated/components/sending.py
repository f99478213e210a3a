"""Components as a message shows them: each with a numeric id, selects with their defaults, media with their addresses.

Ids that are not given (or 0) are numbered in order, leaving out those that are (docs: components/reference, "Anatomy
of a Component").
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, cast

from adapters.discord.simulated.components.kinds import SELECTS, ComponentType
from adapters.discord.simulated.components.walking import walk

type Json = dict[str, Any]

# What a component says also when nobody set it.
DEFAULTS: Mapping[int, Json] = {
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
    ComponentType.THUMBNAIL: {"description": None, "spoiler": False},
    ComponentType.FILE: {"spoiler": False, "name": None, "size": None},
    ComponentType.SEPARATOR: {"spacing": 1, "divider": True},
    ComponentType.CONTAINER: {"accent_color": None, "spoiler": False},
}
ONLY_IN_REQUESTS = frozenset({"required"})


def as_asked(components: Sequence[Any]) -> list[Json]:
    """As a modal shows them: whether they have to be filled in is part of it."""
    shown = as_sent(components, {})
    for (_, asked), (_, each) in zip(walk(components), walk(shown), strict=True):
        if "required" in asked:
            cast("Json", each)["required"] = asked["required"]
    return shown


def as_sent(components: Sequence[Any], media: Mapping[str, Json]) -> list[Json]:
    """`media` gives an attachment's payload for its file name."""
    given = {component["id"] for _, component in walk(components) if component.get("id")}
    ids = _free(given)
    return [_shown(component, ids, media) for component in components]


def _free(given: set[int]) -> Iterator[int]:
    return (number for number in count(1) if number not in given)


def _shown(component: Mapping[str, Any], ids: Iterator[int], media: Mapping[str, Json]) -> Json:
    kind = component["type"]
    shown: Json = {"type": kind, "id": component.get("id") or next(ids)} | DEFAULTS.get(kind, {})
    for name, value in component.items():
        if value is None or value is False or name in ONLY_IN_REQUESTS or name in {"type", "id"}:
            continue
        if name == "components":
            shown[name] = [_shown(inner, ids, media) for inner in value]
        elif name in {"accessory", "component"}:
            shown[name] = _shown(value, ids, media)
        elif name in {"media", "file"}:
            shown[name] = _address(value, media)
        elif name == "items":
            shown[name] = [_item(item, media) for item in value]
        elif name == "options":
            shown[name] = [_filled(option) for option in value]
        else:
            shown[name] = _filled(value) if isinstance(value, Mapping) else value
    if kind == ComponentType.FILE:
        attachment = media.get(component["file"]["url"].removeprefix("attachment://"), {})
        shown |= {"name": attachment.get("filename"), "size": attachment.get("size")}
    if kind == ComponentType.SEPARATOR and component.get("divider") is False:
        shown["divider"] = False
    return shown


def _item(item: Mapping[str, Any], media: Mapping[str, Json]) -> Json:
    return {"description": None, "spoiler": False} | _filled(item) | {"media": _address(item["media"], media)}


def _address(value: Mapping[str, Any], media: Mapping[str, Json]) -> Json:
    attachment = media.get(str(value["url"]).removeprefix("attachment://"))
    if attachment is None:
        return {"id": "0", "url": value["url"], "proxy_url": value["url"]}
    shown = {"id": attachment["id"], "attachment_id": attachment["id"]}
    return shown | {name: attachment.get(name) for name in ("url", "proxy_url", "width", "height", "content_type")}


def _filled(mapping: Mapping[str, Any]) -> Json:
    """What is set, with its ids as texts."""
    shown = {name: value for name, value in mapping.items() if value is not None and value is not False}
    for name, value in shown.items():
        if isinstance(value, Mapping):
            shown[name] = _filled(value)
        elif name == "id":
            shown[name] = str(value)
    return shown
