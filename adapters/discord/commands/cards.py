"""How characters look: a card each, and lists of them. Pure."""

from collections.abc import Sequence

from adapters.discord.commands.answers import Card, Field, Shown
from adapters.discord.commands.drawing import cut
from adapters.discord.commands.naming import label_of, name_of, slug_of
from adapters.discord.commands.pages import page_of, turning
from engine.domain.ids import INSTANCE
from engine.reading import FieldsAt

LISTED_PER_PAGE = 15
LISTED_CHARS = 100
SHOWN_CHARS = 800
MAX_FIELDS_CHARS = 5_200
"""Of all fields together: with title, text and footer that stays below what Discord shows."""

SHOWN_FIELDS = (
    ("description", "About"),
    ("personality", "Personality"),
    ("tone", "Tone"),
    ("appearance", "Appearance"),
    ("likes", "Likes"),
    ("dislikes", "Dislikes"),
    ("goals", "Goals"),
    ("examples", "Examples"),
)


def card_of(character: FieldsAt, person: str) -> Card:
    """A character's card, as somebody who may talk to it sees it."""
    said = [(title, str(character.fields[name])) for name, title in SHOWN_FIELDS if character.fields.get(name)]
    shown_chars = min(SHOWN_CHARS, MAX_FIELDS_CHARS // max(1, len(said)))
    fields = tuple(Field(title, cut(text, shown_chars)) for title, text in said)
    avatar_url = character.fields.get("avatar_url")
    return Card(
        title=name_of(character),
        text=f"Mention it as `@{name_of(character)}` or `@{slug_of(character)}`.",
        fields=fields,
        footer=_whose(character, person),
        thumbnail_url=str(avatar_url) if avatar_url else None,
    )


def listed(characters: Sequence[FieldsAt], person: str, number: int) -> Shown:
    """A page of the list: one's own first, then by name."""
    ordered = sorted(characters, key=lambda one: (one.owner != person, name_of(one).casefold(), slug_of(one)))
    page = page_of(ordered, number, size=LISTED_PER_PAGE)
    lines = [f"{label_of(one, person)}{_in_short(one)}" for one in page.things]
    card = Card(
        title="Whom you can talk to",
        text="\n".join(lines) or "Nobody yet: make one with `/character create`.",
        footer=f"{len(characters)} in all · 🌐 yours, for everyone · 🔒 yours alone · 📖 of others",
    )
    return Shown(cards=(card,), rows=turning(page, group="character", action="list"))


def _in_short(character: FieldsAt) -> str:
    words = " ".join(str(character.fields.get("description", "")).split())
    return f"\n-# {cut(words, LISTED_CHARS)}" if words else ""


def _whose(character: FieldsAt, person: str) -> str:
    if character.owner == person:
        return "Yours · for everyone" if character.fields.get("is_public") is True else "Yours · for you alone"
    return "Came with Tzurot" if character.owner == INSTANCE else "Made by somebody else"
