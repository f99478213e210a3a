"""Quotes on a real log: recorded once before the message that brings them, and gone with the words that they repeat."""

from pathlib import Path
from typing import Any

import pytest

from engine.commands.messages import Hear
from engine.commands.quotes import MAX_QUOTE_CHARS, Quoted, Quotes
from engine.domain import Quote
from engine.domain.message import MessageEdited
from engine.domain.quote import MessageQuoted, QuoteErased
from engine.errors import NotFound
from engine.event_log import EventLog
from tests.integration.engine.conftest import Commands
from tests.nats_server import NatsServer

QUOTED = "message.discord-a.7"
QUOTE = "quote.discord-a.7"


def words(commands: Commands, text: str = "I like the word marzipan.") -> Quoted:
    return Quoted(message=QUOTED, person="ben", author="Ben", text=text, at=commands.clock())


async def test_a_quote_is_recorded_once(commands: Commands) -> None:
    assert [await commands.quotes.bring(words(commands)) for _ in range(3)] == [QUOTE] * 3
    (logged,) = await commands.log.events_of(QUOTE)
    assert isinstance(logged.event, MessageQuoted)
    assert (logged.event.person, logged.event.author, logged.event.tokens) == ("ben", "Ben", 5)


async def test_a_message_that_is_on_the_log_is_referred_to_and_not_quoted(commands: Commands) -> None:
    heard = Hear(message=QUOTED, person="ben", text="Hello.", addresses=(), is_private=False, at=commands.clock())
    await commands.messages.hear(heard)

    assert await commands.quotes.bring(words(commands)) == QUOTED
    assert await commands.log.events_of(QUOTE) == []


async def test_what_was_erased_is_never_quoted(commands: Commands) -> None:
    heard = Hear(message=QUOTED, person="ben", text="Hello.", addresses=(), is_private=False, at=commands.clock())
    await commands.messages.hear(heard)
    await commands.messages.delete(QUOTED, at=commands.clock())

    assert await commands.quotes.bring(words(commands)) is None
    assert await commands.log.events_of(QUOTE) == []


async def test_a_forward_without_an_author_is_the_forwarders(commands: Commands) -> None:
    forwarding = "message.discord-a.8"
    quoted = Quoted(message=forwarding, person="ana", text="Look!", at=commands.clock(), is_forward=True)
    quote = await commands.quotes.bring(quoted)
    await commands.messages.hear(
        Hear(
            message=forwarding,
            person="ana",
            text="",
            addresses=(),
            is_private=False,
            at=commands.clock(),
            refers_to=("quote.discord-a.8",),
        )
    )

    await commands.messages.edit(forwarding, text="See?", at=commands.clock())

    assert quote == "quote.discord-a.8"
    assert [
        logged.event.text for logged in await commands.log.events_of(quote) if isinstance(logged.event, MessageQuoted)
    ] == ["Look!"]
    assert await commands.quotes.bring(quoted) == quote
    receipt = await commands.messages.delete(forwarding, at=commands.clock())
    assert set(receipt.subjects) == {forwarding, quote}
    assert await commands.quotes.bring(quoted) is None


async def test_a_deletion_erases_what_was_quoted(commands: Commands, nats_server: NatsServer) -> None:
    await commands.quotes.bring(words(commands))
    receipt = await commands.messages.delete(QUOTED, at=commands.clock())

    assert receipt.is_complete
    assert receipt.subjects == (QUOTE,)
    assert [type(logged.event) for logged in await commands.log.events_of(QUOTE)] == [QuoteErased]
    assert await commands.quotes.bring(words(commands)) is None
    assert (await commands.messages.delete(QUOTED, at=commands.clock())).receipt == receipt.receipt


async def test_an_edit_leaves_nothing_of_the_superseded_words_in_a_quote(commands: Commands) -> None:
    await commands.quotes.bring(words(commands))
    outcome = await commands.messages.edit(QUOTED, text="I like the word nougat.", at=commands.clock())

    assert outcome.happened
    (logged,) = await commands.log.events_of(QUOTE)
    assert isinstance(logged.event, MessageQuoted)
    assert (logged.event.text, logged.event.author, logged.event.originator_version) == (
        "I like the word nougat.",
        "Ben",
        2,
    )


async def test_a_quote_is_as_long_as_it_may_be(commands: Commands) -> None:
    await commands.quotes.bring(words(commands, "a" * (MAX_QUOTE_CHARS + 1)))
    quote = await commands.log.find(Quote, QUOTE)

    assert quote is not None
    assert quote.text == "a" * MAX_QUOTE_CHARS


async def test_what_was_never_heard_nor_quoted_cannot_be_deleted(commands: Commands) -> None:
    with pytest.raises(NotFound):
        await commands.messages.delete("message.discord-a.404", at=commands.clock())


async def test_no_byte_of_an_erased_quote_stays_with_the_log(
    commands: Commands, nats_server: NatsServer, tmp_path: Path
) -> None:
    await commands.quotes.bring(words(commands))
    (logged,) = await commands.log.events_of(QUOTE)
    receipt = await commands.messages.delete(QUOTED, at=commands.clock())

    assert logged.position in receipt.positions
    assert await commands.log.still_readable(receipt.positions) == 0


async def test_an_edit_of_a_message_that_was_quoted_before_it_was_heard_leaves_none_of_its_words(
    commands: Commands,
) -> None:
    await commands.quotes.bring(words(commands))
    heard = Hear(
        message=QUOTED,
        person="ben",
        text="I like the word marzipan.",
        addresses=(),
        is_private=False,
        at=commands.clock(),
    )
    await commands.messages.hear(heard)
    await commands.messages.edit(QUOTED, text="I like the word nougat.", at=commands.clock())

    said = [logged.event for id_ in (QUOTED, QUOTE) for logged in await commands.log.events_of(id_)]
    assert [event.text for event in said if isinstance(event, MessageEdited | MessageQuoted)] == [
        "I like the word nougat."
    ] * 2
    assert len(said) == 2


async def test_what_is_erased_while_it_is_being_quoted_is_not_quoted(commands: Commands) -> None:
    """Whoever erases looks for a quote, and whoever quotes for an erasure: one of the two comes second and sees it."""
    heard = Hear(message=QUOTED, person="ben", text="Hello.", addresses=(), is_private=False, at=commands.clock())

    class Interrupted(EventLog):
        """Lets everything happen to the message right before its quote is appended."""

        def __init__(self) -> None:
            """Another's log does the work."""

        async def find(self, *args: Any, **kwargs: Any) -> Any:
            return await commands.log.find(*args, **kwargs)

        async def begin(self, *args: Any, **kwargs: Any) -> Any:
            await commands.messages.hear(heard)
            await commands.messages.delete(QUOTED, at=commands.clock())
            return await commands.log.begin(*args, **kwargs)

    quotes = Quotes(Interrupted(), commands.tokens, commands.erasing, commands.recording)

    assert await quotes.bring(words(commands)) is None
    assert [type(logged.event) for logged in await commands.log.events_of(QUOTE)] == [QuoteErased]
