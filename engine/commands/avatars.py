"""The pictures of characters: set, cleared and erased by whoever owns the character."""

from datetime import datetime

from engine.commands.erasing import Erasing, ErasureReceipt
from engine.domain import Avatar, Character
from engine.domain.avatar import Picture
from engine.domain.ids import avatar_id, character_id
from engine.errors import Forbidden, NotFound
from engine.event_log import EventLog, Outcome


class Avatars:
    """`character` is a token throughout."""

    def __init__(self, log: EventLog, erasing: Erasing) -> None:
        self._log = log
        self._erasing = erasing

    async def set(self, character: str, picture: Picture, *, person: str, at: datetime) -> Outcome[Avatar]:
        """Give it this picture; the one that it has already changes nothing. Raises NotFound, Forbidden, Invalid."""
        await self._check_owner(character, person)
        id_ = avatar_id(character)
        return await self._log.change(
            Avatar,
            id_,
            lambda it: it.show(picture, person=person, at=at),
            create=lambda: Avatar.first(id_, picture, person=person, at=at),
        )

    async def clear(self, character: str, *, person: str, at: datetime) -> bool:
        """Take its picture away; False if it had none. Raises NotFound, Forbidden."""
        await self._check_owner(character, person)
        if await self._log.find(Avatar, avatar_id(character)) is None:
            return False
        done = await self._log.change(Avatar, avatar_id(character), lambda it: it.clear(person=person, at=at))
        return done.happened

    async def picture(self, character: str) -> Picture | None:
        """What it looks like; None without a picture, or once that was erased."""
        found = await self._log.find(Avatar, avatar_id(character))
        return found.picture if found is not None else None

    async def erase(self, character: str, *, person: str, at: datetime) -> ErasureReceipt:
        """Erase every picture that it had, so that none can be read or brought back. Raises NotFound, Forbidden."""
        await self._check_owner(character, person)
        return await self._erasing.erase_avatar(avatar_id(character), at=at)

    async def _check_owner(self, character: str, person: str) -> None:
        found = await self._log.find(Character, character_id(character))
        if found is None or found.is_deleted:
            raise NotFound("There is no such character.")
        if found.person != person:
            raise Forbidden("Only its owner may change its picture.")
