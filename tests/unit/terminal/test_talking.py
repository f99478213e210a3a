from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.terminal.session import Session
from adapters.terminal.talking import Saying, say
from engine.domain import Message, Reply
from engine.errors import Invalid, NotFound

AT = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)


def answered(engine: Any, reply_of: Callable[[Message], Reply]) -> None:
    def answer(message: Message) -> None:
        reply = reply_of(message)
        engine.log.aggregates[reply.id] = reply

    engine.replies = answer


async def test_a_delivered_reply_is_printed_with_its_ids(engine: Any, session: Session, a_reply: Any) -> None:
    answered(engine, lambda message: a_reply(message.id, text="Aye."))
    said = await say(Saying("Hello", message_id="m 1"), session)
    place = "terminal-hash-of-terminal-Ann"
    assert said.as_json() == {
        "message": f"message.{place}.m_201",
        "reply": f"reply.{place}.m_201.lyra.1",
        "text": "Aye.",
        "state": "delivered",
        "character": "lyra",
        "place": place,
    }
    assert said.exit_code == 0
    assert session.last_reply == said.reply


async def test_what_is_said_in_a_named_place_is_said_in_a_group(engine: Any, session: Session, a_reply: Any) -> None:
    answered(engine, lambda message: a_reply(message.id))
    await say(Saying("Hello", place="the pier"), session)
    await say(Saying("Hello"), session)
    shared, private = engine.heard
    assert (shared.message.split(".")[1], shared.is_private) == ("terminal-the_20pier", False)
    assert private.is_private


async def test_messages_without_an_id_are_different_ones(engine: Any, session: Session, a_reply: Any) -> None:
    answered(engine, lambda message: a_reply(message.id))
    first, second = await say(Saying("Hello"), session), await say(Saying("Hello"), session)
    assert first.message != second.message


async def test_somebody_new_is_met_once(engine: Any, session: Session, a_reply: Any) -> None:
    answered(engine, lambda message: a_reply(message.id))
    await say(Saying("Hello"), session)
    await say(Saying("Hello"), session)
    assert engine.met == ["Ann"]


async def test_a_message_heard_before_shows_the_reply_of_whom_it_asked_then(
    engine: Any, session: Session, a_reply: Any
) -> None:
    engine.characters["mira"] = engine.characters["lyra"].__class__("character.mira", 1, {"slug": "mira"})
    answered(engine, lambda message: a_reply(message.id, character="lyra"))
    await say(Saying("Hello", message_id="1"), session)
    again = await say(Saying("Hello", message_id="1", character="mira"), session)
    assert again.character == "lyra"
    assert again.text == "Aye."


async def test_a_message_that_was_erased_has_no_reply_and_says_so(engine: Any, session: Session) -> None:
    def erase(message: Message) -> None:
        message.erase(receipt="r", reason="asked", at=AT)

    engine.replies = erase
    said = await say(Saying("Hello"), session)
    document = said.as_json()
    assert (document["reply"], document["text"], document["state"], said.exit_code) == (None, None, "erased", 0)
    assert "stays erased" in document["error"]


async def test_a_failure_is_told_in_its_own_words_and_is_no_success(
    engine: Any, session: Session, a_reply: Any
) -> None:
    def fail(message: Message) -> Reply:
        reply: Reply = a_reply(message.id, text=None)
        reply.fail(reason="payment", message="The account has no credit.", is_permanent=True, at=AT)
        return reply

    answered(engine, fail)
    said = await say(Saying("Hello"), session)
    assert (said.state, said.exit_code, said.error) == ("failed", 1, "The account has no credit.")
    assert said.as_json()["error"] == "The account has no credit."


async def test_a_reply_that_was_withdrawn_is_no_success(engine: Any, session: Session, a_reply: Any) -> None:
    def withdraw(message: Message) -> Reply:
        reply: Reply = a_reply(message.id, text=None)
        reply.withdraw(reason="message deleted", at=AT)
        return reply

    answered(engine, withdraw)
    said = await say(Saying("Hello"), session)
    assert (said.state, said.exit_code) == ("withdrawn", 1)


async def test_words_said_again_at_once_are_answered_where_they_were_said_first(
    engine: Any, session: Session, a_reply: Any
) -> None:
    def withdraw(message: Message) -> Reply:
        reply: Reply = a_reply(message.id, text=None)
        reply.withdraw(reason="repeat", at=AT)
        return reply

    answered(engine, withdraw)
    said = await say(Saying("Hello"), session)
    assert "the same a moment ago" in str(said.error)


@pytest.mark.parametrize(("is_begun", "state"), [(False, "waiting"), (True, "started")])
async def test_who_waited_long_enough_is_told_that_it_may_still_come(
    engine: Any, session: Session, a_reply: Any, *, is_begun: bool, state: str
) -> None:
    if is_begun:
        answered(engine, lambda message: a_reply(message.id, text=None))
    said = await say(Saying("Hello", timeout_s=0.05), session)
    assert (said.state, said.exit_code) == (state, 1)
    assert "It may still come" in str(said.error)
    assert said.reply is not None


async def test_nothing_is_not_said(session: Session) -> None:
    with pytest.raises(Invalid):
        await say(Saying(" \n"), session)


async def test_nobody_of_that_name_is_talked_to(engine: Any, session: Session) -> None:
    with pytest.raises(NotFound, match="nobody"):
        await say(Saying("Hello", character="nobody"), session)
    assert engine.heard == []
