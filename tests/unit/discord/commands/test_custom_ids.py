import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.commands.custom_ids import MAX_CHARS, CustomId, custom_id
from engine.errors import Invalid

part = st.text(st.characters(codec="utf-8", exclude_characters=":"), max_size=20)
name = part.filter(bool)


@given(name, name, part, part)
def test_what_is_written_is_read_again(group: str, action: str, key: str, extra: str) -> None:
    written = CustomId(group, action, key, extra)
    assert custom_id(str(written)) == written
    assert len(str(written)) <= MAX_CHARS


@pytest.mark.parametrize("text", ["", "alone", "a::b::c::d::e", "::b", "a::"])
def test_what_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        custom_id(text)


def test_one_that_would_be_too_long_is_refused_where_it_is_made() -> None:
    with pytest.raises(Invalid, match="session"):
        CustomId("character", "page", "x" * 90)


def test_no_part_may_hold_the_separator() -> None:
    with pytest.raises(Invalid):
        CustomId("character", "page", "a::b")


def test_a_part_that_begins_or_ends_with_half_a_separator_is_refused() -> None:
    for key in (":", "a:", ":a"):
        with pytest.raises(Invalid):
            CustomId("character", "page", key, "x")
