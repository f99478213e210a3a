"""How an answer looks, as data: commands make it, `drawing.py` turns it into what Discord takes.

Shown     text, cards (Discord calls them embeds), rows of buttons or one menu, documents
Form      up to five inputs to fill in; Discord calls it a modal
"""

from dataclasses import dataclass
from enum import IntEnum

from adapters.discord.commands.custom_ids import CustomId


class Tone(IntEnum):
    """The colour at a card's edge, as 0xRRGGBB."""

    PLAIN = 0x5865F2
    GOOD = 0x2E8B57
    CAREFUL = 0xE0A030
    DANGER = 0xC0392B


class Style(IntEnum):
    """A button's style, by Discord's numbers."""

    PRIMARY = 1
    PLAIN = 2
    GOOD = 3
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    title: str = ""
    text: str = ""
    fields: tuple[Field, ...] = ()
    footer: str = ""
    tone: Tone = Tone.PLAIN
    thumbnail_url: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    id: CustomId
    style: Style = Style.PLAIN
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a menu, or one suggestion of an option that is being typed."""

    label: str
    value: str
    description: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    id: CustomId
    choices: tuple[Choice, ...]
    placeholder: str = ""


type Row = tuple[Button, ...] | Menu


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is attached."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as an answer. An update of one says what is there from now on: what it leaves out is gone."""

    text: str = ""
    cards: tuple[Card, ...] = ()
    rows: tuple[Row, ...] = ()
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A line or a paragraph to fill in."""

    name: str
    label: str
    value: str = ""
    is_long: bool = False
    is_required: bool = False
    max_chars: int = 4_000
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    title: str
    id: CustomId
    inputs: tuple[Input, ...]


type Answer = Shown | Form


def said(text: str, *, tone: Tone = Tone.PLAIN) -> Shown:
    """A sentence or two."""
    return Shown(cards=(Card(text=text, tone=tone),))
