"""The calls that answer an interaction: the first response within three seconds, and what follows it.

They do not count towards the bot's own rate limit, as Discord documents. A response whose answer was lost may have
arrived: Discord then says that there was one already, which is taken for success. What changes a message says the same
again when it is repeated; one more message is never sent twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.discord.commands.answers import Document
from adapters.discord.commands.arrived import Arrived
from adapters.discord.rest.asks import Ask, File
from adapters.discord.rest.refusals import ALREADY_ANSWERED, Denied
from adapters.discord.rest.rest import Rest

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
"""Discord's types of a first response."""

RESPONSE_S = 3.0
"""How long Discord waits for the first response."""


class Answering(Protocol):
    """How an interaction is answered."""

    async def respond(self, to: Arrived, type: int, data: Mapping[str, Any] | None = None) -> None:
        """The first response. Raises Denied, with the status 404 when it comes too late, and Unanswered."""
        ...

    async def change(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        """Fill in the response that was deferred, or change the message that a component stands on.

        Raises Denied and Unanswered.
        """
        ...

    async def follow(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        """One more message. Raises Denied and Unanswered."""
        ...


class DiscordAnswering:
    """Implements Answering over HTTP."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def respond(self, to: Arrived, type: int, data: Mapping[str, Any] | None = None) -> None:
        body = {"type": type} if data is None else {"type": type, "data": dict(data)}
        path = f"/interactions/{to.id}/{to.token}/callback"
        try:
            await self._ask(to, "POST", path, body, may_repeat=True, within_s=RESPONSE_S)
        except Denied as denied:
            if denied.code != ALREADY_ANSWERED:
                raise

    async def change(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        path = f"/webhooks/{to.application}/{to.token}/messages/@original"
        await self._ask(to, "PATCH", path, body, files=_files(documents))

    async def follow(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        path = f"/webhooks/{to.application}/{to.token}"
        await self._ask(to, "POST", path, body, files=_files(documents), query={"wait": "true"})

    async def _ask(self, to: Arrived, method: str, path: str, body: Mapping[str, Any], **more: Any) -> None:
        lane = f"interaction {to.id}"
        await self._rest.ask(Ask(method, path, lane, body, is_signed=False, is_counted=False, **more))


def _files(documents: Sequence[Document]) -> tuple[File, ...]:
    return tuple(File(document.name, document.content) for document in documents)
