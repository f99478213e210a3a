"""Which characters there are, what each was at every version, and what they are called now."""

from collections.abc import Sequence

from engine.domain import text
from engine.domain.event import JSON
from projections import settable
from projections.projection import Projection, Write, code_of, columns, storable
from projections.settable import SettableTable, named_in
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)
_TABLE = SettableTable("characters", "character")
_FIELDS = {"name": "name", "slug": "slug", "alias": "aliases"}


class CharactersProjection(Projection):
    name = "characters"
    code = code_of(__file__, settable.__file__, text.__file__)
    tables = _TABLE.tables + b"\n" + SQL["lookup"]
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        return _TABLE.fold(facts) + _names(facts)


def _names(facts: Sequence[Fact]) -> list[Write]:
    """What characters are called after these events, where these say it."""
    called: dict[tuple[str, str], list[str]] = {}
    for _, event in facts:
        if event.originator_id.startswith("character."):
            fields = named_in(event)
            for kind, field in _FIELDS.items():
                if field in fields:
                    called[event.originator_id, kind] = folded_names(fields[field])
    if not called:
        return []
    writes = [Write(SQL["unname"], columns(called))]
    rows = [(*key, name) for key, names in called.items() for name in names]
    return [*writes, Write(SQL["name"], columns(rows))] if rows else writes


def folded_names(said: JSON) -> list[str]:
    """One name or several as they are looked up."""
    names = said if isinstance(said, list) else [said]
    return list(dict.fromkeys(name for name in (storable(text.folded(str(part))) for part in names if part) if name))
