"""`message`: what was said, erased for good or put in other words."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.options import Json, Yes
from adapters.terminal.screen import Result, words
from adapters.terminal.session import Request, Session
from adapters.terminal.tables import pairs
from engine.commands.erasing import ErasureReceipt
from engine.domain import Message
from engine.errors import NotFound, Refused

app = typer.Typer(help="What was said: erase it for good, or edit it.")

MessageId = Annotated[
    str, typer.Argument(metavar="MESSAGE", help="The message's id, or its reply's.", show_default=False)
]


@dataclass(frozen=True)
class Erased(Result):
    """The receipt of an erasure."""

    message: str
    receipt: ErasureReceipt

    @property
    @override
    def exit_code(self) -> int:
        return 0 if self.receipt.is_complete else 1

    @property
    @override
    def error(self) -> str | None:
        if self.receipt.is_complete:
            return None
        return f"{self.receipt.remaining} of its events can still be read: erase it again."

    @override
    def as_json(self) -> dict[str, Any]:
        receipt = self.receipt
        return {
            "message": self.message,
            "receipt": receipt.receipt,
            "subjects": list(receipt.subjects),
            "positions": list(receipt.positions),
            "remaining": receipt.remaining,
            "complete": receipt.is_complete,
            "position": receipt.position,
        }

    @override
    def __rich__(self) -> RenderableType:
        receipt = self.receipt
        return Group(
            words("Erased for good, with every reply to it and what was remembered of them."),
            pairs(
                {
                    "receipt": receipt.receipt,
                    "erased": ", ".join(receipt.subjects),
                    "events deleted": len(receipt.positions),
                    "still readable": receipt.remaining,
                }
            ),
        )


@dataclass(frozen=True)
class MessageEdited(Result):
    """A message was put in other words, or had those already."""

    message: str
    position: int
    happened: bool

    @override
    def as_json(self) -> dict[str, Any]:
        return {"message": self.message, "position": self.position, "happened": self.happened}

    @override
    def __rich__(self) -> RenderableType:
        if not self.happened:
            return words("Nothing had to change.")
        return words(f"Edited; the former text is deleted from the log (event {self.position}).")


def message_of(id: str) -> str:
    """The id of a message, given that or the id of a reply to it."""
    match id.split("."):
        case ["reply" | "memory", place, message, _, _]:
            return f"message.{place}.{message}"
        case ["message", *_]:
            return id
        case _:
            return f"message.{id}"


async def erase(id: str, *, is_agreed: bool, session: Session) -> Erased:
    message = message_of(id)
    if await session.engine.log.find(Message, message) is None:
        raise NotFound(f"There is no message {message}.")
    if not is_agreed and not await session.screen.confirmed("Erase this message for good? It can not be undone."):
        raise Refused("Nothing was erased.")
    return Erased(message, await session.engine.messages.erase(message, at=session.now()))


async def edit(id: str, text: str, session: Session) -> MessageEdited:
    message = message_of(id)
    if await session.engine.log.find(Message, message) is None:
        raise NotFound(f"There is no message {message}.")
    outcome = await session.engine.messages.edit(message, text=text, at=session.now())
    return MessageEdited(message, outcome.position, outcome.happened)


@app.command("erase")
def erase_command(message: MessageId, *, yes: Yes = False, json: Json = False) -> Request:
    """Erase a message, the replies to it and what was remembered of them, and print the receipt."""

    async def perform(session: Session) -> Erased:
        return await erase(message, is_agreed=yes, session=session)

    return Request(perform, as_json=json)


@app.command("edit")
def edit_command(
    message: MessageId,
    text: Annotated[str, typer.Argument(help="What it should say.", show_default=False)],
    *,
    json: Json = False,
) -> Request:
    """Replace a message's text; the former text is deleted from the log. A reply that was given stands."""
    return Request(partial(edit, message, text), as_json=json)
