"""Whether one message may be PluralKit's copy of another, by what stands in them; pure.

Texts are compared by their pairs of letters, whatever their order: that takes as many steps as there are letters, so
that long messages made to look alike hold nobody up.
"""

from collections import Counter
from itertools import pairwise

from adapters.discord.hearing.said import Content

ALIKE = 0.8
"""Of the pairs of letters of both texts together, how many they have to share."""


def reads_like(original: Content, copy: Content) -> bool:
    """Whether a copy may be of that original: the same but for the marks that say which member speaks."""
    before, after = original.text.strip(), copy.text.strip()
    if len(original.attachments) != len(copy.attachments):
        return False
    if not after:
        return bool(copy.attachments)
    return after in before or _shared(before, after) >= ALIKE


def _shared(one: str, other: str) -> float:
    """Between 0 and 1."""
    pairs, others = Counter(pairwise(one)), Counter(pairwise(other))
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0
