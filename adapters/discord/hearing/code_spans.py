"""Where a text is code, as Discord's markdown reads it: nobody is named there, and nothing is written out.

A run of backticks opens a span that the next run of the same length closes; a run of three or more is a block, which
the next three close. A backtick behind a backslash opens nothing; a run that nothing closes is plain text.
"""

import re
from bisect import bisect_right

BLOCK = 3
_RUN = re.compile(r"`+")


def code_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each span, backticks included, in order and without overlap."""
    runs = [(match.start(), match.end()) for match in _RUN.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for start, end in runs:
        by_length.setdefault(min(end - start, BLOCK), []).append(start)
    ends = dict(runs)
    spans: list[tuple[int, int]] = []
    upto = 0
    for start, end in runs:
        if start < upto or _is_escaped(text, start):
            continue
        closers = by_length[min(end - start, BLOCK)]
        at = bisect_right(closers, start)
        if at < len(closers):
            upto = ends[closers[at]]
            spans.append((start, upto))
    return tuple(spans)


def _is_escaped(text: str, at: int) -> bool:
    first = at
    while first and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1
