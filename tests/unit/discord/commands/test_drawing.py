import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.commands.answers import Button, Card, Choice, Field, Form, Input, Menu, Shown
from adapters.discord.commands.custom_ids import CustomId
from adapters.discord.commands.drawing import cut, form, message, suggestions
from engine.errors import Invalid

PRESS = CustomId("character", "page", "", "2")


@given(st.text(max_size=5_000), st.text(max_size=400), st.text(max_size=5_000), st.text(max_size=3_000))
def test_no_text_is_too_long_for_discord(text: str, title: str, description: str, footer: str) -> None:
    drawn = message(Shown(text=text, cards=(Card(title=title, text=description, footer=footer),)))
    (embed,) = drawn["embeds"]
    assert len(drawn["content"]) <= 2_000
    assert len(embed.get("title", "")) <= 256
    assert len(embed.get("description", "")) <= 4_096
    assert len(embed.get("footer", {}).get("text", "")) <= 2_048


@given(st.lists(st.text(min_size=1, max_size=4_096), min_size=1, max_size=10))
def test_all_cards_of_a_message_together_stay_below_discords_limit(texts: list[str]) -> None:
    drawn = message(Shown(cards=tuple(Card(text=text) for text in texts)))
    assert sum(len(embed.get("description", "")) for embed in drawn["embeds"]) <= 6_000
    assert len(drawn["embeds"]) == len(texts)


def test_cards_whose_fields_alone_are_too_much_are_refused() -> None:
    crowded = Card(fields=tuple(Field(f"{n}", "x" * 1_000) for n in range(7)))
    with pytest.raises(Invalid, match="pages"):
        message(Shown(cards=(crowded,)))


def test_what_is_cut_says_so() -> None:
    assert cut("a lighthouse", 5) == "a li…"
    assert cut("light", 5) == "light"


def test_an_empty_field_is_filled_in_since_discord_takes_none() -> None:
    drawn = message(Shown(cards=(Card(fields=(Field("Tone", ""),)),)))
    assert drawn["embeds"][0]["fields"][0]["value"] == "\u200b"


def test_nobody_is_ever_pinged_by_an_answer() -> None:
    assert message(Shown(text="@everyone"))["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    "shown",
    [
        Shown(cards=tuple(Card(text="x") for _ in range(11))),
        Shown(rows=tuple((Button("x", PRESS),) for _ in range(6))),
        Shown(rows=(tuple(Button("x", PRESS) for _ in range(6)),)),
        Shown(rows=(Menu(PRESS, tuple(Choice(str(n), str(n)) for n in range(26))),)),
        Shown(cards=(Card(fields=tuple(Field("x", "y") for _ in range(26))),)),
    ],
)
def test_too_many_of_anything_is_refused_with_the_limit(shown: Shown) -> None:
    with pytest.raises(Invalid, match="at most"):
        message(shown)


def test_a_form_cuts_its_labels_and_keeps_the_value_within_the_inputs_limit() -> None:
    asked = Form("T" * 60, PRESS, (Input("about", "L" * 60, value="v" * 50, max_chars=20, is_long=True),))
    drawn = form(asked)
    (row,) = drawn["components"]
    (field,) = row["components"]
    assert (len(drawn["title"]), len(field["label"]), field["value"], field["style"]) == (45, 45, "v" * 20, 2)


def test_at_most_twenty_five_suggestions_are_shown_and_none_that_discord_would_refuse() -> None:
    offered = [Choice("too long", "x" * 101), *(Choice("l" * 150, str(n)) for n in range(40))]
    shown = suggestions(offered)["choices"]
    assert len(shown) == 25
    assert all(len(choice["name"]) <= 100 and len(choice["value"]) <= 100 for choice in shown)


def test_a_drawn_message_is_json() -> None:
    shown = Shown("hi", (Card("t", "d", (Field("n", "v", is_inline=True),), "f", thumbnail_url="https://x.test/a"),))
    assert json.loads(json.dumps(message(shown)))["embeds"][0]["thumbnail"] == {"url": "https://x.test/a"}
