"""Which character answers everything in which place, and which did before.

A place's fields are `character` (a token), `server`, `by` (who set it last) and `is_off`; one in which nothing is set
has none of the first and the last.
"""

from collections.abc import Sequence

from engine.domain.ids import place_subject
from engine.domain.place import PlaceActivated, PlaceDeactivated
from projections import settable
from projections.projection import Projection, Write, code_of
from projections.settable import SettableTable, change_of
from projections.source import Fact
from projections.statements import statements

SQL = statements(__file__)
_TABLE = SettableTable("places", place_subject("").rstrip("."))


class PlacesProjection(Projection):
    name = "places"
    code = code_of(__file__, settable.__file__)
    tables = _TABLE.tables
    indices = SQL["indices"]

    def fold(self, facts: Sequence[Fact]) -> list[Write]:
        return _TABLE.change(
            [
                change_of(position, event, person=event.person, changes=_changes(event))
                for position, event in facts
                if isinstance(event, PlaceActivated | PlaceDeactivated)
            ]
        )


def _changes(event: PlaceActivated | PlaceDeactivated) -> dict[str, str | bool | None]:
    always: dict[str, str | bool | None] = {"server": event.server, "by": event.person}
    match event:
        case PlaceActivated():
            return {"character": event.character, "is_off": None} | always
        case PlaceDeactivated():
            return {"character": None, "is_off": None if event.inherits else True} | always
