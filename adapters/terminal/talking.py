"""`say`: one message, and the reply to it."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.host import ALL_ROLES
from adapters.terminal.options import As, Character, Json
from adapters.terminal.screen import Result, words
from adapters.terminal.session import Request, Session, new_message_id, private_place, shared_place, token_of
from adapters.terminal.waiting import is_at_its_end, wait_for_reply
from engine.commands.messages import Hear
from engine.domain import Reply
from engine.domain.ids import message_id, reply_id
from engine.domain.reply import ReplyState
from engine.errors import Invalid

DEFAULT_TIMEOUT_S = 120.0

ERASED = "This message was erased: it stays erased, and nobody answers it."
TOO_LATE = "No reply within {timeout_s:g} s. It may still come: say the same message id again to see it."


@dataclass(frozen=True)
class Said(Result):
    """A message and what became of the reply to it."""

    message: str
    place: str
    character: str
    character_name: str
    reply: str | None
    state: str
    text: str | None
    problem: str | None = None

    @property
    @override
    def exit_code(self) -> int:
        return 0 if self.state in (ReplyState.DELIVERED, ReplyState.ERASED) else 1

    @property
    @override
    def error(self) -> str | None:
        return self.problem if self.exit_code else None

    @override
    def as_json(self) -> dict[str, Any]:
        document = {
            "message": self.message,
            "reply": self.reply,
            "text": self.text,
            "state": self.state,
            "character": self.character,
            "place": self.place,
        }
        return document if self.problem is None else {**document, "error": self.problem}

    @override
    def __rich__(self) -> RenderableType:
        if self.text is None:
            return words(self.problem or "")
        said = words(f"{self.character_name}: ", "bold").append_text(words(self.text))
        return Group(said, words(str(self.reply), "dim"))


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said, as it was asked for; None stands for the session's own."""

    text: str
    character: str | None = None
    name: str | None = None
    place: str | None = None
    message_id: str | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S


async def say(saying: Saying, session: Session) -> Said:
    """Say something and wait for the reply. The same message id again is the same message."""
    if not saying.text.strip():
        raise Invalid("There is nothing to say: the text is empty.")
    engine = session.engine
    person = await session.speaker(saying.name)
    character = await session.whom(saying.character, person)
    at = session.now()
    place = shared_place(saying.place) if saying.place else private_place(person)
    message = message_id(place, saying.message_id or new_message_id(at))
    heard = await engine.messages.hear(
        Hear(
            message=message,
            person=person,
            text=saying.text,
            addresses=(token_of(character),),
            is_private=saying.place is None,
            at=at,
        )
    )
    name = str(character.fields.get("name") or character.fields.get("slug") or "")
    if heard.aggregate.is_gone:
        return Said(message, place, token_of(character), name, None, ReplyState.ERASED, None, ERASED)
    # A message that was heard before asks whom it asked then.
    asked = heard.aggregate.addresses[0] if heard.aggregate.addresses else token_of(character)
    reply = reply_id(message, asked)
    with session.screen.waiting(f"{name} is thinking"):
        found = await wait_for_reply(engine.log, reply, timeout_s=saying.timeout_s)
    session.last_reply = reply
    state, text, problem = _became_of(found, saying.timeout_s)
    return Said(message, place, asked, name, None if state == ReplyState.ERASED else reply, state, text, problem)


def _became_of(reply: Reply | None, timeout_s: float) -> tuple[str, str | None, str | None]:
    """State, text and problem of a reply that was waited for."""
    if reply is None:
        return "waiting", None, TOO_LATE.format(timeout_s=timeout_s)
    if reply.state is ReplyState.DELIVERED:
        return reply.state, str(reply.text), None
    return reply.state, None, _problem(reply) or TOO_LATE.format(timeout_s=timeout_s)


def _problem(reply: Reply) -> str | None:
    """Why a reply does not come; None while it may."""
    match reply.state:
        case ReplyState.ERASED:
            return ERASED
        case ReplyState.WITHDRAWN if reply.withdrawn_for == "repeat":
            return "You said the same a moment ago: it is answered there."
        case ReplyState.WITHDRAWN:
            return "The reply was withdrawn: what it answers has gone."
        case ReplyState.UNDELIVERABLE:
            return f"The reply was made, but not delivered. {reply.obstacle}"
        case ReplyState.FAILED if is_at_its_end(reply) and reply.failure is not None:
            return reply.failure.message
    return None


def register(app: typer.Typer) -> None:
    @app.command("say")
    def say_command(
        text: Annotated[str, typer.Argument(help="What to say.", show_default=False)],
        *,
        character: Character = None,
        name: As = None,
        place: Annotated[
            str | None, typer.Option("--place", metavar="PLACE", help="A shared place; without it, in private.")
        ] = None,
        message: Annotated[
            str | None,
            typer.Option("--message-id", metavar="ID", help="The message's own id: saying it again changes nothing."),
        ] = None,
        timeout: Annotated[
            float, typer.Option("--timeout", metavar="SECONDS", min=0.1, help="How long to wait for the reply.")
        ] = DEFAULT_TIMEOUT_S,
        json: Json = False,
    ) -> Request:
        """Say one thing to a character and print its reply, with the reply's id."""
        saying = Saying(text, character, name, place, message, timeout)
        return Request(partial(say, saying), as_json=json, roles=ALL_ROLES, works_in_chat=False)
