from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.speaking.footer import footer_of, small_print, without_small_print
from engine.ports import Footer

SAID = "It rained.\n\n-# a line of small print of my own"


def test_nothing_to_say_is_no_footer() -> None:
    assert footer_of(Footer()) == ""


def test_the_model_and_that_nobody_asked_stand_in_one_line() -> None:
    assert footer_of(Footer(model="acme/model-7b", is_automatic=True)) == "-# model: acme/model-7b • 📍 auto"


def test_every_circumstance_has_its_line() -> None:
    lines = small_print(model="m", is_guest=True, is_focused=True, is_incognito=True).split("\n")
    assert [line[:4] for line in lines] == ["-# m", "-# 🆓", "-# 🔒", "-# 👻"]


@pytest.mark.parametrize("model", [None, "acme/model-7b:free"])
@pytest.mark.parametrize("circumstances", list(product([False, True], repeat=4)))
def test_a_footer_is_taken_off_again(model: str | None, circumstances: tuple[bool, ...]) -> None:
    names = ("is_automatic", "is_guest", "is_focused", "is_incognito")
    footer = small_print(model=model, **dict(zip(names, circumstances, strict=True)))
    assert without_small_print(f"{SAID}\n{footer}") == SAID


@given(model=st.text(max_size=200), said=st.text(max_size=100))
def test_a_model_s_name_cannot_reach_beyond_its_line(model: str, said: str) -> None:
    footer = small_print(model=model)
    assert "\n" not in footer
    assert len(footer) <= 100
    assert without_small_print(f"{said}\n{footer}") == without_small_print(said)


def test_a_footer_alone_is_nothing_said() -> None:
    assert without_small_print(small_print(model="m", is_automatic=True, is_incognito=True)) == ""
