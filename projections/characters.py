"""Which characters there are, and what each was at every version."""

from collections.abc import Sequence

from projections import settable
from projections.projection import Projection, Write, code_of
from projections.settable import SettableTable
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)
_TABLE = SettableTable("characters", "character")


class CharactersProjection(Projection):
    name = "characters"
    code = code_of(__file__, settable.__file__)
    tables = _TABLE.tables + b"\n" + SQL["lookup"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        return _TABLE.fold(facts)
