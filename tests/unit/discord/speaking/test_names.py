import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.speaking.names import NAMELESS, bold_name, is_same_name, shown_name

FORBIDDEN = re.compile("discord|clyde", re.IGNORECASE)
FULL_WIDTH = "".join(chr(ord(char) + 0xFEE0) for char in "discord")
NAMES = st.one_of(
    st.text(max_size=120),
    st.lists(
        st.sampled_from(["dis", "cord", "Cly", "DE", "\u200b", "\u200d", " ", FULL_WIDTH[:3], "🦊", "x"]), max_size=40
    ).map("".join),
)


def test_an_ordinary_name_is_shown_as_it_is() -> None:
    assert shown_name("Bramble the Fox 🦊") == "Bramble the Fox 🦊"
    assert shown_name("Bramble", suffix="Tzurot") == "Bramble | Tzurot"


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200b", "\n\t", "\x00", "\u200d"])
def test_a_name_that_shows_nothing_is_replaced(name: str) -> None:
    assert shown_name(name) == NAMELESS


def test_a_name_is_trimmed_and_its_whitespace_is_single() -> None:
    assert shown_name("  Old \n\t Bramble  ") == "Old Bramble"


def test_a_long_name_gives_way_and_its_suffix_does_not() -> None:
    assert shown_name("x" * 200) == "x" * 80
    assert shown_name("x" * 200, suffix="Tzurot") == "x" * 71 + " | Tzurot"


@pytest.mark.parametrize(
    "name", ["Discord", "my DISCORD friend", "clyde", "CLYDE", "dis\u200bcord", FULL_WIDTH, "d\u200discord"]
)
def test_a_forbidden_word_is_broken_up_hardly_visibly(name: str) -> None:
    shown = shown_name(name)
    assert not FORBIDDEN.search(shown)
    assert "\u200a" in shown


@pytest.mark.parametrize("name", ["everyone", "HERE", " here "])
def test_a_name_that_is_kept_for_all_is_broken_up(name: str) -> None:
    assert shown_name(name).lower() not in ("everyone", "here")
    assert "\u200a" not in shown_name(f"{name} and there")


def test_where_discord_takes_the_gap_out_a_plainer_one_stays() -> None:
    assert shown_name("Discordia", gap="-") == "D-iscordia"


def test_a_forbidden_word_that_grows_out_of_name_and_suffix_is_broken_up() -> None:
    assert not FORBIDDEN.search(shown_name("x", suffix="clyde"))


def test_an_emoji_made_of_several_characters_stays_whole() -> None:
    assert shown_name("👩‍🚀 Ada") == "👩‍🚀 Ada"


@given(name=NAMES, suffix=NAMES)
def test_every_name_is_one_that_discord_takes(name: str, suffix: str) -> None:
    shown = shown_name(name, suffix=suffix)
    assert 1 <= len(shown) <= 80
    assert shown == shown.strip()
    assert not FORBIDDEN.search(shown)
    assert not FORBIDDEN.search(re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", shown))
    assert not any(char in shown for char in "\n\r\t\x00")


@given(NAMES)
def test_a_shown_name_is_recognised_whatever_was_done_to_it(name: str) -> None:
    assert is_same_name(shown_name(name), shown_name(name, gap="-"))
    assert is_same_name(shown_name(name), shown_name(name).replace("\u200a", ""))


def test_different_names_are_different() -> None:
    assert not is_same_name("Lyra", "Lyre")
    assert not is_same_name("🦊", "🐺")


def test_a_name_in_bold_cannot_end_its_bold_letters() -> None:
    assert bold_name("Br**am_ble`") == r"**Br\*\*am\_ble\`:**"
    assert bold_name("") == f"**{NAMELESS}:**"
