"""How characters look on Discord, brought to what the log says: published, put on the card, and the former withdrawn.

Each step can be interrupted and the whole be repeated. The address on a card that its owner entered by hand is theirs:
only their own next wish replaces it.
"""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime

from adapters.discord.faces import Faces, NotPublished, address_of, faces_of, is_face, name_of_face
from engine.application import Engine
from engine.domain import Character
from engine.domain.avatar import Picture
from engine.domain.ids import character_id
from engine.errors import LogUnavailable
from engine.reading import AuditQuestion

TIMEOUT_S = 60.0
"""What a few requests take that Discord is slow to answer."""
MOST_ROUNDS = 5
"""How often it is done again because the picture changed meanwhile; only a fault takes that many."""
MOST_CHANGES = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done for Discord to show what the log says."""

    missing: Mapping[str, str]
    """Character by the name of the face that is not published, or not on its card."""
    unwanted: Mapping[str, str]
    """Id by the name of what is published and nobody's face any more."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.unwanted)


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that Discord did not take."""

    character: str
    reason: str


class Publishing:
    """`character` is a token throughout."""

    def __init__(self, engine: Engine, faces: Faces) -> None:
        self._engine = engine
        self._faces = faces

    async def show(self, character: str, *, at: datetime) -> str | None:
        """Show what the log says, because its owner just said so, and return the address. Raises NotPublished."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._show(character, dict(await self._faces.published()), at=at, is_asked=True)
        except TimeoutError:
            raise NotPublished("Discord takes its time with pictures.") from None

    async def plan(self) -> Plan:
        published = await self._faces.published()
        missing: dict[str, str] = {}
        wanted: set[str] = set()
        for character in await self._with_pictures():
            found = await self._find(character)
            if found is None or found.is_deleted:
                continue
            picture, now = await self._wanted(character, found), found.fields.get("avatar_url")
            if picture is None:
                missing |= {faces_of(character): character} if is_face(now) else {}
                continue
            name = name_of_face(character, picture)
            wanted.add(name)
            if name not in published or now != address_of(published[name]):
                missing[name] = character
        return Plan(missing, {name: id_ for name, id_ in published.items() if name not in wanted})

    async def carry_out(self, plan: Plan, *, at: datetime) -> list[Failure]:
        """Do what is planned; what Discord does not take is left for the next time."""
        failures = []
        published = dict(await self._faces.published())
        for character in plan.missing.values():
            try:
                await self._show(character, published, at=at)
            except NotPublished as error:
                failures.append(Failure(character, error.message))
        for id_ in {published[name] for name in plan.unwanted if name in published}:
            try:
                await self._faces.withdraw(id_)
            except NotPublished as error:
                failures.append(Failure("", error.message))
        return failures

    async def _show(
        self, character: str, published: MutableMapping[str, str], *, at: datetime, is_asked: bool = False
    ) -> str | None:
        """Whoever changes the picture meanwhile does the same; the last to look finds what stands on the log."""
        for _ in range(MOST_ROUNDS):
            picture = await self._wanted(character, await self._find(character), is_asked=is_asked)
            name = name_of_face(character, picture) if picture is not None else None
            if name is not None and picture is not None and name not in published:
                published[name] = await self._publish(name, picture)
            address = address_of(published[name]) if name is not None else None
            await self._put_on_card(character, address, at=at, is_asked=is_asked)
            for other in [other for other in published if other.startswith(faces_of(character)) and other != name]:
                await self._faces.withdraw(published.pop(other))
            if await self._wanted(character, await self._find(character), is_asked=is_asked) == picture:
                return address
        raise LogUnavailable("Others kept changing its picture: try again.")

    async def _publish(self, name: str, picture: Picture) -> str:
        """Publish it; where it stands there already after all, that is where the answer of an earlier try was lost."""
        try:
            return await self._faces.publish(name, picture)
        except NotPublished:
            found = (await self._faces.published()).get(name)
            if found is None:
                raise
            return found

    async def _put_on_card(self, character: str, address: str | None, *, at: datetime, is_asked: bool) -> None:
        found = await self._find(character)
        now = found.fields.get("avatar_url") if found is not None else None
        if found is None or found.is_deleted or now == address or not (now is None or is_face(now) or is_asked):
            return
        changes = {"avatar_url": address}
        await self._engine.settables.edit(Character, found.id, person=found.person, changes=changes, at=at)

    async def _wanted(self, character: str, found: Character | None, *, is_asked: bool = False) -> Picture | None:
        """The picture that is to be shown, if one is."""
        if found is None or found.is_deleted:
            return None
        by_hand = found.fields.get("avatar_url") is not None and not is_face(found.fields.get("avatar_url"))
        return await self._engine.avatars.picture(character) if is_asked or not by_hand else None

    async def _find(self, character: str) -> Character | None:
        return await self._engine.log.find(Character, character_id(character))

    async def _with_pictures(self) -> list[str]:
        """Every character that ever had a picture."""
        asked = [AuditQuestion(type=it, limit=MOST_CHANGES) for it in ("AvatarSet", "AvatarErased")]
        found = [entry for question in asked for entry in await self._engine.read.entries(question)]
        return list(dict.fromkeys(entry.character for entry in found if entry.character is not None))
