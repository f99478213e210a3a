"""Who asked not to be recorded is not recorded: not here, not in another process, not in what others quote."""

import asyncio
from pathlib import Path

import pytest

from engine.commands.messages import Hear, Messages
from engine.commands.quotes import Quoted
from engine.commands.recording import Recording
from engine.commands.settables import Settables
from engine.domain import Person
from engine.domain.ids import person_id
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.errors import Forbidden, NotFound, NotRecorded
from tests.integration.engine.conftest import Commands

MESSAGE = "message.discord-a.1"


def hear(commands: Commands, number: int = 1) -> Hear:
    return Hear(
        message=f"message.discord-a.{number}",
        person="p",
        text="a secret",
        addresses=(),
        is_private=False,
        at=commands.clock(),
    )


async def test_nothing_is_recorded_of_who_asked_for_that(commands: Commands) -> None:
    await commands.recording.stop("p", at=commands.clock())

    with pytest.raises(NotRecorded):
        await commands.messages.hear(hear(commands))
    with pytest.raises(NotRecorded):
        await commands.settables.meet("p", name="Pat", at=commands.clock())
    assert await commands.log.events_of(MESSAGE) == []
    person = await commands.log.find(Person, person_id("p"))
    assert person is not None
    assert person.fields == {"is_not_recorded": True}


async def test_others_are_recorded_on(commands: Commands) -> None:
    await commands.recording.stop("another", at=commands.clock())

    assert (await commands.messages.hear(hear(commands))).happened


async def test_they_are_recorded_again_when_they_want_it(commands: Commands) -> None:
    await commands.recording.stop("p", at=commands.clock())
    await commands.recording.resume("p", at=commands.clock())

    assert (await commands.messages.hear(hear(commands))).happened


async def test_a_wish_that_did_not_reach_the_log_holds_until_it_is_taken_back(commands: Commands) -> None:
    """A process may die between noting it and appending it."""
    commands.refusals.refuse("p")

    with pytest.raises(NotRecorded):
        await commands.messages.hear(hear(commands))
    await commands.recording.stop("p", at=commands.clock())
    await commands.recording.resume("p", at=commands.clock())
    assert (await commands.messages.hear(hear(commands))).happened


async def test_a_wish_wins_over_one_that_is_taken_back_at_the_same_time(commands: Commands) -> None:
    recording = commands.recording
    await recording.stop("p", at=commands.clock())
    wishes = [recording.stop("p", at=commands.clock()) for _ in range(5)]
    await asyncio.gather(*wishes, *(recording.resume("p", at=commands.clock()) for _ in range(5)))
    person = await commands.log.find(Person, person_id("p"))
    assert person is not None

    assert recording.is_refused("p") >= (person.fields.get("is_not_recorded") is True)


async def test_an_edit_of_what_was_recorded_before_is_not_recorded(commands: Commands) -> None:
    await commands.messages.hear(hear(commands))
    await commands.recording.stop("p", at=commands.clock())

    with pytest.raises(NotRecorded):
        await commands.messages.edit(MESSAGE, text="another secret", at=commands.clock())


async def test_who_is_not_recorded_is_not_quoted(commands: Commands) -> None:
    await commands.recording.stop("p", at=commands.clock())
    quoted = Quoted(message=MESSAGE, person="p", text="a secret", at=commands.clock())

    assert await commands.quotes.bring(quoted) is None
    assert await commands.log.events_of("quote.discord-a.1") == []


async def test_the_wish_is_neither_edited_nor_undone(commands: Commands) -> None:
    await commands.settables.meet("p", name="Pat", at=commands.clock())
    wish = await commands.recording.stop("p", at=commands.clock())

    with pytest.raises(Forbidden):
        await commands.undoing.undo(wish.position, person="p", at=commands.clock())
    with pytest.raises(Forbidden):
        await commands.settables.edit(
            Person, person_id("p"), person="p", changes={"is_not_recorded": None}, at=commands.clock()
        )


async def test_another_process_knows_the_wish_once_it_was_acknowledged(commands: Commands, tmp_path: Path) -> None:
    """Two rings on one file are what two processes have."""
    here, there = (SqliteKeyRing(tmp_path / "keys.sqlite3") for _ in range(2))
    elsewhere = Messages(commands.log, commands.tokens, commands.erasing, Recording(commands.log, there))
    assert (await elsewhere.hear(hear(commands, 1))).happened

    for number in range(2, 12):
        await Recording(commands.log, here).stop("p", at=commands.clock())
        with pytest.raises(NotRecorded):
            await elsewhere.hear(hear(commands, number))
        await Recording(commands.log, here).resume("p", at=commands.clock())
        assert (await elsewhere.hear(hear(commands, 100 + number))).happened
    here.close()
    there.close()


async def test_a_message_that_was_never_heard_is_not_there_to_be_edited(commands: Commands) -> None:
    with pytest.raises(NotFound):
        await commands.messages.edit(MESSAGE, text="another", at=commands.clock())


async def test_who_asks_for_it_while_they_are_being_met_is_not_recorded(commands: Commands) -> None:
    class AskedRightAfterTheFirstLook(Recording):
        def check(self, person: str) -> None:
            super().check(person)
            commands.refusals.refuse(person)

    settables = Settables(commands.log, commands.refusals, AskedRightAfterTheFirstLook(commands.log, commands.refusals))
    with pytest.raises(NotRecorded):
        await settables.meet("p", name="Pat", at=commands.clock())
    assert await commands.log.events_of(person_id("p")) == []
