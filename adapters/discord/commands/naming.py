"""The option `character`, which many commands take: suggested while it is typed, found by its slug."""

from collections.abc import Sequence

from adapters.discord.commands.answers import Choice
from adapters.discord.commands.declaring import Asked, Option
from engine.domain.ids import INSTANCE
from engine.errors import NotFound
from engine.reading import FieldsAt

OWN_PUBLIC, OWN_PRIVATE, OF_OTHERS = "🌐", "🔒", "📖"


async def suggest_characters(asked: Asked, typed: str) -> Sequence[Choice]:
    """Characters that the person may talk to, whose name, slug or alias holds what was typed; own ones first."""
    found = await asked.engine.read.characters(person=asked.person)
    matching = [character for character in found if _matches(character, typed.casefold())]
    matching.sort(key=lambda character: (character.owner != asked.person, name_of(character).casefold()))
    return [Choice(label_of(character, asked.person), slug_of(character)) for character in matching]


async def the_character(asked: Asked) -> FieldsAt:
    """The character that the option names. Raises NotFound, also for somebody else's private one."""
    slug = asked.text("character").strip().casefold()
    found = await asked.engine.read.character_by_slug(slug, person=asked.person)
    if found is None:
        raise NotFound("There is no character of that name here for you: `/character list` shows whom there is.")
    return found


def owner_of(character: FieldsAt, asked: Asked) -> str:
    """In whose name somebody changes a character: whoever runs the bot speaks for what came with it."""
    return INSTANCE if character.owner == INSTANCE and asked.is_operator else asked.person


def token_of(character: FieldsAt) -> str:
    """The token of a character's aggregate id."""
    return character.id.partition(".")[2]


def name_of(character: FieldsAt) -> str:
    return str(character.fields.get("name", "?"))


def slug_of(character: FieldsAt) -> str:
    return str(character.fields.get("slug", ""))


def label_of(character: FieldsAt, person: str) -> str:
    """As suggestions and lists show it: whose it is, its name and its slug."""
    if character.owner != person:
        mark = OF_OTHERS
    else:
        mark = OWN_PUBLIC if character.fields.get("is_public") is True else OWN_PRIVATE
    return f"{mark} {name_of(character)} ({slug_of(character)})"


def _matches(character: FieldsAt, typed: str) -> bool:
    aliases = character.fields.get("aliases")
    names = [name_of(character), slug_of(character), *(aliases if isinstance(aliases, list) else ())]
    return any(typed in str(name).casefold() for name in names)


CHARACTER = Option("character", "Which character", is_required=True, complete=suggest_characters, max_chars=100)
