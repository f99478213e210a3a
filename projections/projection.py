"""What a projection is: tables, and a pure function from events to statements that change them.

`fold` decides and touches nothing: it returns the writes of one batch in the order in which they are to be run. It is
given each event once and in order, but batches are cut anywhere, so what it returns may depend on the rows that are
there, never on where a batch began.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from projections.source import Fact

NUL = "\x00"
STANDS_FOR_NUL = "\N{REPLACEMENT CHARACTER}"
"""Postgres takes every character but NUL."""


class Write(NamedTuple):
    """One statement with its parameters."""

    statement: bytes
    parameters: Sequence[Any] | Mapping[str, Any]


class Projection(Protocol):
    """One question and the tables that answer it; they are named without a schema, which is the generation's."""

    name: str
    code: tuple[Path, ...]
    """The files that decide what its rows are: another hash of them means another generation."""
    tables: bytes
    """Creates the tables with the indices that folding needs."""
    indices: bytes
    """Creates the indices that only readers need, once the tables are filled."""

    def fold(self, facts: Sequence[Fact]) -> list[Write]: ...


def code_hash(projection: Projection) -> str:
    digest = hashlib.sha256()
    for path in (*projection.code, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:6]


def code_of(*module_files: str) -> tuple[Path, ...]:
    """The files of these modules and the `.sql` beside each."""
    paths = [Path(module_file).with_suffix(suffix) for module_file in module_files for suffix in (".py", ".sql")]
    return tuple(path for path in paths if path.exists())


def columns(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Rows as columns, each an array as Postgres writes it, which is how `unnest` takes them.

    The database library writes arrays too, element by element through its adapters, and takes eight times as long.
    """
    return [_array(column) for column in zip(*rows, strict=True)]


def _array(column: Iterable[Any]) -> str:
    return "{" + ",".join([_ELEMENT[type(element)](element) for element in column]) + "}"


def _quoted(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return '"' + text.replace('"', '\\"') + '"'


_ELEMENT: Mapping[type, Callable[[Any], str]] = {
    str: _quoted,
    int: str,
    bool: lambda is_so: "t" if is_so else "f",
    datetime: datetime.isoformat,
    type(None): lambda _: "NULL",
}


def storable(text: str) -> str:
    return text.replace(NUL, STANDS_FOR_NUL) if NUL in text else text


def json_text(value: Any) -> str:
    """JSON that a jsonb column takes."""
    text = orjson.dumps(value).decode()
    return orjson.dumps(_without_nul(value)).decode() if "\\u0000" in text else text


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(name): _without_nul(part) for name, part in value.items()}
        case list() | tuple():
            return [_without_nul(part) for part in value]
        case _:
            return value
