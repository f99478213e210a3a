"""Which appends are sent together, and how.

Up to a dozen go as separate messages, one behind the other; more go as one atomic batch, since the server syncs its
file once for a batch and once for every single message. A batch in which one message conflicts stores nothing: its
messages are then sent one by one, and the next rounds stay with singles for a while.
"""

import secrets
from collections.abc import Iterator, Sequence

from engine.log.entries import Entry

BATCH_FROM = 12  # measured: below, singles are answered sooner than a batch is
MAX_ROUND = 256
MAX_ROUND_BYTES = 4_000_000
ROUNDS_OF_SINGLES_AFTER_A_CONFLICT = 8
BATCH_ID_BYTES = 12


class Coalescing:
    """What one sender has learned about batches."""

    def __init__(self) -> None:
        self._rounds_of_singles = 0

    def is_batch_worthwhile(self, entries: Sequence[Entry]) -> bool:
        """Whether to send this round as one batch. Ask once for each round: it counts them."""
        if len(entries) < BATCH_FROM:
            return False
        if self._rounds_of_singles > 0:
            self._rounds_of_singles -= 1
            return False
        return len({entry.subject for entry in entries}) == len(entries)

    def batch_was_refused(self) -> None:
        self._rounds_of_singles = ROUNDS_OF_SINGLES_AFTER_A_CONFLICT


def new_batch_id() -> str:
    return secrets.token_hex(BATCH_ID_BYTES)


def rounds(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """As few rounds as their number and size allow."""
    round_: list[Entry] = []
    size_bytes = 0
    for entry in entries:
        size_bytes += entry.size_bytes
        if round_ and (size_bytes > MAX_ROUND_BYTES or len(round_) >= MAX_ROUND):
            yield round_
            round_, size_bytes = [], entry.size_bytes
        round_.append(entry)
    if round_:
        yield round_
