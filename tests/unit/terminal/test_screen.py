from typing import Any

import pytest
from rich.console import Group, RenderableType

from adapters.terminal.screen import Result, Screen, words
from adapters.terminal.tables import table


class Shown(Result):
    def __init__(self, text: str) -> None:
        self.text = text

    def as_json(self) -> Any:
        return {"text": self.text}

    def __rich__(self) -> RenderableType:
        return Group(words(self.text), table(("a", "b"), [(self.text, "x")]))


class Listed(Shown):
    is_lines = True

    def as_json(self) -> Any:
        return [{"n": 1}, {"n": 2}]


def test_what_is_piped_is_neither_wrapped_nor_coloured_nor_padded(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(Shown("word " * 200 + "end"))
    out = capsys.readouterr().out
    assert "word " * 200 + "end" in out.splitlines()
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_text_of_others_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(Shown("a\x1b]0;title\x07b\x9b31mc\u202ed [red]e[/red] :smile:"))
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)
    assert "[red]e[/red] :smile:" in out


def test_half_a_surrogate_pair_does_not_break_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(Shown("a\ud800b"))
    Screen(as_json=True).show(Shown("a\ud800b"))
    assert "a\ufffdb" in capsys.readouterr().out


def test_lines_are_one_document_each(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=True).show(Listed(""))
    assert capsys.readouterr().out == '{"n": 1}\n{"n": 2}\n'


def test_what_is_for_people_is_no_part_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=True).note(words("by the way"))
    assert capsys.readouterr() == ("", "")


async def test_where_nobody_can_answer_what_was_asked_for_is_done() -> None:
    assert await Screen().confirmed("Really?")
    assert await Screen(as_json=True).confirmed("Really?")


def test_no_progress_is_drawn_where_nobody_watches() -> None:
    with Screen().replaying("Rebuilding") as on_progress:
        assert on_progress is None
