"""Lists that are longer than a message: which part is on which page, and the buttons that turn them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.discord.commands.answers import Button, Row
from adapters.discord.commands.custom_ids import CustomId

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Page[T]:
    """A page of things; the first is number 1."""

    things: tuple[T, ...]
    number: int
    of: int
    first: int
    """The place of its first thing in the whole, from 1."""


def page_of[T](things: Sequence[T], number: int, *, size: int = PER_PAGE) -> Page[T]:
    """A page; a number that is out of range gives the nearest one that there is."""
    of = max(1, -(-len(things) // size))
    number = min(max(number, 1), of)
    start = (number - 1) * size
    return Page(tuple(things[start : start + size]), number, of, start + 1)


def page_number(extra: str) -> int:
    """The page that a button names."""
    return int(extra) if extra.isascii() and extra.isdigit() else 1


def turning[T](page: Page[T], *, group: str, action: str, key: str = "") -> tuple[Row, ...]:
    """The buttons that turn pages; none when there is only one."""
    if page.of == 1:
        return ()
    return (
        (
            Button("Previous", CustomId(group, action, key, str(page.number - 1)), is_disabled=page.number == 1),
            Button(f"Page {page.number} of {page.of}", CustomId(group, action, key, "here"), is_disabled=True),
            Button("Next", CustomId(group, action, key, str(page.number + 1)), is_disabled=page.number == page.of),
        ),
    )
