"""How lists and pairs look."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.table import Table

from adapters.terminal.screen import words


def moment(at: datetime | None) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "-"


def pairs(values: Mapping[str, object]) -> Table:
    """Names and values below each other."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in values.items():
        table.add_row(words(name), words(value))
    return table


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> Table:
    """A table whose first column, what things are called by, is never cut."""
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, title=title or None, title_justify="left")
    for index, column in enumerate(columns):
        drawn.add_column(column, overflow="fold", no_wrap=index == 0)
    for row in rows:
        drawn.add_row(*(words("" if cell is None else cell) for cell in row))
    return drawn


def one_line(text: str, most_chars: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most_chars else f"{line[: most_chars - 1]}…"
