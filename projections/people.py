"""Who people are and what they chose: people, their personas, and their choices for single characters."""

from collections.abc import Sequence

from projections import settable
from projections.projection import Projection, Write, code_of
from projections.settable import SettableTable
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)
_TABLE = SettableTable("people", "person", "persona", "choice")


class PeopleProjection(Projection):
    name = "people"
    code = code_of(__file__, settable.__file__)
    tables = _TABLE.tables + b"\n" + SQL["personas"]
    indices = b""

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        return _TABLE.fold(facts)
