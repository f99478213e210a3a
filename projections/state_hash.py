"""What a generation holds, as one number: two that hold the same have the same, however they came to it.

Every content column of every table counts. Not content is what depends on the log's deletions or on when something
was built: of a position only whether there is one counts. The hashes of the rows are added up, so their order does
not matter, and the sum over one person's rows is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from engine.replaying import ProjectionState
from projections.generations import Connection

_HASH_HEX_CHARS = 16
_MODULUS = 1 << 64


@dataclass(frozen=True, slots=True)
class StateHash(ProjectionState):
    """Rows and hash of a generation, in all and by person ("" for what is nobody's), as far as tables tell persons."""

    by_person: Mapping[str, str]


async def state_hash(connection: Connection, schema: str) -> StateHash:
    rows, total = 0, 0
    by_person: dict[str, int] = {}
    for table, columns in (await _columns(connection, schema)).items():
        cursor = await connection.execute(_query(schema, table, columns))
        async for row in cursor:
            rows += row["rows"]
            total += int(row["sum"])
            by_person[row["person"]] = by_person.get(row["person"], 0) + int(row["sum"])
    return StateHash(rows, _hex(total), {person: _hex(sum_) for person, sum_ in sorted(by_person.items())})


def _hex(number: int) -> str:
    return f"{number % _MODULUS:016x}"


async def _columns(connection: Connection, schema: str) -> dict[str, dict[str, str]]:
    """The type of each column, by table."""
    cursor = await connection.execute(
        "select table_name, column_name, data_type from information_schema.columns join information_schema.tables"
        " using (table_schema, table_name) where table_schema = %s and table_type = 'BASE TABLE'"
        " order by table_name, column_name",
        [schema],
    )
    found: dict[str, dict[str, str]] = {}
    async for row in cursor:
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    return found


def _query(schema: str, table: str, columns: Mapping[str, Any]) -> sql.Composed:
    # the table's name counts too: a row that moved to another table of the same columns is a difference
    content = sql.SQL(", ").join([sql.Literal(table), *(_content(name) for name in columns)])
    return sql.SQL(
        "select coalesce({person}, '') as person, count(*) as rows,"
        " sum(('x' || left(md5(row({content})::text), {chars}))::bit(64)::bigint) as sum from {table} group by 1"
    ).format(
        person=_person(columns),
        content=content,
        chars=sql.Literal(_HASH_HEX_CHARS),
        table=sql.Identifier(schema, table),
    )


def _content(column: str) -> sql.Composable:
    if column == "position" or column.endswith("_position"):
        return sql.SQL("{} is null").format(sql.Identifier(column))
    return sql.Identifier(column)


def _person(columns: Mapping[str, Any]) -> sql.Composable:
    if "persons" in columns:
        return sql.SQL("persons[1]")
    for name in ("person", "owner"):
        if name in columns:
            return sql.Identifier(name)
    return sql.SQL("null::text")
