"""Messages on a real log: heard once, edited without a trace of the old text, erased for good."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from engine.commands.messages import MAX_ATTACHMENTS, MAX_MESSAGE_CHARS, MAX_REFERENCES, Hear
from engine.domain import Erasure, Message, Reply
from engine.domain.ids import erasure_id, reply_id
from engine.domain.reply import ReplyState
from engine.errors import Invalid
from tests.builders import attachment
from tests.integration.engine.conftest import Commands
from tests.nats_server import NatsServer

MESSAGE = "message.terminal-a.1"


def hear(commands: Commands, text: str = "I like the word marzipan.") -> Hear:
    return Hear(message=MESSAGE, person="p", text=text, addresses=("lyra",), is_private=True, at=commands.clock())


async def begin_reply(commands: Commands) -> str:
    reply = reply_id(MESSAGE, "lyra")
    await commands.log.begin(
        Reply,
        reply,
        lambda: Reply.start(
            reply,
            person="p",
            persona="default",
            character="lyra",
            message=MESSAGE,
            message_version=1,
            model="m",
            at=commands.clock(),
        ),
    )
    return reply


async def test_a_message_is_heard_once_however_often_and_by_whomever_it_is_sent(commands: Commands) -> None:
    outcomes = await asyncio.gather(*(commands.messages.hear(hear(commands)) for _ in range(20)))
    assert sum(outcome.happened for outcome in outcomes) == 1
    assert len(await commands.log.events_of(MESSAGE)) == 1
    assert {outcome.position for outcome in outcomes} == {outcomes[0].position}


async def test_a_message_that_is_too_long_is_refused_and_not_cut(commands: Commands) -> None:
    with pytest.raises(Invalid):
        await commands.messages.hear(hear(commands, "a" * (MAX_MESSAGE_CHARS + 1)))
    assert await commands.log.events_of(MESSAGE) == []


async def test_an_edit_leaves_nothing_of_the_superseded_text(commands: Commands, nats_server: NatsServer) -> None:
    await commands.messages.hear(hear(commands, "the old text"))
    outcome = await commands.messages.edit(MESSAGE, text="the new text", at=commands.clock())
    assert outcome.happened
    assert [logged.event.originator_version for logged in await commands.log.events_of(MESSAGE)] == [2]
    found = await commands.log.find(Message, MESSAGE)
    assert found is not None
    assert found.text == "the new text"


async def test_an_edit_to_the_same_text_is_nothing(commands: Commands) -> None:
    await commands.messages.hear(hear(commands, "same"))
    assert not (await commands.messages.edit(MESSAGE, text="same", at=commands.clock())).happened


async def test_an_erased_message_is_gone_from_the_files_and_stays_erased_when_heard_again(
    commands: Commands, nats_server: NatsServer
) -> None:
    await commands.messages.hear(hear(commands))
    sealed = await commands.log.event_at((await commands.log.events_of(MESSAGE))[0].position)
    receipt = await commands.messages.erase(MESSAGE, at=commands.clock())
    assert receipt.is_complete
    assert receipt.positions == (sealed.position,)
    again = await commands.messages.hear(hear(commands))
    assert not again.happened
    assert again.aggregate.is_gone
    assert [type(logged.event).__name__ for logged in await commands.log.events_of(MESSAGE)] == ["MessageErased"]
    proof = await commands.log.find(Erasure, erasure_id(receipt.receipt))
    assert proof is not None
    assert proof.remaining == 0


async def test_a_reply_that_is_being_made_is_withdrawn_with_its_message(commands: Commands) -> None:
    await commands.messages.hear(hear(commands))
    reply = await begin_reply(commands)
    await commands.messages.erase(MESSAGE, at=commands.clock())
    found = await commands.log.find(Reply, reply)
    assert found is not None
    assert found.state is ReplyState.WITHDRAWN


async def test_erasing_again_gives_the_same_receipt_and_finds_nothing_left(commands: Commands) -> None:
    await commands.messages.hear(hear(commands))
    first = await commands.messages.erase(MESSAGE, at=commands.clock())
    second = await commands.messages.erase(MESSAGE, at=commands.clock())
    assert second.receipt == first.receipt
    assert second.positions == first.positions


async def test_an_erasure_that_was_cut_short_between_two_deletions_is_completed(commands: Commands) -> None:
    await commands.messages.hear(hear(commands))
    await commands.log.change(Message, MESSAGE, lambda it: it.delete(at=commands.clock()))
    await commands.log.change(Message, MESSAGE, lambda it: it.erase(receipt="r", reason="deleted", at=commands.clock()))
    first, second, tombstone = (logged.position for logged in await commands.log.events_of(MESSAGE))
    commands.log._application.log_recorder.stream.delete(first)
    assert (await commands.messages.erase(MESSAGE, at=commands.clock())).is_complete
    assert await commands.log.still_readable([first, second]) == 0
    assert await commands.log.still_readable([tombstone]) == 1


async def test_whoever_reads_or_erases_while_a_message_is_being_erased_finds_it_whole_or_gone(
    commands: Commands,
) -> None:
    for number in range(10):
        said = replace(hear(commands), message=f"{MESSAGE}{number}")
        await commands.messages.hear(said)
        receipts = await asyncio.gather(
            *(commands.messages.delete(said.message, at=commands.clock()) for _ in range(4))
        )
        assert {receipt.receipt for receipt in receipts} == {receipts[0].receipt}
        assert receipts[-1].remaining == 0


async def test_nothing_of_an_erased_message_is_in_the_servers_files(
    commands: Commands, nats_server: NatsServer
) -> None:
    await commands.messages.hear(hear(commands))
    stored = commands.log._application.recorder.select_events(MESSAGE)
    needle = stored[0].state[-64:]
    assert _is_in_files(nats_server.store, needle)
    await commands.messages.erase(MESSAGE, at=commands.clock())
    assert not _is_in_files(nats_server.store, needle)


def _is_in_files(directory: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("reference", ["person.p", "quote.", "quote.discord-a.7 message.discord-a.8", "7", ""])
async def test_what_is_no_id_of_something_said_is_not_referred_to(commands: Commands, reference: str) -> None:
    with pytest.raises(Invalid):
        await commands.messages.hear(replace(hear(commands), refers_to=(reference,)))
    await commands.messages.hear(hear(commands))
    with pytest.raises(Invalid):
        await commands.messages.edit(MESSAGE, text="other", refers_to=(reference,), at=commands.clock())


async def test_more_is_not_brought_along_than_may_be(commands: Commands) -> None:
    many = tuple(f"quote.discord-a.{number}" for number in range(MAX_REFERENCES + 1))
    with pytest.raises(Invalid):
        await commands.messages.hear(replace(hear(commands), refers_to=many))
    with pytest.raises(Invalid):
        await commands.messages.hear(replace(hear(commands), attachments=(attachment(),) * (MAX_ATTACHMENTS + 1)))
    assert await commands.log.events_of(MESSAGE) == []


async def test_an_edit_may_change_what_came_along(commands: Commands) -> None:
    await commands.messages.hear(replace(hear(commands), attachments=(attachment(),), refers_to=("quote.discord-a.7",)))
    kept = await commands.messages.edit(MESSAGE, text="other words", at=commands.clock())
    assert isinstance(kept.aggregate, Message)
    assert (kept.aggregate.attachments, kept.aggregate.tokens) == ((attachment(),), 4)

    changed = await commands.messages.edit(
        MESSAGE, text="other words", attachments=(), refers_to=(), at=commands.clock()
    )
    assert isinstance(changed.aggregate, Message)
    assert (changed.aggregate.attachments, changed.aggregate.refers_to, changed.aggregate.tokens) == ((), (), 2)
    assert [logged.event.originator_version for logged in await commands.log.events_of(MESSAGE)] == [3]
