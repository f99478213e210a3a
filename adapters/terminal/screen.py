"""What is printed, and where: results on stdout, everything else on stderr.

A result is data that can be shown in two ways, as one JSON document or for people. Colours, spinners and progress bars
appear only where a person watches; what is piped is never wrapped.
"""

import json
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from adapters.terminal.lines import Lines
from engine.replaying import OnProgress
from engine.replaying import Progress as ReplayProgress

PIPED_WIDTH_CHARS = 100_000
"""Wider than any line, so that nothing wraps where a program reads."""

UNPRINTABLE = "\ufffd"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Result(ABC):
    """What a command found or did."""

    is_lines = False
    """Whether its JSON is one document a line instead of one in all."""

    @property
    def exit_code(self) -> int:
        return 0

    @property
    def error(self) -> str | None:
        """What is to be said on stderr when it did not succeed."""
        return None

    @abstractmethod
    def as_json(self) -> Any: ...

    @abstractmethod
    def __rich__(self) -> RenderableType: ...


def plain(text: str) -> str:
    """Text of people and models without what would steer the terminal."""
    return _SURROGATE.sub(UNPRINTABLE, _CONTROL.sub(UNPRINTABLE, text.replace("\r\n", "\n")))


def words(text: object, style: str = "") -> Text:
    """Text to be shown as it is: no markup in it counts."""
    return Text(plain(str(text)), style=style)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH_CHARS
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


class Screen:
    """One command's output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)
        self._lines = Lines()

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not self.as_json and sys.stdin.isatty() and self.out.is_terminal

    def show(self, result: Result) -> None:
        if not self.as_json:
            if result.error is None:
                self.note(result)
        elif result.is_lines:
            for document in result.as_json():
                self._write(json.dumps(document, ensure_ascii=False))
        else:
            self._write(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
        if result.error is not None:
            self.fail(result.error)

    def note(self, shown: "RenderableType | Result") -> None:
        """Something for people only: it is not part of any JSON."""
        if self.as_json:
            return
        if self.out.is_terminal:
            self.out.print(shown)
            return
        with self.out.capture() as captured:
            self.out.print(shown)
        for line in captured.get().splitlines():
            self._write(line.rstrip())

    def fail(self, message: str) -> None:
        """One clear line on stderr."""
        self.err.print(Text("Error: ", style="bold red").append(plain(" ".join(message.split())), style="default"))

    async def confirmed(self, question: str) -> bool:
        """Ask; where nobody is there to answer, what was asked for is done."""
        if not self.can_ask:
            return True
        answer = await self.ask(f"{question} [y/N] ")
        return (answer or "").strip().casefold() in ("y", "yes")

    async def ask(self, prompt: str) -> str | None:
        """The next line from stdin; the prompt is shown where a person types. None at the end."""
        if sys.stdin.isatty():
            self.out.print(words(prompt, "bold"), end="")
        return await self._lines.next()

    def end_line(self) -> None:
        """Leave a prompt that was not answered."""
        if self.err.is_terminal:
            self.err.print()

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """A spinner, where a person watches."""
        if self.as_json or not self.err.is_terminal:
            yield
            return
        with self.err.status(words(what, "dim"), spinner="dots"):
            yield

    @contextmanager
    def replaying(self, what: str, *, worth_showing_events: int = 0) -> Iterator[OnProgress | None]:
        """A progress bar with events a second, where a person watches and there is that much to do."""
        if not self.err.is_terminal:
            yield None
            return
        bar = ReplayBar(self.err, what, worth_showing_events)
        try:
            yield bar
        finally:
            bar.close()

    def _write(self, line: str) -> None:
        self.out.file.write(_SURROGATE.sub(UNPRINTABLE, line) + "\n")
        self.out.file.flush()


class ReplayBar:
    """The progress of a replay. Appears with the first report that is worth it; after `close` it shows nothing."""

    def __init__(self, console: Console, what: str, worth_showing_events: int) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(what, total=None, rate="")
        self._worth_showing_events = worth_showing_events
        self._is_shown = self._is_closed = False

    def __call__(self, progress: ReplayProgress) -> None:
        is_worth_it = progress.last_position - progress.position >= self._worth_showing_events
        if self._is_closed or not (self._is_shown or is_worth_it):
            return
        if not self._is_shown:
            self._is_shown = True
            self._bar.start()
        rate = f"{progress.events / progress.seconds:,.0f} events/s" if progress.seconds else ""
        self._bar.update(self._task, total=progress.last_position, completed=progress.position, rate=rate)

    def close(self) -> None:
        self._is_closed = True
        if self._is_shown:
            self._bar.stop()
