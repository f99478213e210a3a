"""How often the same is explained: once per person, place and hour is help, each time would be noise.

It is kept in memory: after a restart somebody may be told once more.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta

from adapters.discord.hearing.deciding import Notice

PAUSES: Mapping[Notice, timedelta] = {
    "hidden": timedelta(hours=1),
    "not recorded": timedelta(hours=1),
    "first contact": timedelta(minutes=1),
    "help": timedelta(seconds=10),
}
MAX_KEPT = 10_000


class Pacing:
    def __init__(self) -> None:
        self._told: OrderedDict[tuple[Notice, str, str], datetime] = OrderedDict()

    def is_due(self, notice: Notice, *, person: str, place: str, at: datetime) -> bool:
        """Whether it is to be said now; if so, it counts as said."""
        key = (notice, person, place)
        told = self._told.get(key)
        if told is not None and at - told < PAUSES[notice]:
            return False
        self._told[key] = at
        self._told.move_to_end(key)
        while len(self._told) > MAX_KEPT:
            self._told.popitem(last=False)
        return True
