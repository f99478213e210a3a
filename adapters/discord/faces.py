"""The faces of characters, published where Discord itself finds them: as emojis that belong to the application.

A webhook shows a picture by its address, and that has to be one that Discord can fetch. The log holds the pictures;
what is published is derived from it, can be published again from it at any time, and is named by character and
picture, so that doing it twice does it once (docs/decisions/0017).
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

from adapters.discord.rest.asks import Ask
from adapters.discord.rest.refusals import NOT_FOUND, Denied, Unanswered
from adapters.discord.rest.rest import Rest
from adapters.pictures import fitted
from engine.domain.avatar import Picture
from engine.errors import TzurotError

SIDE_PX = 128
"""What Discord makes of an emoji, by its documentation of Create Application Emoji."""
MAX_BYTES = 256 * 1024
MOST = 2_000
FULL = 30008
"""Discord's code for one emoji too many."""

LANE = "our pictures"
PATIENCE_S = 20.0
"""Discord may ask to wait for minutes before the next emoji: nobody waits for that in front of a command."""

PREFIX = "avatar_"
HASH_CHARS = 12
"""Of the character and of the picture; with the prefix as many as an emoji's name may have."""

CDN = "https://cdn.discordapp.com"
"""Discord's own, also where this process reaches it by another address: it is Discord that fetches the picture."""
ADDRESS = f"{CDN}/emojis/"


class NotPublished(TzurotError):
    """Discord did not take the picture."""


class Faces(Protocol):
    """What is published, by the name of the emoji, each with its id."""

    async def published(self) -> Mapping[str, str]: ...

    async def publish(self, name: str, picture: Picture) -> str: ...

    async def withdraw(self, id: str) -> None: ...


def name_of_face(character: str, picture: Picture) -> str:
    """The name of the emoji that shows a character's picture."""
    return f"{faces_of(character)}{picture.sha256[:HASH_CHARS]}"


def faces_of(character: str) -> str:
    """How the names of all emojis of one character begin; it says nothing of who that is."""
    return f"{PREFIX}{hashlib.sha256(character.encode()).hexdigest()[:HASH_CHARS]}_"


def address_of(id: str) -> str:
    return f"{ADDRESS}{id}.webp?size={SIDE_PX}"


def is_face(address: object) -> bool:
    """Whether an address on a card was put there by publishing, rather than by its owner."""
    return isinstance(address, str) and address.startswith(ADDRESS)


class ApplicationEmojis:
    """Implements Faces. All of it raises NotPublished where Discord refuses or is out of reach."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._application: str | None = None

    async def published(self) -> Mapping[str, str]:
        answer = await self._ask("GET")
        items = answer.get("items") if isinstance(answer, dict) else None
        return {str(item["name"]): str(item["id"]) for item in items or () if str(item["name"]).startswith(PREFIX)}

    async def publish(self, name: str, picture: Picture) -> str:
        """Publish it under a name that is not there yet."""
        small = fitted(picture.content, side_px=SIDE_PX, limit_bytes=MAX_BYTES)
        image = f"data:{small.media_type};base64,{base64.b64encode(small.content).decode()}"
        made = await self._ask("POST", body={"name": name, "image": image})
        return str(made["id"])

    async def withdraw(self, id: str) -> None:
        """Take it away; one that is away already is as it should be."""
        await self._ask("DELETE", f"/{id}")

    async def _ask(self, method: str, below: str = "", body: Mapping[str, str] | None = None) -> Any:
        try:
            if self._application is None:
                found = await self._rest.ask(Ask("GET", "/applications/@me", lane=LANE))
                self._application = str(found["id"])
            path = f"/applications/{self._application}/emojis{below}"
            return await self._rest.ask(Ask(method, path, lane=LANE, body=body, within_s=PATIENCE_S))
        except Denied as denied:
            if method == "DELETE" and denied.status == NOT_FOUND:
                return None
            if denied.code == FULL:
                raise NotPublished(f"Discord keeps no more than {MOST:,} pictures of one bot.") from None
            raise NotPublished(f"Discord refused the picture ({denied}).") from None
        except Unanswered as unanswered:
            raise NotPublished(str(unanswered)) from None
