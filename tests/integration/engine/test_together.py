"""Commands that wait at the same time: carried out together, and each of them as if it were alone."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest

from engine.commands.messages import Hear
from engine.domain import Event, Message, Person, Reply
from engine.domain.ids import person_id
from engine.domain.message import MessageHeard
from engine.domain.reply import ReplyState
from engine.envelope.at_hand import check_may_wait
from engine.envelope.envelope import seal
from engine.envelope.key_ring import SealingKey
from engine.errors import Invalid, NotFound, WrongKeyRing
from engine.event_log import EventLog, Tzurot
from engine.log.express import Express
from engine.together import LONGEST_TURN_S
from tests.fakes.key_ring import KeyRingInMemory
from tests.integration.engine.conftest import Clock, Commands
from tests.nats_server import NatsServer

AT_ONCE = 100
REPLY = "reply.terminal-a.1.character-lyra.1"


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


def a_message(number: int) -> Message:
    return Message.hear(
        f"message.terminal-a.{number}",
        person="p",
        text="Hello.",
        tokens=1,
        addresses=(),
        is_private=True,
        at=Clock()(),
    )


def a_started_reply(at: datetime) -> Reply:
    return Reply.start(
        REPLY, person="p", persona="x", character="lyra", message="m", message_version=1, model="offline", at=at
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
    append = Express.append

    async def counted(self: Express, events: list[object], tell: object) -> None:
        rounds.append(len(events))
        await append(self, events, tell)  # type: ignore[arg-type]

    monkeypatch.setattr(Express, "append", counted)
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


async def test_what_was_sent_for_someone_who_then_was_cancelled_is_recorded(commands: Commands) -> None:
    def decide() -> Message:
        asyncio.get_running_loop().call_soon(waiting.cancel)  # after this turn, in which it is sent
        return a_message(1)

    await commands.messages.hear(heard(commands, 0))
    waiting = asyncio.create_task(commands.log.begin(Message, "message.terminal-a.1", decide))
    with pytest.raises(asyncio.CancelledError):
        await waiting
    outcome = await commands.messages.hear(heard(commands, 1))
    assert (outcome.position, outcome.happened) == (2, False)


async def test_whatever_else_the_loop_has_to_do_gets_its_turn_between_slow_decisions(commands: Commands) -> None:
    turns: list[int] = []
    decided: list[int] = []

    def slowly(number: int) -> Message:
        until = monotonic() + LONGEST_TURN_S
        while monotonic() < until:
            pass
        decided.append(number)
        return a_message(number)

    async def count_turns() -> None:
        while len(decided) < 10:
            turns.append(len(decided))
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    await asyncio.gather(
        *(
            commands.log.begin(Message, f"message.terminal-a.{number}", lambda number=number: slowly(number))  # type: ignore[misc]
            for number in range(10)
        )
    )
    await counting
    assert set(turns) == set(range(10))


async def test_a_lone_command_needs_no_thread(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    await commands.messages.hear(heard(commands, 1))
    monkeypatch.setattr(EventLog, "_run", lambda *_: pytest.fail("a thread was asked"))
    monkeypatch.setattr(ThreadPoolExecutor, "submit", lambda *_: pytest.fail("a thread was asked"))
    assert (await commands.messages.hear(heard(commands, 2))).position == 2
    said = await commands.log.change(Message, "message.terminal-a.1", lambda it: it.delete(at=commands.clock()))
    assert said.position == 3


async def test_what_is_not_quick_is_carried_out_alone(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cannot(_: Express, ids: list[str]) -> list[None]:
        return [None] * len(ids)

    monkeypatch.setattr(Express, "load", cannot)
    await commands.messages.hear(heard(commands, 1))
    said = await commands.log.change(Message, "message.terminal-a.1", lambda it: it.delete(at=commands.clock()))
    assert (said.position, said.happened, said.aggregate.is_deleted) == (2, True, True)


async def test_what_was_lately_so_is_nobodys_refusal(
    commands: Commands, key_ring: KeyRingInMemory, nats_server: NatsServer, tmp_path: Path
) -> None:
    at = commands.clock()
    await commands.log.begin(Reply, REPLY, lambda: a_started_reply(at))
    elsewhere = EventLog(Tzurot(key_ring, nats_url=nats_server.url, name=f"Test-{tmp_path.name}"))
    await elsewhere.change(Reply, REPLY, lambda it: it.withdraw(reason="message deleted", at=at))
    await elsewhere.close()
    seen: list[ReplyState] = []

    def decide(found: Reply) -> None:
        seen.append(found.state)
        if found.state is ReplyState.STARTED:
            raise NotFound("as it was lately")

    outcome = await commands.log.change(Reply, REPLY, decide)
    assert (outcome.position, outcome.happened) == (2, False)
    assert seen == [ReplyState.STARTED, ReplyState.WITHDRAWN]


async def test_what_was_lately_so_is_not_loaded_again(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    at = commands.clock()
    await commands.log.begin(Reply, REPLY, lambda: a_started_reply(at))
    monkeypatch.setattr(Express, "load", lambda *_: pytest.fail("it is loaded"))
    outcome = await commands.log.change(Reply, REPLY, lambda it: it.withdraw(reason="message deleted", at=at))
    assert (outcome.position, outcome.aggregate.state) == (2, ReplyState.WITHDRAWN)


def test_it_carries_commands_out_for_one_event_loop_after_the_other(nats_server: NatsServer, tmp_path: Path) -> None:
    log = EventLog(Tzurot(KeyRingInMemory(), nats_url=nats_server.url, name=f"Loops-{tmp_path.name}"))

    async def meet(number: int) -> int:
        return (await log.begin(Message, f"message.terminal-a.{number}", lambda: a_message(number))).position

    async def last(number: int) -> int:
        position = await meet(number)
        await log.close()
        return position

    async def and_leave(number: int) -> int:
        position = await meet(number)
        assert log._together is not None
        await log._together.close()
        return position

    assert [asyncio.run(and_leave(1)), asyncio.run(and_leave(2)), asyncio.run(last(3))] == [1, 2, 3]


async def test_closing_leaves_nothing_running(nats_server: NatsServer, tmp_path: Path) -> None:
    log = EventLog(Tzurot(KeyRingInMemory(), nats_url=nats_server.url, name=f"Closing-{tmp_path.name}"))
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    waiting = asyncio.create_task(log.begin(Message, "message.terminal-a.1", lambda: a_message(1)))
    await asyncio.sleep(0)
    connections = [rounds._express for rounds in log._together._by_loop.values()]  # type: ignore[union-attr]
    await log.close()
    assert (await waiting).position == 1
    assert asyncio.all_tasks() == tasks
    assert {
        thread for thread in set(threading.enumerate()) - threads if thread.name.startswith(("log", "comm"))
    } == set()
    assert [express._connection for express in connections] == [None]


async def test_a_key_that_is_not_at_hand_is_waited_for_on_a_thread(nats_server: NatsServer, tmp_path: Path) -> None:
    asked_on: set[threading.Thread] = set()

    class OnASlowDisk(KeyRingInMemory):
        def sealing_key(self, person: str, month: str) -> SealingKey:
            check_may_wait()
            asked_on.add(threading.current_thread())
            return super().sealing_key(person, month)

    key_ring = OnASlowDisk()
    log = EventLog(Tzurot(key_ring, nats_url=nats_server.url, name=f"Test-{tmp_path.name}"))
    commands = Commands(log, key_ring)
    outcomes = await asyncio.gather(*(commands.messages.hear(heard(commands, number)) for number in range(3)))
    await log.close()

    assert [outcome.happened for outcome in outcomes] == [True] * 3
    assert asked_on
    assert threading.current_thread() not in asked_on
