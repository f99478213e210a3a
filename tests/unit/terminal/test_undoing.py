from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from adapters.terminal.session import Session
from adapters.terminal.undoing import Preview, Undo
from engine.commands.undo_preview import LaterChange, UndoPreview
from engine.commands.undoing import Undone
from engine.errors import NotFound, Refused
from engine.reading import FieldsAt, Said

AT = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
PREVIEW = UndoPreview(
    position=7,
    type="PresetEdited",
    subject="preset.x.1",
    about="calm",
    effect="The preset gets back what it had: a.",
    restores={"a": 1},
    currently={"a": 2},
    later=(LaterChange(9, "PresetEdited", AT, ("a",)),),
    later_events=3,
)


def shown(preview: UndoPreview) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(Preview(preview))
    return " ".join(capture.get().split())


@pytest.fixture
def acted(engine: Any, session: Session) -> list[tuple[str, int, str]]:
    """Records who undid what."""
    done: list[tuple[str, int, str]] = []

    async def preview(position: int, *, person: str, may_manage: bool) -> UndoPreview:
        done.append(("preview", position, person))
        return PREVIEW

    async def undo(position: int, *, person: str, at: Any, may_manage: bool) -> Undone:
        done.append(("undo", position, person))
        return Undone(position + 1, "PresetEdited", "preset.x.1", 3)

    engine.undoing = SimpleNamespace(preview=preview, undo=undo)
    return done


def an_event(engine: Any, position: int, subject: str) -> None:
    engine.log.events[position] = SimpleNamespace(subject=subject)


async def test_it_shows_first_what_it_will_do(
    engine: Any, session: Session, acted: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    an_event(engine, 7, "history.p.default.lyra")
    result = await Undo(7, None, is_agreed=True).perform(session)
    assert [what for what, _, _ in acted] == ["preview", "undo"]
    assert "changed since" in capsys.readouterr().out
    document = result.as_json()
    assert document["undone"] == {"position": 8, "type": "PresetEdited", "subject": "preset.x.1", "version": 3}
    assert (document["restores"], document["currently"], document["changed_since"]) == ({"a": 1}, {"a": 2}, ["a"])


def test_a_preview_names_the_later_changes_of_the_same_fields() -> None:
    text = shown(PREVIEW)
    assert "Undoing event 7: PresetEdited, “calm” The preset gets back what it had: a." in text
    assert "Changed since by event 9 (PresetEdited" in text
    assert "Later events of other fields, which stay as they are: 2." in text
    assert Preview(PREVIEW).as_json()["later"] == [
        {"position": 9, "type": "PresetEdited", "at": AT.isoformat(), "fields": ("a",)}
    ]


def test_the_preview_of_a_history_says_which_messages_it_is_about() -> None:
    said = Said(2, 2, AT, AT, "Remember the heron.")
    preview = replace(PREVIEW, restores={"epoch": None}, currently={"epoch": "x"}, said=said, later=(), later_events=0)
    assert "beginning “Remember the heron.”" in shown(preview)
    assert "epoch" not in shown(preview)
    assert Preview(preview).as_json()["said"] == {
        "messages": 2,
        "replies": 2,
        "oldest": AT.isoformat(),
        "newest": AT.isoformat(),
        "opening": "Remember the heron.",
    }


async def test_nothing_is_undone_without_agreement(
    engine: Any, session: Session, acted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no(question: str) -> bool:
        return False

    monkeypatch.setattr(session.screen, "confirmed", no)
    an_event(engine, 7, "history.p.default.lyra")
    with pytest.raises(Refused, match="Nothing was undone"):
        await Undo(7, None, is_agreed=False).perform(session)
    assert [what for what, _, _ in acted] == ["preview"]


async def test_at_the_terminal_it_acts_for_whom_it_belongs_to(engine: Any, session: Session, acted: list[Any]) -> None:
    an_event(engine, 7, "history.somebody.default.lyra")
    an_event(engine, 8, "preset.owner.1")
    engine.fields["preset.owner.1"] = FieldsAt("preset.owner.1", 2, {}, owner="owner")
    await Undo(7, None, is_agreed=True).perform(session)
    await Undo(8, None, is_agreed=True).perform(session)
    assert [person for what, _, person in acted if what == "undo"] == ["somebody", "owner"]


async def test_in_a_chat_and_with_a_name_it_acts_for_that_person(
    engine: Any, session: Session, acted: list[Any]
) -> None:
    an_event(engine, 7, "history.somebody.default.lyra")
    await Undo(7, "Bob", is_agreed=True).perform(session)
    session.is_chat = True
    await Undo(7, None, is_agreed=True).perform(session)
    assert [person for what, _, person in acted if what == "undo"] == ["hash-of-terminal-Bob", "hash-of-terminal-Ann"]


async def test_without_an_event_the_last_change_is_undone_but_no_creation(
    engine: Any, session: Session, acted: list[Any]
) -> None:
    async def entries(question: Any) -> tuple[Any, ...]:
        kinds = ["HistoryCleared", "PresetEdited", "MessageHeard", "PersonaCreated"]
        return tuple(SimpleNamespace(position=n, type=kind) for n, kind in enumerate(kinds, 1))

    engine.read.entries = entries
    an_event(engine, 2, "preset.x.1")
    await Undo(None, None, is_agreed=True).perform(session)
    assert acted[-1][1] == 2


async def test_the_last_change_may_be_one_of_what_belongs_to_the_instance(
    engine: Any, session: Session, acted: list[Any]
) -> None:
    async def entries(question: Any) -> tuple[Any, ...]:
        position = 5 if question.person == "instance" else 2
        return (SimpleNamespace(position=position, type="CharacterEdited"),)

    engine.read.entries = entries
    an_event(engine, 5, "character.thessaly")
    await Undo(None, None, is_agreed=True).perform(session)
    assert acted[-1][1] == 5


async def test_an_event_that_is_not_there_is_said(engine: Any, session: Session, acted: list[Any]) -> None:
    with pytest.raises(NotFound):
        await Undo(99, None, is_agreed=True).perform(session)
