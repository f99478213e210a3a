"""A person, the personas that they wear towards characters, and what they chose for one character."""

from collections.abc import Mapping
from typing import Annotated, override
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from engine.domain.event import JSON
from engine.domain.settable import Created, Deleted, Edited, Fields, Restored, Settable, require

type Id = Annotated[str, Field(min_length=1, max_length=200)]


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not an IANA time zone such as Europe/Berlin")
    return ZoneInfo(name).key


class PersonFields(Fields):
    """What holds for a person everywhere."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    timezone: Annotated[str, AfterValidator(_known_timezone)] | None = None
    preset: Id | None = None
    persona: Id | None = None
    is_blocked: bool | None = None
    is_not_recorded: bool | None = None
    """Whether they asked that nothing they say be recorded."""


class PersonMet(Created):
    """Someone spoke to a character for the first time."""


class PersonEdited(Edited):
    """What holds for them changed."""


class Person(Settable, kind="person"):
    schema = PersonFields
    created = PersonMet
    edited = PersonEdited


class PersonaFields(Fields):
    """Who a person is towards a character."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    pronouns: Annotated[str, StringConstraints(max_length=100)] | None = None
    about: Annotated[str, StringConstraints(max_length=4_000)] | None = None


class PersonaCreated(Created):
    """A person took on a persona."""


class PersonaEdited(Edited):
    """The persona changed."""


class PersonaDeleted(Deleted):
    """It is no longer worn."""


class PersonaRestored(Restored):
    """It can be worn again."""


class Persona(Settable, kind="persona"):
    schema = PersonaFields
    created = PersonaCreated
    edited = PersonaEdited
    deleted = PersonaDeleted
    restored = PersonaRestored

    @classmethod
    @override
    def check_whole(cls, fields: Mapping[str, JSON]) -> None:
        super().check_whole(fields)
        require(fields, "name")


class ChoiceFields(Fields):
    """What a person wants of one character, whatever holds for them elsewhere."""

    preset: Id | None = None
    persona: Id | None = None
    aliases: (
        Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=100)]], Field(max_length=10)] | None
    ) = None
    """What this person calls the character, besides what everybody may call it."""


class ChoiceMade(Edited):
    """A person chose something for a character, or took a choice back."""


class Choice(Settable, kind="choice"):
    schema = ChoiceFields
    edited = ChoiceMade
