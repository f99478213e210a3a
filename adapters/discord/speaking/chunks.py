"""A text in pieces that Discord takes at once.

Discord counts code points, as Python's `len` does (so its staff in github.com/discord/discord-api-docs/issues/1315, and
serenity's MESSAGE_CODE_LIMIT agrees); it refuses a message that is blank, and trims what it takes.

A cut falls between paragraphs, else lines, sentences, words, else between two characters that are drawn apart. A piece
is at least half full unless that tears apart a code block or a spoiler which fits as a whole. One that is too long is
closed at the cut and opened again, with its language, so that what was hidden stays hidden. Nothing but whitespace at
the cuts is lost.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from adapters.discord.speaking.spans import Enclosing, Spans, spans_of

MESSAGE_CHARS = 2000
MIN_LIMIT_CHARS = 64
"""Below this there is no room for the marks that close and open a code block."""

_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)


class _Rank(IntEnum):
    """How good a place is to cut at, the best first."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    WORD = 3


_BREAKS = (
    (_Rank.PARAGRAPH, re.compile(r"(?P<gap>\n[ \t]*\n)")),
    (_Rank.LINE, re.compile(r"(?P<gap>\n)")),
    (_Rank.SENTENCE, re.compile(r"""[.!?…]["'”’»)\]*_~|]*(?P<gap>\s)""")),  # noqa: RUF001 - quotes that close
    (_Rank.SENTENCE, re.compile(r"[。！？][」』）”’]*(?P<gap>)")),  # noqa: RUF001 - these end a sentence without a space
    (_Rank.WORD, re.compile(r"(?P<gap>\s)")),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text, with the marks that had to be added at its cuts."""

    opening: str
    body: str
    closing: str

    @property
    def text(self) -> str:
        return f"{self.opening}{self.body}{self.closing}"


@dataclass(frozen=True, slots=True)
class _Cut:
    """The piece ends at `end`, the next one begins at `resume`; between them is only whitespace."""

    end: int
    resume: int
    rank: _Rank
    closing: str
    is_open: bool
    is_tight: bool


def chunks(text: str, *, limit: int = MESSAGE_CHARS) -> tuple[str, ...]:
    """The text in messages; none if it is blank."""
    return tuple(piece.text for piece in pieces(text, limit=limit))


def pieces(text: str, *, limit: int = MESSAGE_CHARS) -> tuple[Piece, ...]:
    if limit < MIN_LIMIT_CHARS:
        raise ValueError(f"A limit below {MIN_LIMIT_CHARS} characters leaves no room for the marks at a cut.")
    return tuple(_pieces(text.strip(), limit))


def _pieces(text: str, limit: int) -> Iterator[Piece]:
    spans = spans_of(text)
    at = 0
    while at < len(text):
        opening = "".join(span.opening for span in spans.around(at))
        space = limit - len(opening)
        if len(text) - at <= space:
            yield Piece(opening, text[at:], "")
            return
        cut = _best_cut(text, spans, at, space)
        yield Piece(opening, text[at : cut.end].rstrip(), cut.closing)
        at = _resume(text, spans, cut.resume)


def _resume(text: str, spans: Spans, position: int) -> int:
    """Where the next piece begins: behind whitespace that is not code, and behind what holds nothing more."""
    at = position
    for span in reversed(spans.around(at)):
        if not text[at : span.content_end].strip():
            at = span.end
    if any(span.is_code for span in spans.around(at)):
        return at
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _best_cut(text: str, all_spans: Spans, at: int, space: int) -> _Cut:
    spans = all_spans.near(at, at + space + 1)
    cuts = [cut for cut in _cuts(text, spans, at, space) if cut.end - at + len(cut.closing) <= space]
    full = [cut for cut in cuts if cut.end - at >= space // 2]
    for choice in (
        [cut for cut in full if not cut.is_open and not cut.is_tight],
        _before_what_fits(cuts, spans, at, space),
        [cut for cut in full if not cut.is_tight],
        full,
    ):
        if choice:
            return min(choice, key=lambda cut: (cut.rank, -cut.end))
    return _hard_cut(text, spans, at, space)


def _before_what_fits(cuts: list[_Cut], spans: Spans, at: int, space: int) -> list[_Cut]:
    """Cuts that leave a code block or a spoiler whole, when the limit falls into one that a message can hold."""
    outermost = next(iter(spans.around(at + space)), None)
    if outermost is None or outermost.start <= at or outermost.end - outermost.start > space:
        return []
    return [cut for cut in cuts if cut.resume == outermost.start and not cut.is_tight][-1:] or [
        cut for cut in cuts if cut.end <= outermost.start and not cut.is_open and not cut.is_tight
    ][-1:]


def _cuts(text: str, spans: Spans, at: int, space: int) -> Iterator[_Cut]:
    """Every place within reach to cut at, the nearest first."""
    last = min(at + space + 1, len(text))
    found = [
        (match.start("gap"), match.end("gap"), rank)
        for rank, breaks in _BREAKS
        for match in breaks.finditer(text, at, last)
    ]
    for span in spans.enclosing:
        rank = _Rank.PARAGRAPH if span.is_code else _Rank.WORD
        found += [(edge, edge, rank) for edge in (span.start, span.end) if at < edge <= last]
    for end, resume, rank in sorted(found):
        if resume < len(text) and text[at:end].strip():
            cut = _cut(text, spans, at=at, end=end, resume=resume, rank=rank)
            if cut is not None:
                yield cut


def _cut(text: str, spans: Spans, *, at: int, end: int, resume: int, rank: _Rank) -> _Cut | None:
    """The cut at a position; None where it would fall into a mark or leave an empty code block behind."""
    around = spans.around(end)
    if any(_is_torn(text, span, at, end) for span in around):
        return None
    closing = "".join(span.closing for span in reversed(around))
    return _Cut(end, resume, rank, closing, is_open=bool(around), is_tight=spans.is_tight(end))


def _is_torn(text: str, span: Enclosing, at: int, end: int) -> bool:
    return end > span.content_end or not text[max(at, span.inside) : end].strip()


def _hard_cut(text: str, spans: Spans, at: int, space: int) -> _Cut:
    """In need: the last place where two characters are drawn apart, else wherever the limit falls."""
    rough = None
    for end in range(min(at + space, len(text) - 1), at, -1):
        is_apart = _is_drawn_apart(text, end)
        cut = _cut(text, spans, at=at, end=end, resume=end, rank=_Rank.WORD) if is_apart else None
        if cut is None or cut.end - at + len(cut.closing) > space:
            continue
        if not cut.is_tight:
            return cut
        rough = rough or cut
    end = min(at + space, len(text))
    return rough or _Cut(end, end, _Rank.WORD, "", is_open=False, is_tight=False)


def _is_drawn_apart(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if (
        unicodedata.category(after).startswith("M")
        or _ZERO_WIDTH_JOINER in (before, after)
        or ord(after) in _SKIN_TONES
    ):
        return False
    return not (
        ord(before) in _FLAG_LETTERS and ord(after) in _FLAG_LETTERS and _flag_letters_before(text, position) % 2
    )


def _flag_letters_before(text: str, position: int) -> int:
    count = 0
    while count < position and ord(text[position - 1 - count]) in _FLAG_LETTERS:
        count += 1
    return count
