"""Who people are and what they chose: people, their personas, and their choices for single characters."""

from collections.abc import Sequence

from engine.domain import text
from projections import characters, settable
from projections.characters import folded_names
from projections.projection import Projection, Write, code_of, columns
from projections.settable import SettableTable, named_in
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)
_TABLE = SettableTable("people", "person", "persona", "choice")


class PeopleProjection(Projection):
    name = "people"
    code = code_of(__file__, settable.__file__, characters.__file__, text.__file__)
    tables = _TABLE.tables + b"\n" + SQL["personas"] + b"\n" + SQL["aliases"]
    indices = b""

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        return _TABLE.fold(facts) + _aliases(facts)


def _aliases(facts: Sequence[Fact]) -> list[Write]:
    """What people call single characters after these events, where these say it."""
    called: dict[tuple[str, str], list[str]] = {}
    for _, event in facts:
        if event.originator_id.startswith("choice.") and "aliases" in (fields := named_in(event)):
            _, person, character = event.originator_id.split(".")
            called[person, character] = folded_names(fields["aliases"])
    if not called:
        return []
    writes = [Write(SQL["unalias"], columns(called))]
    rows = [(*key, name) for key, names in called.items() for name in names]
    return [*writes, Write(SQL["alias"], columns(rows))] if rows else writes
