"""Who speaks through PluralKit: systems, their members, and the tags by which a member is known. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

NAMESPACE = UUID("5d7d1a3c-6a0f-4a58-9f1e-1f3f0c6a7b21")  # so that a member's uuid follows from its id


@dataclass(frozen=True, slots=True)
class Tags:
    prefix: str = ""
    suffix: str = ""

    def inner(self, text: str) -> str | None:
        """What stands between them; None if they are not around the text, or nothing is."""
        if not text.startswith(self.prefix) or not text.endswith(self.suffix):
            return None
        return text[len(self.prefix) : len(text) - len(self.suffix)].strip() or None


@dataclass(slots=True)
class SystemMember:
    id: str  # five small letters
    name: str
    account_id: int
    tags: Tags
    avatar_url: str | None = None

    @property
    def uuid(self) -> str:
        return str(uuid5(NAMESPACE, self.id))


@dataclass(slots=True)
class System:
    """All the members behind one Discord account."""

    id: str
    account_id: int
    members: list[SystemMember] = field(default_factory=list)

    @property
    def uuid(self) -> str:
        return str(uuid5(NAMESPACE, self.id))

    def speaker(self, text: str) -> tuple[SystemMember, str] | None:
        """Whose tags are around the text, and what is said between them; the longest tags win."""
        by_length = sorted(self.members, key=lambda member: -len(member.tags.prefix + member.tags.suffix))
        for member in by_length:
            if (inner := member.tags.inner(text)) is not None:
                return member, inner
        return None


@dataclass(frozen=True, slots=True)
class Proxied:
    """One message that was posted again."""

    original_id: int
    copy_id: int
    channel_id: int
    guild_id: int
    system: System
    member: SystemMember
    at: datetime


def letters(number: int) -> str:
    """The short ids of PluralKit: five letters, counted up."""
    found = ""
    for _ in range(5):
        number, rest = divmod(number, 26)
        found = chr(ord("a") + rest) + found
    return found


def newest_first(proxied: Iterable[Proxied]) -> list[Proxied]:
    return sorted(proxied, key=lambda each: each.copy_id, reverse=True)
