"""Counting tokens, without ever asking the network.

The ranks of o200k_base come with the project (`encodings/`) and are built into an encoding directly: tiktoken's own
loader would download them, without a time-out, and delete a cached file that it finds damaged. Where the bundled file
cannot be used, an estimate that errs upwards takes its place, so that a start never fails or hangs on counting.

Providers with another tokenizer count somewhat otherwise; a budget needs a margin in any case.
"""

import asyncio
import base64
import binascii
import hashlib
import logging
import lzma
from collections.abc import Iterator
from pathlib import Path

import tiktoken

from engine.ports import TokenCounter

ENCODING = "o200k_base"
ENCODINGS = Path(__file__).parent / "encodings"
RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
LOAD_DEADLINE_S = 10.0  # it takes about 0.4 s; a machine that needs longer than this has other troubles
SLICE_CHARS = 32_000  # the cost of one run of a character grows faster than its length
LOOK_BACK_CHARS = 200
WELL_KNOWN_SCRIPTS = ((0x0900, 0x10FF), (0x3040, 0xD7FF))  # Devanagari to Georgian; kana, Chinese, Hangul

log = logging.getLogger(__name__)


class EncodingUnusableError(ValueError):
    """The bundled encoding is missing or damaged."""


class TiktokenCounter:
    """Counts exactly, for the encoding it is given. Marks of special tokens in a text count as the text they are."""

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self._encoding = encoding

    @property
    def name(self) -> str:
        return self._encoding.name

    def count(self, text: str) -> int:
        return sum(len(self._encoding.encode_ordinary(part)) for part in slices(text))


class SafeEstimate:
    """Counts without knowing the ranks: about twice the truth for prose, and above it for what people really write.

    Made-up strings of rare letters can still cost more; nothing below one token a byte is proof against those.
    """

    name = "estimate"

    def count(self, text: str) -> int:
        halves = sum(_half_tokens(character) for character in text)
        return halves // 2 + 1 if text else 0


async def load_token_counter(*, folder: Path = ENCODINGS, deadline_s: float = LOAD_DEADLINE_S) -> TokenCounter:
    """The exact counter if it can be had in time, else the estimate. Never raises for want of either."""
    try:
        async with asyncio.timeout(deadline_s):
            return TiktokenCounter(await asyncio.to_thread(load_encoding, folder))
    except TimeoutError:  # the thread ends by itself; its result is not waited for
        log.warning("token counting: %s did not load within %s s, estimating instead", ENCODING, deadline_s)
    except (EncodingUnusableError, OSError) as error:
        log.warning("token counting: %s cannot be used (%s), estimating instead", ENCODING, type(error).__name__)
    return SafeEstimate()


def load_encoding(folder: Path) -> tiktoken.Encoding:
    """Unpack, check and build the encoding. Raises EncodingUnusableError or OSError."""
    pattern = (folder / f"{ENCODING}.pattern").read_text(encoding="utf-8")
    ranks = (folder / f"{ENCODING}.tiktoken.xz").read_bytes()
    return tiktoken.Encoding(ENCODING, pat_str=pattern, mergeable_ranks=unpack_ranks(ranks), special_tokens={})


def unpack_ranks(packed: bytes) -> dict[bytes, int]:
    try:
        lines = lzma.decompress(packed)
        if hashlib.sha256(lines).hexdigest() != RANKS_SHA256:
            raise EncodingUnusableError
        pairs = (line.split() for line in lines.splitlines())
        return {base64.b64decode(token): int(rank) for token, rank in pairs}
    except (lzma.LZMAError, binascii.Error, EOFError) as error:
        raise EncodingUnusableError from error


def slices(text: str) -> Iterator[str]:
    """Cut a long text where no token can span the cut: before a space that follows a word, where there is one near."""
    start = 0
    while len(text) - start > SLICE_CHARS:
        end = start + SLICE_CHARS
        space = text.rfind(" ", end - LOOK_BACK_CHARS, end)
        if space > start and not text[space - 1].isspace():
            end = space
        yield text[start:end]
        start = end
    yield text[start:]


def _half_tokens(character: str) -> int:
    """What one character may cost, in halves of a token."""
    code = ord(character)
    if code < 0x80:  # noqa: PLR2004 - ASCII
        # Small letters and spaces make up words, several to a token. Capitals, digits and marks make up what is rare.
        return 1 if character.islower() or character == " " else 2
    if character.isalpha() and code < 0x800:  # noqa: PLR2004 - Latin, Greek, Cyrillic, Hebrew, Arabic
        return 2
    if character.isalpha() and any(first <= code <= last for first, last in WELL_KNOWN_SCRIPTS):
        return 4
    # Emoji, marks, rare scripts: one token a byte is the most that anything can cost.
    return 2 * len(character.encode("utf-8", "surrogatepass"))
