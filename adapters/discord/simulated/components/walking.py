"""Going through components, in the order in which Discord numbers them, and finding one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.discord.simulated.problems import at

# Where components hold others: lists and single ones.
LISTS = ("components",)
SINGLES = ("accessory", "component")


def walk(components: Sequence[Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every component with its path, a parent before what it holds."""
    for position, component in enumerate(components):
        if isinstance(component, Mapping):
            yield from _one(component, at(path, position))


def find(components: Sequence[Any], custom_id: str) -> Mapping[str, Any] | None:
    return next((component for _, component in walk(components) if component.get("custom_id") == custom_id), None)


def _one(component: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, component
    for name in LISTS:
        yield from walk(component.get(name) or (), at(path, name))
    for name in SINGLES:
        if isinstance(component.get(name), Mapping):
            yield from _one(component[name], at(path, name))
