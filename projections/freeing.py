"""How memory is freed while a log is replayed.

Python frees by counting references, and now and then looks at everything it holds for circles that counting misses. A
replay makes hundreds of thousands of events that are in no circle and gone within a batch, while every look takes
longer the more the process holds: a quarter of the time of folding. So it looks less often meanwhile.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

CONTAINERS_BETWEEN_LOOKS = 100_000
"""Some batches' worth; Python's own 2,000 are made by some hundred events."""


_thresholds_before: list[tuple[int, int, int]] = []
"""Python's own, first, for as long as anybody replays: several may at once, and end in any order."""


@contextmanager
def looking_less_often() -> Iterator[None]:
    """As long as this lasts; what is there already is not looked at at all."""
    _thresholds_before.append(gc.get_threshold())
    gc.freeze()
    gc.set_threshold(CONTAINERS_BETWEEN_LOOKS, *_thresholds_before[0][1:])
    try:
        yield
    finally:
        if len(_thresholds_before) == 1:
            gc.set_threshold(*_thresholds_before[0])
            gc.unfreeze()
        _thresholds_before.pop()
