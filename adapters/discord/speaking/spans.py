"""Where a text's markdown stands: code blocks, spoilers and what else should not be torn apart, with positions.

Discord renders a pair of marks wherever it stands, also across lines; a mark without its partner is plain text. Code
comes first: inside of it nothing else is a mark.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LANGUAGE_CHARS = 20

_FENCE = re.compile(r"```(?P<head>[A-Za-z0-9_+\-.#]*\n)?(?P<body>.*?)```", re.DOTALL)
_INLINE_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)(?:(?!\n\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_BOLD = re.compile(r"\*\*(?!\s)(?:(?!\n\n).)+?\*\*", re.DOTALL)
_MASKED_LINK = re.compile(r"\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)")
_TOKEN = re.compile(r"<[^<>\s]{1,100}>")  # a mention, a custom emoji, a time, a link without preview


@dataclass(frozen=True, slots=True)
class Enclosing:
    """What hides or formats all that is inside: cut in two, it has to be closed and opened again.

    `inside` is where the content begins, `end` lies behind the closing mark.
    """

    start: int
    inside: int
    content_end: int
    end: int
    opening: str
    closing: str
    is_code: bool

    def encloses(self, position: int) -> bool:
        return self.start < position < self.end


@dataclass(frozen=True, slots=True)
class Spans:
    """`enclosing` in the order of their beginning; `tight` are pairs of positions to cut between only in need."""

    enclosing: tuple[Enclosing, ...]
    tight: tuple[tuple[int, int], ...]

    def near(self, start: int, end: int) -> "Spans":
        """Those alone that reach into a stretch of the text."""
        return Spans(
            tuple(span for span in self.enclosing if span.start <= end and span.end >= start),
            tuple(pair for pair in self.tight if pair[0] <= end and pair[1] >= start),
        )

    def around(self, position: int) -> tuple[Enclosing, ...]:
        """What is open at a position, the outermost first."""
        return tuple(span for span in self.enclosing if span.encloses(position))

    def is_tight(self, position: int) -> bool:
        return any(start < position < end for start, end in self.tight)


def spans_of(text: str) -> Spans:
    fences = tuple(_fences(text))
    prose = _blanked(text, [(fence.start, fence.end) for fence in fences])
    codes = [match.span() for match in _INLINE_CODE.finditer(prose)]
    words = _blanked(prose, codes)
    marks = [match.span() for pattern in (_BOLD, _MASKED_LINK, _TOKEN) for match in pattern.finditer(words)]
    enclosing = sorted((*fences, *_spoilers(words)), key=lambda span: span.start)
    return Spans(tuple(enclosing), tuple(sorted((*codes, *marks))))


def _fences(text: str) -> Iterable[Enclosing]:
    for match in _FENCE.finditer(text):
        if not match["body"].strip():
            continue
        language = (match["head"] or "").strip()
        yield Enclosing(
            start=match.start(),
            inside=match.start("body"),
            content_end=match.end("body"),
            end=match.end(),
            opening=f"```{language if len(language) <= MAX_LANGUAGE_CHARS else ''}\n",
            closing="\n```",
            is_code=True,
        )


def _spoilers(words: str) -> Iterable[Enclosing]:
    for match in _SPOILER.finditer(words):
        yield Enclosing(
            start=match.start(),
            inside=match.start(1),
            content_end=match.end(1),
            end=match.end(),
            opening="||",
            closing="||",
            is_code=False,
        )


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with some of it replaced by a letter that is no mark, so that positions stay."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], "x" * (end - start)]
        at = end
    return "".join((*parts, text[at:]))
