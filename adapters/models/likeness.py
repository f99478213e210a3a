"""Which of several lines a question is about, by the words that they share: pure, and good enough to show recall.

Words are compared without case and endings; scripts that put no space between words are compared by pairs of
characters.
"""

import re
from collections.abc import Mapping, Sequence

STEM_LETTERS = 5
SHORTEST_WORD_LETTERS = 3
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_QUESTION_MARKS = ("?", "？", "؟", ";")  # noqa: RUF001 - the last is the Greek one
_IN_EVERY_SENTENCE = """
    about again and any are because been being but can could did does doing done for from get give had has have her
    here him his how into its just know let like may maybe might more most much must not now off one our out please
    say she should some such than that the their them then there these they thing this those told too very was
    well were what whats when where which while who whom whose why will with would yes you your yours
    said mine also really think want
    aber auch das dein deine dem den der die ein eine einen für ich ist kann mein meine mich mir mit nicht noch oder
    sein sind und uns war warum was wer wie wir wo zu
    avec ces comment dans des elle est les mais mes mon nous pas pour que qui quoi ses son sur une vous
    como con cual del donde ella esta este los las más por qué quién una
"""
_INSIGNIFICANT = frozenset(_IN_EVERY_SENTENCE.split())
_WEAK = frozenset(("ask", "called", "name", "named", "recall", "remember", "remind", "tell", "word"))
WEAK_WEIGHT, FULL_WEIGHT = 1, 3


def significant_words(text: str) -> Mapping[str, int]:
    """The words by which texts are compared, in the form in which they are, with their weights."""
    words: dict[str, int] = {}
    for word in _WORD.findall(text.casefold()):
        for run in _UNSPACED.findall(word):
            words.update(dict.fromkeys((run[at : at + 2] for at in range(len(run) - 1)), FULL_WEIGHT))
        spaced = _UNSPACED.sub("", word)
        if len(spaced) >= SHORTEST_WORD_LETTERS and spaced not in _INSIGNIFICANT:
            words[spaced[:STEM_LETTERS].removesuffix("s")] = WEAK_WEIGHT if spaced in _WEAK else FULL_WEIGHT
    return words


def is_question(text: str) -> bool:
    return text.rstrip().endswith(_QUESTION_MARKS)


def most_like(question: str, lines: Sequence[str]) -> int | None:
    """The index of the line that shares most with the question, the latest of equals; None when none shares a word.

    Questions, and lines that know no more than the question, answer nothing.
    """
    asked = significant_words(question)
    best, best_shared = None, 0
    for index, line in enumerate(lines):
        words = significant_words(line)
        shared = sum(asked[word] for word in asked.keys() & words.keys())
        if shared and shared >= best_shared and words.keys() - asked.keys() and not is_question(line):
            best, best_shared = index, shared
    return best
