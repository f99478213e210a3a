from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.terminal.diagnosing import Checks
from adapters.terminal.host import Check
from adapters.terminal.memories import memory_of
from adapters.terminal.messages import Erased, message_of
from adapters.terminal.replaying import RebuiltResult, SwitchBack, VerifiedResult
from adapters.terminal.screen import Screen
from adapters.terminal.session import Session
from adapters.terminal.things import in_order
from adapters.terminal.trail import Filters, data_of, in_short, read_trail
from engine.commands.erasing import ErasureReceipt
from engine.domain.event import ERASED
from engine.domain.message import MessageErased, MessageHeard
from engine.reading import AuditEntry, AuditQuestion
from engine.replaying import ProjectionState, Rebuilt, Verified

AT = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
STATES = {"history": ProjectionState(3, "abc"), "memory": ProjectionState(1, "def")}


def heard(text: Any = "Hello") -> MessageHeard:
    return MessageHeard(
        originator_id="message.terminal-a.1",
        originator_version=1,
        timestamp=AT,
        person="p",
        text=text,
        tokens=1,
        addresses=("lyra",),
        is_private=True,
    )


def entry(position: int, type_name: str = "MessageHeard") -> AuditEntry:
    return AuditEntry(position, type_name, "message.terminal-a.1", 1, AT, "terminal-a", None, ("p",))


async def test_a_rebuild_is_switched_back_by_name(session: Session) -> None:
    asked: list[Any] = []

    async def switch_back(names: tuple[str, ...], *, batch_size: int | None) -> tuple[str, ...]:
        asked.append((names, batch_size))
        return ("history_1a2b3c",)

    replay: Any = SimpleNamespace(switch_back=switch_back)
    session.opened.replay = replay
    result = await SwitchBack(("history",), None).perform(session)
    assert asked == [(("history",), None)]
    assert result.as_json() == {"generations": ["history_1a2b3c"]}
    assert "history_1a2b3c" in str(result.__rich__())


def test_a_rebuild_reports_states_events_and_rate() -> None:
    document = RebuiltResult(Rebuilt(STATES, events=100, seconds=0.5, position=120)).as_json()
    assert document["projections"] == {
        "history": {"rows": 3, "state_hash": "abc"},
        "memory": {"rows": 1, "state_hash": "def"},
    }
    assert (document["events"], document["seconds"], document["events_per_s"]) == (100, 0.5, 200)


def test_a_difference_is_no_success() -> None:
    equal = VerifiedResult(Verified(STATES, STATES, 7, ()))
    different = VerifiedResult(Verified(STATES, STATES, 7, ("memory: other rows",)))
    assert (equal.exit_code, equal.as_json()["ok"]) == (0, True)
    assert (different.exit_code, different.as_json()["ok"]) == (1, False)
    assert different.as_json()["differences"] == ["memory: other rows"]


def test_a_failed_check_is_no_success_and_a_warning_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    warned = Checks((Check("log", "ok", "fine"), Check("model", "warning", "offline", "Set a key.")))
    failed = Checks((*warned.checks, Check("database", "failed", "away")))
    assert (warned.exit_code, failed.exit_code) == (0, 1)
    Screen().show(failed)
    out = capsys.readouterr().out
    for shown in ("failed", "away", "model: Set a key."):
        assert shown in out


def test_an_erasure_that_left_something_is_no_success() -> None:
    gone = ErasureReceipt("r", ("message.a.1",), (4, 5), 0, 9)
    done, copied = Erased("message.a.1", gone, 0), Erased("message.a.1", gone, 2)
    left = Erased("message.a.1", ErasureReceipt("r", ("message.a.1",), (4, 5), 1, 9), 0)
    assert (done.exit_code, copied.exit_code, left.exit_code) == (0, 1, 1)
    assert "2 rows" in str(copied.error)
    assert done.as_json()["receipt"] == "r"
    assert "erase it again" in str(left.error)


def test_what_belongs_together_is_found_by_either_id() -> None:
    assert memory_of("reply.a.1.lyra.1") == memory_of("memory.a.1.lyra.1") == "memory.a.1.lyra.1"
    assert message_of("reply.a.1.lyra.1") == message_of("message.a.1") == message_of("a.1") == "message.a.1"


def test_fields_stand_in_the_order_of_the_forms() -> None:
    assert list(in_order({"tone": "t", "unheard": 1, "name": "n"})) == ["name", "tone", "unheard"]


def test_the_data_of_an_event_are_its_own_fields() -> None:
    data = data_of(heard())
    assert data["text"] == "Hello"
    assert not {"originator_id", "originator_version", "timestamp"} & data.keys()


def test_words_whose_key_is_gone_read_erased() -> None:
    assert data_of(heard(ERASED))["text"] == "[erased]"
    assert in_short(None) == "[erased]"


async def test_the_trail_has_a_line_for_an_event_that_was_deleted(engine: Any, session: Session) -> None:
    asked: list[AuditQuestion] = []

    async def entries(question: AuditQuestion) -> tuple[AuditEntry, ...]:
        asked.append(question)
        return (entry(1), entry(2, "MessageErased"))

    engine.read.entries = entries
    engine.log.events = {
        2: MessageErased(
            originator_id="message.terminal-a.1", originator_version=2, timestamp=AT, receipt="r", reason="asked"
        )
    }
    trail = await read_trail(Filters(person="Bob", place="pier", character="lyra", after=3, limit=9), session)
    assert asked == [AuditQuestion("hash-of-terminal-Bob", "terminal-pier", "lyra", None, 3, 9)]
    first, second = trail.as_json()
    assert first == {
        "position": 1,
        "type": "MessageHeard",
        "subject": "message.terminal-a.1",
        "at": AT.isoformat(),
        "version": 1,
        "data": None,
    }
    assert second["data"] == {"receipt": "r", "reason": "asked"}


async def test_a_person_may_be_named_by_id(engine: Any, session: Session) -> None:
    asked: list[AuditQuestion] = []

    async def entries(question: AuditQuestion) -> tuple[AuditEntry, ...]:
        asked.append(question)
        return ()

    engine.read.entries = entries
    engine.fields["person.p1"] = next(iter(engine.characters.values()))
    await read_trail(Filters(person="p1"), session)
    assert asked[0].person == "p1"
