"""The mention grammar: "@" and a character's name in running text, as people write it.

A mention is the prefix and up to four words behind it, on one line. Which of the words are the name only the
characters that exist can tell, so there are two steps. `candidate_names` gives every name that the text may mean;
whoever knows the characters says which of these exist; `mentioned` then takes the longest for each mention, by words,
then by letters. The text itself is never changed.

Behind a name may stand what belongs to the sentence: punctuation, a possessive ending, the end of bold or of a quote.
A period or an apostrophe may also be part of the name ("Dr. Vane", "D'Arcy", "J.R."), so names are tried with and
without. No mention is found in code, in links, in e-mail addresses or in Discord's own mentions.
"""

# ruff: noqa: RUF001 - quotes, apostrophes and dashes as phones and keyboards write them

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adapters.discord.hearing.code_spans import code_spans
from engine.domain.text import folded

MAX_WORDS = 4
MAX_MENTIONS = 10
MAX_PREFIXES = 100
"""As many are looked at, whether or not a name stands behind them."""

MAX_NAMES = 64
MAX_NAME_CHARS = 100
REACH_CHARS = 256
"""How far behind a prefix a name is looked for: the longest one with all that may stand around its words."""

_APOSTROPHES = "'’‘ʼ＇"
_WRAPPERS = '*_~|"“”„«»‹›' + _APOSTROPHES
_BLOTTED = "\0"
_NOT_RUNNING_TEXT = re.compile(r"<[^<>\s][^<>\n]{0,100}>|https?://\S+")
_WORD = re.compile(r"\S+")
_LINE = re.compile(rf"[^\r\n{_BLOTTED}]{{0,{REACH_CHARS}}}")
_BEHIND_A_NAME = re.compile(r"[`,;:!?…()\[\]{}<>/\\*~|\"“”„«»‹›—–]|\.{3,}|--")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}][sS]\Z")
_STRAIGHT = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))
_SENTENCE_END = ",.;:!?…)]}>" + _WRAPPERS
_UNLIKELY = 3
"""A name with such signs in it that usually stand behind one."""
_EVERYBODY = frozenset({"everyone", "here"})


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A character that the text names: by what, case-folded, and where the mention begins."""

    name: str
    character: str
    start: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """One name that a mention may mean. The higher the tier, the less likely it is."""

    name: str
    tier: int

    @property
    def length(self) -> tuple[int, int]:
        return self.name.count(" ") + 1, len(self.name)


def candidate_names(text: str, *, prefix: str = "@") -> tuple[str, ...]:
    """Every name that the text may mean, case-folded, at most 64: the likely readings of all mentions first."""
    readings = [reading for _, readings in _mentions(text, prefix) for reading in readings]
    readings.sort(key=lambda reading: reading.tier)
    return tuple(dict.fromkeys(reading.name for reading in readings))[:MAX_NAMES]


def mentioned(text: str, named: Mapping[str, str], *, prefix: str = "@") -> tuple[Mentioned, ...]:
    """The characters that the text names, each once, in the order in which it names them first.

    `named` says which character is meant by which of the candidate names.
    """
    found: dict[str, Mentioned] = {}
    for start, readings in _mentions(text, prefix):
        names = [reading for reading in readings if reading.name in named]
        if names:
            name = max(names, key=lambda reading: reading.length).name
            found.setdefault(named[name], Mentioned(name, named[name], start))
    return tuple(found.values())


def _mentions(text: str, prefix: str) -> list[tuple[int, list[_Reading]]]:
    """Where each mention begins, and its readings."""
    running = _running_text(text)
    found: list[tuple[int, list[_Reading]]] = []
    at, looked_at = running.find(prefix), 0
    while at >= 0 and len(found) < MAX_MENTIONS and looked_at < MAX_PREFIXES:
        after, looked_at = at + len(prefix), looked_at + 1
        if _may_begin(running, at) and (readings := list(_readings(running, after, prefix))):
            found.append((at, readings))
        at = running.find(prefix, after)
    return found


def _running_text(text: str) -> str:
    """The text with everything in which nobody is named blotted out; positions stay."""
    spans = [*code_spans(text), *(match.span() for match in _NOT_RUNNING_TEXT.finditer(text))]
    for start, end in spans:
        text = f"{text[:start]}{_BLOTTED * (end - start)}{text[end:]}"
    return text


def _may_begin(text: str, at: int) -> bool:
    """Whether a mention may begin here: not in the middle of a word or an address; an underscore may begin italics."""
    while at and text[at - 1] == "_":
        at -= 1
    return not at or not (text[at - 1].isalnum() or text[at - 1] in "+%")


def _readings(text: str, after: int, prefix: str) -> Iterator[_Reading]:
    """The names that the words behind a prefix may be, each once."""
    line = _LINE.match(text, after)
    opened = line[0].lstrip(_WRAPPERS) if line else ""
    behind = _BEHIND_A_NAME.search(opened)
    plain = opened[: behind.start()] if behind else opened
    seen: set[str] = set()
    for words, is_plain in ((plain, True), (opened, False)):
        for whole in _beginnings(words, prefix):
            names = _names(whole) if is_plain else (*_names(whole.rstrip(_SENTENCE_END)), *_names(whole), whole)
            for tier, name in enumerate(names, 0 if is_plain else _UNLIKELY):
                for further, spelt in enumerate(_spellings(folded(name))):
                    if spelt not in seen and _is_name(spelt):
                        seen.add(spelt)
                        yield _Reading(spelt, tier + further)


def _beginnings(line: str, prefix: str) -> list[str]:
    """The first four words of a line, the first three, two, one; no further than to the next mention."""
    if not line or line[0].isspace():
        return []
    ends: list[int] = []
    for match in _WORD.finditer(line):
        if len(ends) == MAX_WORDS or match[0].lstrip(_WRAPPERS).startswith(prefix):
            break
        ends.append(match.end())
    return [line[:end] for end in reversed(ends)]


def _names(whole: str) -> tuple[str, ...]:
    """The names that these words may be: without what a sentence puts behind a name, with a period, as they stand."""
    kept = whole.rstrip(_WRAPPERS + "-")
    owner = _POSSESSIVE.sub("", kept.rstrip(".")) if _POSSESSIVE.search(kept.rstrip(".")) else kept
    owner = owner.rstrip(_WRAPPERS)
    bare = owner.rstrip("." + _WRAPPERS)
    return bare, f"{bare}." if owner.endswith(".") else owner, kept


def _spellings(name: str) -> tuple[str, ...]:
    """As it was typed, and with the other kind of apostrophe: whoever made the character had another keyboard."""
    straight = name.translate(_STRAIGHT)
    return name, straight, straight.replace("'", "’")


def _is_name(name: str) -> bool:
    return (
        len(name) <= MAX_NAME_CHARS
        and not name.replace(" ", "").isdigit()
        and name not in _EVERYBODY
        and any(char.isalnum() for char in name)
    )
