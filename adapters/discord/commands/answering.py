"""The calls that answer an interaction: the first response within three seconds, and what follows it.

They go past the bot's own rate limit, as Discord documents, so they use a connection of their own. A response whose
answer was lost may have arrived: Discord then says that there was one already, which is taken for success.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from io import BytesIO
from typing import Any, Protocol

import aiohttp
import nextcord
from nextcord.webhook.async_ import AsyncWebhookAdapter

from adapters.discord.commands.answers import Document
from adapters.discord.commands.arrived import Arrived

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
"""Discord's types of a first response."""

ALREADY_ANSWERED = 40060
MOST_TRIES = 3
"""When the connection is cut: what is repeated here says the same thing again, so it may arrive twice."""


class Answering(Protocol):
    """How an interaction is answered."""

    async def respond(self, to: Arrived, type: int, data: Mapping[str, Any] | None = None) -> None:
        """The first response. Raises nextcord.NotFound when it comes too late."""
        ...

    async def change(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        """Fill in the response that was deferred, or change the message that a component stands on."""
        ...

    async def follow(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        """One more message."""
        ...


class DiscordAnswering:
    """Implements Answering over HTTP."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._adapter = AsyncWebhookAdapter()

    async def respond(self, to: Arrived, type: int, data: Mapping[str, Any] | None = None) -> None:
        body = dict(data) if data is not None else None
        try:
            await _insisting(
                lambda: self._adapter.create_interaction_response(
                    to.id, to.token, session=self._session, type=type, data=body
                )
            )
        except nextcord.HTTPException as error:
            if error.code != ALREADY_ANSWERED:
                raise

    async def change(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        await _insisting(
            lambda: self._adapter.edit_original_interaction_response(
                to.application, to.token, session=self._session, **_parts(body, documents)
            )
        )

    async def follow(self, to: Arrived, body: Mapping[str, Any], documents: Sequence[Document]) -> None:
        await self._adapter.execute_webhook(
            to.application, to.token, session=self._session, wait=True, **_parts(body, documents)
        )


async def _insisting(call: Callable[[], Awaitable[object]]) -> None:
    """Call again when the connection was cut."""
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            await call()
        except aiohttp.ClientError:
            if not tries_left:
                raise
        else:
            return


def _parts(body: Mapping[str, Any], documents: Sequence[Document]) -> dict[str, Any]:
    """A body alone, or a form with the documents beside it."""
    if not documents:
        return {"payload": dict(body)}
    multipart: list[dict[str, Any]] = [{"name": "payload_json", "value": nextcord.utils.to_json(dict(body))}]
    files = []
    for number, document in enumerate(documents):
        file = nextcord.File(BytesIO(document.content), filename=document.name)
        files.append(file)
        multipart.append(
            {
                "name": f"files[{number}]",
                "value": file.fp,
                "filename": document.name,
                "content_type": "application/octet-stream",
            }
        )
    return {"multipart": multipart, "files": files}
