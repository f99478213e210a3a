import os
import tempfile
from collections.abc import Iterator

import pytest

from adapters.terminal.lines import Lines


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)


async def test_lines_come_as_they_are_written(pipe: tuple[int, int]) -> None:
    read, write = pipe
    lines = Lines(read)
    os.write(write, "eins\nzwei é\r\ndr".encode())
    assert await lines.next() == "eins"
    assert await lines.next() == "zwei é"
    os.write(write, b"ei\n")
    assert await lines.next() == "drei"
    os.write(write, b"\n")
    assert await lines.next() == ""
    os.close(write)
    assert await lines.next() is None
    assert await lines.next() is None


async def test_a_last_line_needs_no_end(pipe: tuple[int, int]) -> None:
    read, write = pipe
    os.write(write, b"all")
    os.close(write)
    lines = Lines(read)
    assert [await lines.next(), await lines.next()] == ["all", None]


async def test_a_file_is_read_like_a_pipe() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"one\ntwo\n")
        file.seek(0)
        lines = Lines(file.fileno())
        assert [await lines.next(), await lines.next(), await lines.next()] == ["one", "two", None]
