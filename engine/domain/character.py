"""A character: who answers. Its card, and the preset it speaks with unless someone chose another."""

import re
from collections.abc import Mapping
from typing import Annotated, override

from pydantic import AfterValidator, Field, StringConstraints

from engine.domain.event import JSON
from engine.domain.settable import Created, Deleted, Edited, Fields, Restored, Settable, require

type Line = Annotated[str, StringConstraints(min_length=1, max_length=255)]
type Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]

RESERVED_SLUGS = frozenset(
    {"admin", "system", "default", "api", "bot", "help", "settings", "config", "me", "user", "users"}
)
SLUG = "3 to 50 of a-z, 0-9 and single hyphens, a letter first, such as night-owl"
WEB_ADDRESS = "an address that begins with https:// and has no spaces, at most 2,048 characters"

MAX_SLUG_CHARS = 50
MAX_ADDRESS_CHARS = 2_048

_SLUG = re.compile(r"[a-z](?:-?[a-z0-9]){2,}")
_WEB_ADDRESS = re.compile(r"https://\S+")


def _slug(slug: str) -> str:
    if len(slug) > MAX_SLUG_CHARS or not _SLUG.fullmatch(slug):
        raise ValueError(f"a slug is {SLUG}")
    if slug in RESERVED_SLUGS:
        raise ValueError("reserved: choose another")
    return slug


def _web_address(url: str) -> str:
    if len(url) > MAX_ADDRESS_CHARS or not _WEB_ADDRESS.fullmatch(url):
        raise ValueError(WEB_ADDRESS)
    return url


class CharacterFields(Fields):
    """A character's card. Limits are those of the forms that people fill in."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    slug: Annotated[Annotated[str, AfterValidator(_slug)] | None, Field(description=SLUG)] = None
    """3 to 50 of [a-z0-9-], beginning with a letter, no double hyphen."""
    description: Paragraph | None = None
    personality: Paragraph | None = None
    tone: Line | None = None
    appearance: Paragraph | None = None
    likes: Paragraph | None = None
    dislikes: Paragraph | None = None
    goals: Paragraph | None = None
    examples: Paragraph | None = None
    system_prompt: Paragraph | None = None
    error_message: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] | None = None
    aliases: (
        Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=100)]], Field(max_length=10)] | None
    ) = None
    """What else it is called."""
    avatar_url: Annotated[Annotated[str, AfterValidator(_web_address)] | None, Field(description=WEB_ADDRESS)] = None
    """Where its picture is to be found: begins with https://, at most 2,048 characters."""
    preset: Annotated[str, Field(max_length=200)] | None = None
    """The id of the preset it speaks with."""
    is_public: bool | None = None
    """Whether others than its owner may talk to it."""


class CharacterCreated(Created):
    """Someone made a character."""


class CharacterEdited(Edited):
    """Its card changed."""


class CharacterDeleted(Deleted):
    """It answers nobody any more."""


class CharacterRestored(Restored):
    """It answers again."""


class Character(Settable, kind="character"):
    schema = CharacterFields
    created = CharacterCreated
    edited = CharacterEdited
    deleted = CharacterDeleted
    restored = CharacterRestored

    def may_be_asked_by(self, person: str) -> bool:
        """Whether it is there and answers this person: it is public, or theirs."""
        return not self.is_deleted and (self.fields.get("is_public") is True or self.person == person)

    @classmethod
    @override
    def check_whole(cls, fields: Mapping[str, JSON]) -> None:
        super().check_whole(fields)
        require(fields, "name", "slug")
