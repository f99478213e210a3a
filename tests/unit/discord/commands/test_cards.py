"""Cards and lists of characters, as long as people can make them: Discord takes all of them."""

import json
from itertools import product
from typing import Any

import pytest

from adapters.discord.commands.answers import Choice, Form, Input, Shown
from adapters.discord.commands.cards import LISTED_PER_PAGE, SHOWN_FIELDS, card_of, listed
from adapters.discord.commands.custom_ids import CustomId
from adapters.discord.commands.drawing import MAX_CARDS_CHARS, MAX_CHOICE_CHARS, form, message, suggestions
from adapters.discord.commands.editing import SECTIONS, dashboard
from adapters.discord.commands.naming import label_of, slug_of
from engine.domain.character import CharacterFields
from engine.reading import FieldsAt

TOKEN = "f" * 24
LETTERS = ("w", "😀", "*", "`", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}", "a ", "a\n", " ")


def longest(letter: str, *, fields: int = len(SHOWN_FIELDS), owner: str = "alice") -> FieldsAt:
    """A character whose card says as much as it may, in some of its fields."""
    card: dict[str, Any] = {name: (letter * 4_000)[:4_000] for name, _ in SHOWN_FIELDS[:fields]}
    card["tone"] = (letter * 255)[:255]
    card |= {"name": (letter * 100)[:100], "slug": "s" * 50, "aliases": [f"{n}{letter * 99}"[:100] for n in range(10)]}
    if letter.strip():
        CharacterFields.model_validate(card)
    return FieldsAt("character.x", 1, card, owner=owner)


def chars(body: dict[str, object]) -> int:
    [embed] = json.loads(json.dumps(body))["embeds"]
    fields = sum(len(field["name"]) + len(field["value"]) for field in embed.get("fields", ()))
    return fields + sum(map(len, (embed.get("title", ""), embed.get("description", ""), embed["footer"]["text"])))


@pytest.mark.parametrize(("letter", "fields"), list(product(LETTERS, range(len(SHOWN_FIELDS) + 1))))
def test_a_card_is_shown_however_much_it_says(letter: str, fields: int) -> None:
    body = message(Shown(cards=(card_of(longest(letter, fields=fields), "alice"),)))
    assert chars(body) <= MAX_CARDS_CHARS
    assert "Mention it as" in body["embeds"][0]["description"]
    assert all(field["value"].strip() for field in body["embeds"][0].get("fields", ()))


@pytest.mark.parametrize("letter", LETTERS)
def test_a_dashboard_and_its_forms_are_shown_however_much_a_card_says(letter: str) -> None:
    character = longest(letter)
    assert chars(message(dashboard(character, TOKEN))) <= MAX_CARDS_CHARS
    for section in SECTIONS:
        names = [(blank.field, blank.label, blank.max_chars) for blank in section.blanks]
        inputs = tuple(Input(name, label, str(character.fields.get(name, "")), max_chars=n) for name, label, n in names)
        drawn = form(
            Form(f"{section.title} of {'x' * 100}", CustomId("character", "save", TOKEN, section.name), inputs)
        )
        assert len(drawn["title"]) <= 45


@pytest.mark.parametrize("letter", LETTERS)
def test_a_page_of_the_longest_characters_is_shown(letter: str) -> None:
    many = [longest(letter)] * (LISTED_PER_PAGE + 1)
    body = message(listed(many, "alice", 1))
    assert chars(body) <= MAX_CARDS_CHARS
    assert body["embeds"][0]["description"].count("(ssss") == LISTED_PER_PAGE


def test_every_suggestion_keeps_its_value() -> None:
    character = longest("w")
    drawn = suggestions([Choice(label_of(character, "bob"), slug_of(character))] * 30)["choices"]
    assert [len(choice["name"]) for choice in drawn] == [MAX_CHOICE_CHARS] * 25
    assert {choice["value"] for choice in drawn} == {"s" * 50}


def test_no_form_lets_anybody_lose_what_a_card_says_already() -> None:
    """What a form cannot show whole would be cut when it is saved."""
    for section in SECTIONS:
        for blank in section.blanks:
            with pytest.raises(ValueError, match=blank.field):
                CharacterFields.model_validate({blank.field: "https://" + "a" * blank.max_chars})
