"""What is wrong with a request's body: where, as Discord's code, and in its words (docs: reference, "Error Messages").

A check is a generator of problems, so that checks add up and Discord's error tree tells of all of them at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.discord.simulated.rest.errors import invalid_form


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of Discord's error tree; `path` is dotted, list positions are numbers."""

    path: str
    code: str
    message: str


def at(path: str, name: str | int) -> str:
    return f"{path}.{name}" if path else str(name)


def missing(path: str, body: Mapping[str, Any], *names: str) -> Iterator[Problem]:
    for name in names:
        if body.get(name) is None:
            yield Problem(at(path, name), "BASE_TYPE_REQUIRED", "This field is required")


def unknown(path: str, body: Mapping[str, Any], known: frozenset[str]) -> Iterator[Problem]:
    """Discord ignores fields that it does not know; here they are mistakes."""
    for name in body:
        if name not in known:
            yield Problem(at(path, name), "UNKNOWN_FIELD", "The documentation knows no such field")


def bad_length(path: str, value: object, least: int, most: int) -> Iterator[Problem]:
    """Of a text or a list; absent ones are for `missing` to say."""
    if not isinstance(value, str | Sequence):
        return
    if not least <= len(value) <= most:
        if least == 0:
            yield Problem(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        else:
            yield Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")


def bad_text(path: str, value: object, least: int, most: int) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, str):
        yield Problem(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        return
    yield from bad_length(path, value, least, most)


def bad_list(path: str, value: object, least: int, most: int) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, list):
        yield Problem(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        return
    yield from bad_length(path, value, least, most)


def bad_flag(path: str, value: object) -> Iterator[Problem]:
    if value is not None and not isinstance(value, bool):
        yield Problem(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def bad_number(path: str, value: object, least: float, most: float, *, whole: bool = True) -> Iterator[Problem]:
    if value is None:
        return
    is_number = isinstance(value, int) if whole else isinstance(value, int | float)
    if not is_number or isinstance(value, bool):
        kind = "int" if whole else "float"
        yield Problem(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not {kind}.')
    elif not least <= value <= most:  # type: ignore[operator]
        limit = ("less", most) if value > most else ("greater", least)  # type: ignore[operator]
        code = "NUMBER_TYPE_MAX" if limit[0] == "less" else "NUMBER_TYPE_MIN"
        yield Problem(path, code, f"int value should be {limit[0]} than or equal to {limit[1]}.")


def not_one_of(path: str, value: object, choices: Sequence[int]) -> Iterator[Problem]:
    if value is not None and (isinstance(value, bool) or value not in choices):
        listed = ", ".join(str(choice) for choice in choices)
        yield Problem(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")


def refuse_if_any(problems: Iterable[Problem]) -> None:
    """Raise Discord's 50035 with all of them in its tree."""
    tree: dict[str, Any] = {}
    for problem in problems:
        node = tree
        for step in filter(None, problem.path.split(".")):
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    if tree:
        raise invalid_form(tree)
