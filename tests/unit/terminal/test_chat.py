from collections.abc import Callable
from typing import Any

import pytest

from adapters.terminal.chat import Chat
from adapters.terminal.command_line import build
from adapters.terminal.session import Session
from engine.domain import Message


@pytest.fixture
def talk(session: Session, engine: Any, a_reply: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Type lines into a chat in which every message is answered."""

    def answer(message: Message) -> None:
        reply = a_reply(message.id, text=f"You said {message.text}.", character=message.addresses[0])
        engine.log.aggregates[reply.id] = reply

    engine.replies = answer

    async def typed(*lines: str, chat: Chat | None = None) -> None:
        left = iter(lines)

        async def ask(prompt: str) -> str | None:
            return next(left, None)

        monkeypatch.setattr(session.screen, "ask", ask)
        await (chat or Chat(build(), None, None)).perform(session)

    return typed


async def test_a_line_is_said_and_answered(talk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    await talk("hello", "", "good night")
    out = capsys.readouterr().out
    assert "Lyra: You said hello." in out
    assert "Lyra: You said good night." in out


async def test_it_says_at_the_start_that_the_offline_model_answers(
    talk: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk()
    out = capsys.readouterr().out
    assert "You talk to Lyra" in out
    assert "OPENAI_API_KEY" in out


async def test_it_speaks_for_whom_it_was_started(talk: Any, engine: Any) -> None:
    await talk("hello", chat=Chat(build(), None, "Bob"))
    assert [said.person for said in engine.heard] == ["hash-of-terminal-Bob"]


async def test_quit_ends_it(talk: Any, engine: Any) -> None:
    await talk("/quit", "hello")
    assert engine.heard == []


async def test_talk_changes_to_whom_one_talks(talk: Any, engine: Any) -> None:
    engine.characters["mira"] = type(engine.characters["lyra"])("character.mira", 1, {"name": "Mira", "slug": "mira"})
    await talk("hello", "/talk mira", "hello")
    assert [said.addresses for said in engine.heard] == [("lyra",), ("mira",)]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/nope", "No such command"),
        ("/memory search", "Missing argument"),
        ('/memory search "half', "not closed"),
        ("/demo", "does not work in a chat"),
        ("/chat", "does not work in a chat"),
        ("/talk nobody", "no character nobody"),
    ],
)
async def test_a_wrong_command_is_said_and_the_chat_goes_on(
    talk: Any, line: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(line, "hello")
    out, err = capsys.readouterr()
    assert error in err
    assert err.count("\n") == 1
    assert "You said hello" in out


async def test_why_without_an_id_asks_for_the_last_reply(talk: Any, session: Session, engine: Any) -> None:
    asked: list[str] = []

    async def explain(reply: str) -> Any:
        asked.append(reply)
        raise_not_found(reply)

    engine.why = type("Why", (), {"explain": staticmethod(explain)})
    await talk("hello", "/why")
    assert asked == [f"reply.{engine.heard[0].message.removeprefix('message.')}.lyra.1"]


def raise_not_found(reply: str) -> None:
    from engine.errors import NotFound  # noqa: PLC0415

    raise NotFound(reply)
