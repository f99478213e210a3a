import re

import pytest

from adapters.discord.speaking.chunks import MESSAGE_CHARS
from adapters.discord.speaking.reasoning import reasoning_in_spoilers, spoiler


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
