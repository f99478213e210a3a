from types import SimpleNamespace
from typing import Any

import pytest

from adapters.terminal import presets
from adapters.terminal.session import Session
from engine.domain import Preset
from engine.errors import Invalid, NotFound, Refused
from engine.reading import FieldsAt

CALM = FieldsAt("preset.instance.1", 2, {"name": "Calm", "seed": 7}, owner="instance")


@pytest.fixture
def asked(engine: Any) -> list[tuple[str, Any]]:
    """What the engine is asked to change; there is one preset, which belongs to the instance."""
    done: list[tuple[str, Any]] = []

    async def edit(kind: type, id: str, *, person: str, changes: Any, at: Any) -> Any:
        done.append(("edit", (kind, id, person, changes)))
        version = CALM.version + (changes["seed"] != CALM.fields["seed"])
        thing = SimpleNamespace(
            id=id, version=version, person=person, fields={**CALM.fields, **changes}, is_deleted=False
        )
        return SimpleNamespace(thing=thing, position=9)

    async def delete(kind: type, id: str, *, person: str, at: Any) -> Any:
        done.append(("delete", (kind, id, person)))
        thing = SimpleNamespace(id=id, version=3, person=person, fields=CALM.fields, is_deleted=True)
        return SimpleNamespace(thing=thing, position=10)

    async def found(*, person: str) -> tuple[FieldsAt, ...]:
        return (CALM,)

    engine.settables.edit, engine.settables.delete, engine.read.presets = edit, delete, found
    return done


async def test_an_edit_is_of_what_was_named_and_says_whether_anything_changed(
    session: Session, asked: list[Any]
) -> None:
    edited = await presets.edit("calm", {"seed": 8}, None, session)
    assert asked == [("edit", (Preset, CALM.id, "instance", {"seed": 8}))]
    assert (edited.sentence, edited.position, edited.fields) == ("Edited.", 9, {"name": "Calm", "seed": 8})
    assert (await presets.edit("calm", {"seed": 7}, None, session)).sentence == "Nothing had to change."


async def test_an_edit_of_nothing_is_refused(session: Session, asked: list[Any]) -> None:
    with pytest.raises(Invalid, match="Say what to change"):
        await presets.edit("calm", {}, None, session)
    assert asked == []


async def test_a_deletion_names_the_event_that_undoes_it(session: Session, asked: list[Any]) -> None:
    deleted = await presets.delete("calm", None, session, is_agreed=True)
    assert asked == [("delete", (Preset, CALM.id, "instance"))]
    assert deleted.sentence == "Deleted calm: undo event 10 to bring it back."


async def test_nothing_is_deleted_without_agreement(
    session: Session, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no(question: str) -> bool:
        return False

    monkeypatch.setattr(session.screen, "confirmed", no)
    with pytest.raises(Refused, match="Nothing was deleted"):
        await presets.delete("calm", None, session, is_agreed=False)
    assert asked == []


async def test_what_there_is_not_is_said(session: Session, asked: list[Any]) -> None:
    with pytest.raises(NotFound, match="no preset loud"):
        await presets.delete("loud", None, session, is_agreed=True)
