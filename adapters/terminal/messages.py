"""`message`: what was said, erased for good or put in other words."""

import asyncio
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


PROJECTIONS_TIMEOUT_S = 10.0
TRACE_LOOKS, TRACE_PAUSE_S = 20, 0.25


@dataclass(frozen=True)
class Erased(Result):
    """The receipt of an erasure."""

    message: str
    receipt: ErasureReceipt
    traces: int
    """Rows of the projections, in every build of them, that still hold words of it."""

    @property
    def is_complete(self) -> bool:
        return self.receipt.is_complete and not self.traces

    @property
    @override
    def exit_code(self) -> int:
        return 0 if self.is_complete else 1

    @property
    @override
    def error(self) -> str | None:
        if not self.receipt.is_complete:
            return f"{self.receipt.remaining} of its events can still be read: erase it again."
        if self.traces:
            return f"It is gone from the log, but {self.traces} rows made of it are not yet: ask again in a moment."
        return None

    @override
    def as_json(self) -> dict[str, Any]:
        receipt = self.receipt
        return {
            "message": self.message,
            "receipt": receipt.receipt,
            "subjects": list(receipt.subjects),
            "positions": list(receipt.positions),
            "remaining": receipt.remaining,
            "traces": self.traces,
            "complete": self.is_complete,
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
                    "rows left": self.traces,
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
    receipt = await session.engine.messages.erase(message, at=session.now())
    return Erased(message, receipt, await _traces_left(receipt, session))


async def _traces_left(receipt: ErasureReceipt, session: Session) -> int:
    """How many rows made of it are left once the projections know that it is gone; given a moment, none."""
    read = session.engine.read
    await read.wait_for(receipt.position, timeout_s=PROJECTIONS_TIMEOUT_S)
    for _ in range(TRACE_LOOKS):
        if not await read.traces_of(*receipt.subjects):
            return 0
        await asyncio.sleep(TRACE_PAUSE_S)  # what another process replaces is dropped once nobody reads it
    return await read.traces_of(*receipt.subjects)


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
