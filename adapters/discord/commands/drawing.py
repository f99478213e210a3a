"""An answer as Discord's API takes it, with every limit of messages, components and modals met. Pure.

Limits are those of Discord's documentation on message, embed and component resources. Text that is longer is cut
with an ellipsis; too many of anything is a fault of the command and refused.
"""

from collections.abc import Sequence
from typing import Any

from adapters.discord.commands.answers import Button, Card, Choice, Form, Input, Menu, Row, Shown
from engine.errors import Invalid

MAX_CONTENT_CHARS = 2_000
MOST_CARDS = 10
MAX_CARDS_CHARS = 6_000
MAX_TITLE_CHARS = 256
MAX_DESCRIPTION_CHARS = 4_096
MOST_FIELDS = 25
MAX_FIELD_NAME_CHARS = 256
MAX_FIELD_VALUE_CHARS = 1_024
MAX_FOOTER_CHARS = 2_048
MOST_ROWS = 5
MOST_BUTTONS_IN_A_ROW = 5
MAX_LABEL_CHARS = 80
MOST_CHOICES = 25
MAX_CHOICE_CHARS = 100
MAX_MENU_PLACEHOLDER_CHARS = 150
MOST_INPUTS = 5
MAX_FORM_TITLE_CHARS = 45
MAX_INPUT_LABEL_CHARS = 45
MAX_INPUT_CHARS = 4_000
MAX_INPUT_PLACEHOLDER_CHARS = 100

EPHEMERAL = 1 << 6
NO_MENTIONS: dict[str, Any] = {"parse": []}

ACTION_ROW, BUTTON, MENU, TEXT_INPUT = 1, 2, 3, 4
SHORT, PARAGRAPH = 1, 2

ELLIPSIS = "…"
BLANK = "\u200b"
"""Where Discord wants some character and there is nothing to say."""


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= limit else text[: limit - len(ELLIPSIS)].rstrip() + ELLIPSIS


def message(shown: Shown) -> dict[str, Any]:
    """A message's body; documents are sent beside it."""
    _refuse_more("cards", shown.cards, MOST_CARDS)
    _refuse_more("rows", shown.rows, MOST_ROWS)
    return {
        "content": cut(shown.text, MAX_CONTENT_CHARS),
        "embeds": _cards(shown.cards),
        "components": [_row(row) for row in shown.rows],
        "attachments": [{"id": n, "filename": document.name} for n, document in enumerate(shown.documents)],
        "allowed_mentions": NO_MENTIONS,
    }


def form(asked: Form) -> dict[str, Any]:
    """A modal's body."""
    _refuse_more("inputs", asked.inputs, MOST_INPUTS)
    return {
        "title": cut(asked.title, MAX_FORM_TITLE_CHARS),
        "custom_id": str(asked.id),
        "components": [{"type": ACTION_ROW, "components": [_input(each)]} for each in asked.inputs],
    }


def suggestions(choices: Sequence[Choice]) -> dict[str, Any]:
    """The answer to somebody who is typing an option: as many as Discord shows."""
    return {
        "choices": [
            {"name": cut(choice.label, MAX_CHOICE_CHARS), "value": choice.value}
            for choice in choices
            if len(choice.value) <= MAX_CHOICE_CHARS
        ][:MOST_CHOICES]
    }


def _cards(cards: Sequence[Card]) -> list[dict[str, Any]]:
    """The cards; the texts of the last ones are cut when all together are too long."""
    left = MAX_CARDS_CHARS
    drawn = []
    for card in cards:
        embed = _card(card, left)
        left -= _chars(embed)
        drawn.append(embed)
    return drawn


def _card(card: Card, room_chars: int) -> dict[str, Any]:
    _refuse_more("fields", card.fields, MOST_FIELDS)
    embed: dict[str, Any] = {"color": int(card.tone)}
    if card.title:
        embed["title"] = cut(card.title, MAX_TITLE_CHARS)
    if card.fields:
        embed["fields"] = [
            {
                "name": _filled(field.name, MAX_FIELD_NAME_CHARS),
                "value": _filled(field.value, MAX_FIELD_VALUE_CHARS),
                "inline": field.is_inline,
            }
            for field in card.fields
        ]
    if card.footer:
        embed["footer"] = {"text": cut(card.footer, MAX_FOOTER_CHARS)}
    if card.thumbnail_url:
        embed["thumbnail"] = {"url": card.thumbnail_url}
    room_chars -= _chars(embed)
    if room_chars < 0:
        raise Invalid("That is more than Discord shows at once: divide it into pages.")
    if card.text and room_chars:
        embed["description"] = cut(card.text, min(MAX_DESCRIPTION_CHARS, room_chars))
    return embed


def _filled(text: str, limit: int) -> str:
    """The text where Discord wants some: it takes white space for none."""
    return cut(text, limit) if text.strip() else BLANK


def _chars(embed: dict[str, Any]) -> int:
    """What Discord counts towards the limit of all embeds of a message."""
    fields = sum(len(field["name"]) + len(field["value"]) for field in embed.get("fields", ()))
    footer = len(embed.get("footer", {}).get("text", ""))
    return len(embed.get("title", "")) + len(embed.get("description", "")) + footer + fields


def _row(row: Row) -> dict[str, Any]:
    if isinstance(row, Menu):
        return {"type": ACTION_ROW, "components": [_menu(row)]}
    _refuse_more("buttons in a row", row, MOST_BUTTONS_IN_A_ROW)
    return {"type": ACTION_ROW, "components": [_button(button) for button in row]}


def _button(button: Button) -> dict[str, Any]:
    return {
        "type": BUTTON,
        "style": int(button.style),
        "label": cut(button.label, MAX_LABEL_CHARS),
        "custom_id": str(button.id),
        "disabled": button.is_disabled,
    }


def _menu(menu: Menu) -> dict[str, Any]:
    _refuse_more("choices", menu.choices, MOST_CHOICES)
    return {
        "type": MENU,
        "custom_id": str(menu.id),
        "placeholder": cut(menu.placeholder, MAX_MENU_PLACEHOLDER_CHARS),
        "options": [
            {
                "label": cut(choice.label, MAX_CHOICE_CHARS),
                "value": choice.value,
                "description": cut(choice.description, MAX_CHOICE_CHARS),
                "default": choice.is_chosen,
            }
            for choice in menu.choices
        ],
    }


def _input(asked: Input) -> dict[str, Any]:
    max_chars = min(asked.max_chars, MAX_INPUT_CHARS)
    return {
        "type": TEXT_INPUT,
        "custom_id": asked.name,
        "label": cut(asked.label, MAX_INPUT_LABEL_CHARS),
        "style": PARAGRAPH if asked.is_long else SHORT,
        "required": asked.is_required,
        "max_length": max_chars,
        "value": asked.value[:max_chars],
        "placeholder": cut(asked.placeholder, MAX_INPUT_PLACEHOLDER_CHARS),
    }


def _refuse_more(what: str, things: Sequence[object], most: int) -> None:
    if len(things) > most:
        raise Invalid(f"Discord shows at most {most} {what}, these are {len(things)}: divide them into pages.")
