import re

import pytest

from adapters.discord.speaking.chunks import MESSAGE_CHARS
from adapters.discord.speaking.hidden import failure_notice, reasoning_in_spoilers, spoiler


def test_a_failure_is_told_in_the_character_s_words_first_and_its_reason_is_hidden() -> None:
    told = failure_notice("My head hurts.", reason="The model took too long: try again.", reference="7QX4")
    assert told == "My head hurts.\n||The model took too long: try again. (reference: 7QX4)||"


def test_a_failure_without_own_words_is_told_by_its_reason() -> None:
    assert (
        failure_notice(" ", reason="No credit is left.", reference="7QX4") == "||No credit is left. (reference: 7QX4)||"
    )


def test_an_error_message_may_not_grow_beyond_a_notice() -> None:
    assert len(failure_notice("x" * 5_000, reason="r", reference="7QX4").split("\n")[0]) == 500


@pytest.mark.parametrize("text", ["a || b", "||a||", "a|", "|||", "a|||b"])
def test_bars_of_its_own_do_not_open_a_spoiler(text: str) -> None:
    assert re.findall(r"\|\|", spoiler(text)) == ["||", "||"]


def test_thoughts_are_hidden_as_a_whole() -> None:
    assert reasoning_in_spoilers("First this, || then that.") == ("**Thinking**\n||First this, |\u200b| then that.||",)
    assert reasoning_in_spoilers(" \n") == ()


def test_long_thoughts_are_cut_after_three_messages_and_stay_hidden() -> None:
    messages = reasoning_in_spoilers(" ".join(f"thought{number}" for number in range(2_000)))
    assert len(messages) == 3
    assert messages[-1].endswith("…||")
    for message in messages:
        assert len(message) <= MESSAGE_CHARS
        assert message.removeprefix("**Thinking**\n").startswith("||")
        assert message.count("||") == 2
