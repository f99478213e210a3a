"""Commands from click to answer, without Discord: what is acknowledged when, and what becomes of errors."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unittest.mock import AsyncMock, Mock, create_autospec

import pytest

from adapters.discord.commands import dispatch
from adapters.discord.commands.answering import (
    CHOICES,
    DEFERRED_MESSAGE,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
)
from adapters.discord.commands.answers import Answer, Card, Choice, Document, Field, Form, Input, Shown, said
from adapters.discord.commands.arrived import Arrived, Interaction
from adapters.discord.commands.custom_ids import CustomId
from adapters.discord.commands.declaring import Asked, Command, Group, Option, Permission, Reaction, Where
from adapters.discord.commands.dispatch import Dispatch
from adapters.discord.commands.sessions import Sessions
from engine.application import Engine
from engine.errors import Invalid

EPHEMERAL = 64


@dataclass
class Answered:
    """Implements Answering, and keeps the order of what was sent."""

    sent: list[tuple[str, int | None, Mapping[str, Any]]] = field(default_factory=list)

    async def respond(self, to: Arrived, type: int, data: Mapping[str, Any] | None = None) -> None:
        self.sent.append(("respond", type, data or {}))

    async def change(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        self.sent.append(("change", None, body))

    async def follow(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        self.sent.append(("follow", None, body))

    @property
    def steps(self) -> list[tuple[str, int | None]]:
        return [(how, kind) for how, kind, _ in self.sent]

    def text(self) -> str:
        body = self.sent[-1][2]
        return body["content"] + "".join(embed.get("description", "") for embed in body.get("embeds", ()))


async def greet(asked: Asked) -> Answer:
    return said(f"Hello {asked.name} {asked.text('word')}")


async def refuse(asked: Asked) -> Answer:
    raise Invalid("That is no number.")


async def break_(asked: Asked) -> Answer:
    raise RuntimeError("a secret word")


async def ask(asked: Asked) -> Answer:
    return Form("Who?", CustomId("test", "sent"), (Input("who", "Name"),))


async def dawdle(asked: Asked) -> Answer:
    await asyncio.Event().wait()
    return Shown()


async def overflow(asked: Asked) -> Answer:
    return Shown(cards=(Card(fields=(Field("x", "x" * 1_000),) * 7),))


async def crowd(asked: Asked) -> Answer:
    return Form("Who?", CustomId("test", "sent"), (Input("who", "Name"),) * 6)


async def stumble(asked: Asked, typed: str) -> list[Choice]:
    raise RuntimeError(typed)


async def take_form(asked: Asked) -> Answer:
    return said(f"You said {asked.inputs['who']}")


async def complete(asked: Asked, typed: str) -> list[Choice]:
    return [Choice(typed.title(), typed)]


async def complete_slowly(asked: Asked, typed: str) -> list[Choice]:
    await asyncio.Event().wait()
    return []


GROUP = Group(
    "test",
    "For tests.",
    (
        Command("test greet", "x", greet, options=(Option("word", "x", complete=complete),)),
        Command("test aloud", "x", greet, seen="publicly"),
        Command("test refuse", "x", refuse),
        Command("test break", "x", break_),
        Command("test ask", "x", ask, seen="as a form"),
        Command("test overflow", "x", overflow),
        Command("test crowd", "x", crowd, seen="as a form"),
        Command("test stumble", "x", greet, options=(Option("word", "x", complete=stumble),)),
        Command("test dawdle", "x", dawdle, seen="as a form"),
        Command("test moderate", "x", greet, needs=Permission.MANAGE_MESSAGES, where=(Where.SERVER,)),
        Command("test operate", "x", greet, is_for_operators=True),
        Command(
            "test suggest", "x", greet, options=(Option("word", "x", complete=lambda asked, typed: dawdle(asked)),)
        ),
    ),
    (
        Reaction("test", "press", greet),
        Reaction("test", "spoil", refuse),
        Reaction("test", "ask", ask, after="as a form"),
        Reaction("test", "sent", take_form),
    ),
)


@pytest.fixture
def answered() -> Answered:
    return Answered()


@pytest.fixture
def commands(answered: Answered) -> Dispatch:
    return Dispatch(
        create_autospec(Engine, instance=True),
        [GROUP],
        answering=answered,
        sessions=create_autospec(Sessions, instance=True),
        fetch=AsyncMock(),
        fit=AsyncMock(),
        publishing=AsyncMock(),
        servers=AsyncMock(),
        show_typing=Mock(),
        operators=[7],
        clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )


def command(path: str, **more: Any) -> Arrived:
    defaults: dict[str, Any] = {
        "id": 1,
        "token": "t",
        "application": 2,
        "kind": Interaction.COMMAND,
        "account": 3,
        "name": "Alice",
        "channel": 4,
        "parent": None,
        "server": 5,
        "permissions": 0,
        "path": path,
    }
    return Arrived(**{**defaults, **more})


def pressed(action: str, **more: Any) -> Arrived:
    more = {"kind": Interaction.COMPONENT, "custom_id": f"test::{action}", "is_on_message": True, **more}
    return command("", **more)


async def test_a_command_is_acknowledged_before_it_is_done(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(command("test greet", options={"word": "there"}))
    assert answered.steps == [("respond", DEFERRED_MESSAGE), ("change", None)]
    assert answered.sent[0][2] == {"flags": EPHEMERAL}
    assert answered.text() == "Hello Alice there"


async def test_a_public_command_is_acknowledged_for_all_to_see(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(command("test aloud"))
    assert answered.sent[0] == ("respond", DEFERRED_MESSAGE, {})


async def test_a_refusal_is_told_in_its_own_words(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(command("test refuse"))
    assert answered.text() == "That is no number."


async def test_what_breaks_is_told_without_what_was_in_it(
    commands: Dispatch, answered: Answered, caplog: pytest.LogCaptureFixture
) -> None:
    await commands.answer(command("test break"))
    assert "secret" not in answered.text()
    assert "went wrong" in answered.text()
    assert "/test break failed" in caplog.text


async def test_a_form_is_the_first_response(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(command("test ask"))
    assert answered.steps == [("respond", MODAL)]


async def test_a_form_that_is_not_there_in_time_is_answered_all_the_same(
    commands: Dispatch, answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "QUICK_S", 0.01)
    await commands.answer(command("test dawdle"))
    assert answered.steps == [("respond", MESSAGE)]
    assert "too long" in answered.text()


async def test_suggestions_that_do_not_come_in_time_are_none(
    commands: Dispatch, answered: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "QUICK_S", 0.01)
    await commands.answer(command("test suggest", kind=Interaction.TYPING, focused="word", options={"word": "x"}))
    assert answered.sent == [("respond", CHOICES, {"choices": []})]


async def test_what_is_typed_is_completed(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(command("test greet", kind=Interaction.TYPING, focused="word", options={"word": "sea"}))
    assert answered.sent == [("respond", CHOICES, {"choices": [{"name": "Sea", "value": "sea"}]})]


async def test_a_button_changes_the_message_that_it_stands_on(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(pressed("press"))
    assert answered.steps == [("respond", DEFERRED_UPDATE), ("change", None)]


async def test_a_button_that_fails_leaves_its_message_and_tells_the_clicker(
    commands: Dispatch, answered: Answered
) -> None:
    await commands.answer(pressed("spoil"))
    assert answered.steps == [("respond", DEFERRED_UPDATE), ("follow", None)]
    assert answered.sent[-1][2]["flags"] == EPHEMERAL


async def test_a_button_may_lead_to_a_form_and_the_form_back(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(pressed("ask"))
    await commands.answer(pressed("sent", kind=Interaction.FORM, inputs={"who": "Bob"}))
    assert answered.steps == [("respond", MODAL), ("respond", DEFERRED_UPDATE), ("change", None)]
    assert answered.text() == "You said Bob"


async def test_a_form_without_a_message_answers_with_a_new_one(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(pressed("sent", kind=Interaction.FORM, inputs={"who": "Bob"}, is_on_message=False))
    assert answered.steps == [("respond", DEFERRED_MESSAGE), ("change", None)]


@pytest.mark.parametrize("id", ["someone-elses", "test::gone", "other::press"])
async def test_a_button_nobody_knows_any_more_says_so(commands: Dispatch, answered: Answered, id: str) -> None:
    await commands.answer(pressed("", custom_id=id))
    assert answered.steps == [("respond", MESSAGE)]
    assert answered.sent[-1][2]["flags"] == EPHEMERAL


async def test_a_command_nobody_knows_any_more_says_so(commands: Dispatch, answered: Answered) -> None:
    await commands.answer(command("test old"))
    assert answered.steps == [("respond", MESSAGE)]


@pytest.mark.parametrize(
    ("arrived", "reason"),
    [
        (command("test moderate"), "Manage Messages"),
        (command("test moderate", server=None), "direct message"),
        (command("test operate"), "runs this bot"),
    ],
)
async def test_whom_discord_should_not_have_let_through_is_refused(
    commands: Dispatch, answered: Answered, arrived: Arrived, reason: str
) -> None:
    await commands.answer(arrived)
    assert answered.steps == [("respond", MESSAGE)]
    assert reason in answered.text()


@pytest.mark.parametrize(
    "arrived",
    [
        command("test moderate", permissions=Permission.MANAGE_MESSAGES),
        command("test moderate", permissions=Permission.ADMINISTRATOR),
        command("test operate", account=7),
    ],
)
async def test_whoever_may_is_let_through(commands: Dispatch, answered: Answered, arrived: Arrived) -> None:
    await commands.answer(arrived)
    assert "Hello" in answered.text()


# --- what should never happen ---


def sent(kind: Interaction, **data: Any) -> dict[str, Any]:
    """An interaction as Discord sends it, by somebody who runs nothing and may do nothing."""
    return {
        "id": "1",
        "token": "t",
        "application_id": "2",
        "type": int(kind),
        "channel_id": "4",
        "guild_id": "5",
        "member": {"user": {"id": "3", "username": "alice"}, "permissions": "0"},
        "data": data,
    }


async def test_the_same_interaction_twice_is_answered_once(commands: Dispatch, answered: Answered) -> None:
    payload = sent(Interaction.COMPONENT, custom_id="test::press")
    await asyncio.gather(commands.take(payload), commands.take(payload))
    await commands.take(payload)
    assert answered.steps == [("respond", DEFERRED_MESSAGE), ("change", None)]


async def test_an_answer_that_discord_would_not_take_is_told_of(commands: Dispatch, answered: Answered) -> None:
    await commands.take(sent(Interaction.COMMAND, name="test", options=[{"name": "overflow", "type": 1}]))
    assert "more than Discord shows" in answered.text()


async def test_a_form_that_discord_would_not_take_is_told_of(commands: Dispatch, answered: Answered) -> None:
    await commands.take(sent(Interaction.COMMAND, name="test", options=[{"name": "crowd", "type": 1}]))
    assert answered.steps == [("respond", MESSAGE)]
    assert "at most 5 inputs" in answered.text()


async def test_suggestions_that_break_are_none(commands: Dispatch, answered: Answered) -> None:
    word = {"name": "word", "type": 3, "value": "a", "focused": True}
    await commands.take(
        sent(Interaction.TYPING, name="test", options=[{"name": "stumble", "type": 1, "options": [word]}])
    )
    assert answered.sent == [("respond", CHOICES, {"choices": []})]


@pytest.mark.parametrize("data", [{"name": "test", "options": 5}, {}, {"name": "test", "options": [None]}])
async def test_what_cannot_be_read_is_passed_over(commands: Dispatch, answered: Answered, data: dict[str, Any]) -> None:
    await commands.take(sent(Interaction.COMMAND, **data))
    assert answered.sent == []


async def test_what_people_said_is_in_no_log_when_something_breaks(
    commands: Dispatch, caplog: pytest.LogCaptureFixture
) -> None:
    await commands.answer(command("test break"))
    assert "/test break failed" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
