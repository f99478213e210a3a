"""Who is asked where, read in one round trip and one snapshot. Whom a person may not talk to is no part of it."""

from engine.domain.ids import person_id, place_subject
from engine.domain.text import folded
from engine.reading import MAX_NAMES, Answered, FieldsAt, Overheard, Situation
from projections.projection import storable
from projections.settable import fields_at
from projections.snapshot import Rows, Snapshots
from projections.statements import statements

SQL = statements(__file__)


async def read_situation(snapshots: Snapshots, question: Overheard) -> Situation:
    place = place_subject(question.place)
    parent = place_subject(question.parent) if question.parent is not None else None
    names = {name: storable(folded(name)) for name in question.names[:MAX_NAMES]}
    parameters = {
        "place": place,
        "places": [place] if parent is None else [place, parent],
        "channel": question.place,
        "person": question.person,
        "names": list(dict.fromkeys(names.values())),
        "post": question.post,
    }
    asked = ["here", "active"]
    if names:
        asked.append("named")
    if question.post is not None:
        asked.append("replied_to")
    _, answers = await snapshots.read(*((SQL[name], parameters) for name in asked))
    found = dict(zip(asked, answers, strict=True))
    here = {row["id"]: fields_at(row) for row in found["here"]}
    meant = {row["name"]: fields_at(row) for row in found.get("named", ())}
    active = found["active"][0] if found["active"] else None
    return Situation(
        place=here.get(place, FieldsAt(place, 0)),
        parent=None if parent is None else here.get(parent, FieldsAt(parent, 0)),
        person=here.get(person_id(question.person), FieldsAt(person_id(question.person), 0)),
        named={name: meant[means] for name, means in names.items() if means in meant},
        active=fields_at(active) if active is not None and active["id"] is not None else None,
        is_active_hidden=active is not None and active["id"] is None,
        replied_to=_answered(found.get("replied_to", ())),
    )


def _answered(rows: Rows) -> Answered | None:
    if not rows:
        return None
    (row,) = rows
    return Answered(row["reply"], fields_at(row) if row["id"] is not None else None)
