"""What a reply is made from, read in one round trip and one snapshot as of the position of the message it answers."""

from collections.abc import Mapping
from typing import Any

from engine.domain.ids import INSTANCE, character_id, choice_id, person_id, persona_id
from engine.reading import REFERENCE_CHARS, Context, FieldsAt, Question, Recalled, Reference, Turn
from projections.settable import fields_at
from projections.snapshot import Rows, Snapshots
from projections.statements import statements

SQL = statements(__file__)

_RANK_CONSTANT = 10
"""Of reciprocal rank fusion. Small, so that the first ranks weigh: measured better than the customary 60."""


async def read_context(snapshots: Snapshots, question: Question) -> Context:
    parameters = {
        "place": question.place,
        "message": question.message,
        "person": question.person,
        "character": question.character,
        "upto": question.upto,
        "text": question.text,
        "history_limit": question.history_limit,
        "memory_limit": question.memory_limit,
        "instance": INSTANCE,
        "reference_chars": REFERENCE_CHARS + 1,
    }
    names = ("settings", "persona", "presets", "history", *(("recall",) if question.memory_limit else ()))
    position, answers = await snapshots.read(*((SQL[name], parameters) for name in names))
    found = dict(zip(names, answers, strict=True))
    settings = {row["role"]: fields_at(row) for row in found["settings"]}
    persona = settings.get("persona", FieldsAt(persona_id(question.person, found["persona"][0]["token"]), 0))
    return Context(
        position=position,
        character=settings.get("character", FieldsAt(character_id(question.character), 0)),
        person=settings.get("person", FieldsAt(person_id(question.person), 0)),
        choice=settings.get("choice", FieldsAt(choice_id(question.person, question.character), 0)),
        persona=persona,
        presets={row["id"]: fields_at(row) for row in found["presets"]},
        history=tuple(
            _turn(row, persona, question.person) for row in found["history"] if row["id"] != question.message
        ),
        memories=_recalled(found.get("recall", []), persona),
        references=next(
            (_references(row, persona, question.person) for row in found["history"] if row["id"] == question.message),
            (),
        ),
    )


def _turn(row: Mapping[str, Any], askers_persona: FieldsAt, asker: str) -> Turn:
    is_message = row["kind"] == "message"
    speaker = fields_at(row, prefix="speaker_") if row["speaker_id"] is not None else None
    return Turn(
        id=row["id"],
        version=row["version"],
        position=row["position"],
        kind=row["kind"],
        author=row["person"] if is_message else row["character"],
        speaker=askers_persona if is_message and row["person"] == asker else speaker,
        text=row["text"],
        tokens=row["tokens"],
        at=row["at"],
        references=_references(row, askers_persona, asker),
    )


def _references(row: Mapping[str, Any], askers_persona: FieldsAt, asker: str) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            id=brought["id"],
            version=brought["version"],
            kind=brought["kind"],
            author=brought["author"],
            speaker=_speaker(brought, askers_persona, asker),
            name=brought["name"],
            text=brought["text"],
            tokens=brought["tokens"],
            is_direct=brought["id"] == row["in_reply_to"],
            is_forward=brought["is_forward"],
        )
        for brought in row["brought"] or ()
    )


def _speaker(row: Mapping[str, Any], askers_persona: FieldsAt, asker: str) -> FieldsAt | None:
    if row["kind"] == "message" and row["author"] == asker:
        return askers_persona
    return fields_at(row, prefix="speaker_") if row["speaker_id"] is not None else None


def _recalled(rows: Rows, persona: FieldsAt) -> tuple[Recalled, ...]:
    return tuple(
        Recalled(
            **{name: value for name, value in row.items() if name != "lexical"},
            persona=persona,
            scores={"lexical": row["lexical"], "rank": rank, "score": 1 / (_RANK_CONSTANT + rank)},
        )
        for rank, row in enumerate(rows, start=1)
    )
