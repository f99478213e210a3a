"""Commands that wait at the same time: carried out together, and each of them as if it were alone."""

import asyncio
from pathlib import Path

import pytest

from engine.commands.messages import Hear
from engine.domain import Event, Message, Person
from engine.domain.ids import person_id
from engine.domain.message import MessageHeard
from engine.envelope.envelope import seal
from engine.errors import Invalid, NotFound, WrongKeyRing
from engine.event_log import EventLog, Tzurot
from engine.log.recorders import LogApplicationRecorder
from tests.fakes.key_ring import KeyRingInMemory
from tests.integration.engine.conftest import Commands
from tests.nats_server import NatsServer

AT_ONCE = 100


def heard(commands: Commands, number: int) -> Hear:
    return Hear(
        message=f"message.terminal-a.{number}",
        person="p",
        text=f"Number {number}",
        addresses=(),
        is_private=True,
        at=commands.clock(),
    )


def heard_event(commands: Commands, number: int) -> Event:
    said = heard(commands, number)
    return MessageHeard(
        originator_id=said.message,
        originator_version=1,
        timestamp=said.at,
        person=said.person,
        text=said.text,
        tokens=1,
        addresses=(),
        is_private=True,
    )


async def test_each_gets_its_own_outcome(commands: Commands) -> None:
    outcomes = await asyncio.gather(*(commands.messages.hear(heard(commands, number)) for number in range(AT_ONCE)))
    assert sorted(outcome.position for outcome in outcomes) == list(range(1, AT_ONCE + 1))
    for number, outcome in enumerate(outcomes):
        assert outcome.happened
        assert outcome.aggregate.text == f"Number {number}"
        logged = await commands.log.event_at(outcome.position)
        assert logged.event.originator_id == f"message.terminal-a.{number}"


async def test_fewer_rounds_than_commands_reach_the_log(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []
    insert_each = LogApplicationRecorder.insert_each

    def counted(self: LogApplicationRecorder, events: list[object]) -> object:
        rounds.append(len(events))
        return insert_each(self, events)  # type: ignore[arg-type]

    monkeypatch.setattr(LogApplicationRecorder, "insert_each", counted)
    await asyncio.gather(*(commands.messages.hear(heard(commands, number)) for number in range(AT_ONCE)))
    assert sum(rounds) == AT_ONCE
    assert len(rounds) < AT_ONCE


async def test_all_changes_of_one_thing_take_place_one_after_the_other(commands: Commands) -> None:
    person = person_id("p")
    await commands.settables.meet("p", name="Ann", at=commands.clock())

    async def rename(number: int) -> None:
        await commands.log.change(
            Person, person, lambda it: it.edit(person="p", changes={"name": f"Ann {number}"}, at=commands.clock())
        )

    await asyncio.gather(*(rename(number) for number in range(8)))
    found = await commands.log.find(Person, person)
    assert found is not None
    assert found.version == 9


async def test_a_refusal_is_told_to_the_one_whose_it_is(commands: Commands) -> None:
    def refused() -> Message:
        raise NotFound("not here")

    results = await asyncio.gather(
        commands.messages.hear(heard(commands, 1)),
        commands.log.begin(Message, "message.terminal-a.2", refused),
        commands.log.change(Message, "message.terminal-a.3", lambda it: it.delete(at=commands.clock())),
        commands.messages.hear(heard(commands, 4)),
        return_exceptions=True,
    )
    assert [type(result) for result in results[1:3]] == [NotFound, NotFound]
    assert [await commands.log.find(Message, f"message.terminal-a.{number}") is not None for number in range(1, 5)] == [
        True,
        False,
        False,
        True,
    ]


async def test_what_cannot_be_read_keeps_nobody_else_from_being_heard(
    commands: Commands, key_ring: KeyRingInMemory
) -> None:
    await commands.messages.hear(heard(commands, 1))
    stored = seal(heard_event(commands, 2), KeyRingInMemory())  # sealed with a key that this ring never had
    commands.log._application.log_recorder.insert_events([stored])
    results = await asyncio.gather(
        *(
            commands.log.change(Message, f"message.terminal-a.{number}", lambda it: it.delete(at=commands.clock()))
            for number in (1, 2)
        ),
        commands.log.begin(Message, "no id at all", lambda: pytest.fail("it is refused before")),
        commands.messages.hear(heard(commands, 3)),
        return_exceptions=True,
    )
    assert [isinstance(result, BaseException) for result in results] == [False, True, True, False]
    assert [type(results[1]), type(results[2])] == [WrongKeyRing, Invalid]


async def test_who_stops_waiting_keeps_nobody_else_from_being_told(commands: Commands) -> None:
    waiting = [asyncio.create_task(commands.messages.hear(heard(commands, number))) for number in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[1], asyncio.CancelledError)
    assert await commands.log.find(Message, "message.terminal-a.0") is not None
    assert await commands.log.find(Message, "message.terminal-a.2") is not None


async def test_closing_ends_the_threads(nats_server: NatsServer, tmp_path: Path) -> None:
    log = EventLog(Tzurot(KeyRingInMemory(), nats_url=nats_server.url, name=f"Closing-{tmp_path.name}"))
    threads = log._together._threads  # type: ignore[union-attr]
    assert all(thread.is_alive() for thread in threads)
    await log.close()
    assert not any(thread.is_alive() for thread in threads)
