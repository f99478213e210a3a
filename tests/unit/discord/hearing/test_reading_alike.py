"""Whether a copy may be of an original, for when nobody else says so."""

import pytest

from adapters.discord.hearing.alike import reads_like
from adapters.discord.hearing.said import Attached, Content


def content(text: str, *, files: int = 0) -> Content:
    return Content(text, attachments=tuple(Attached(str(n), "cat.png", "image/png", 4, "") for n in range(files)))


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        ("Hello there", "Hello there"),
        ("s: Hello there -s", "Hello there"),
        ("Hello  there,\nhow are you?", "Hello there, how are you?"),
        ("Hello there :wave: how are you all doing?", "Hello there 👋 how are you all doing?"),
        ("We saw the lamp go out at noon.", "We saw the lamp go out at noon!"),
        ("a" * 3_999 + "b", "a" * 3_990 + "c"),
    ],
)
def test_the_same_but_for_the_marks_of_a_member_reads_alike(original: str, copy: str) -> None:
    assert reads_like(content(original), content(copy))


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        ("Hello there", "Good night, everyone"),
        ("", "Hello"),
        ("Hello there", ""),
        ("no", "on"),
        ("ab" * 2_000, "ba,c" * 999),
        ("😀" * 5, "😁" * 5),
    ],
)
def test_other_words_do_not(original: str, copy: str) -> None:
    assert not reads_like(content(original), content(copy))


def test_files_count_and_may_stand_alone() -> None:
    assert reads_like(content("s:", files=1), content("", files=1))
    assert not reads_like(content("Hello", files=1), content("Hello"))
