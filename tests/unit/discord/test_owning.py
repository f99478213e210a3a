"""Who keeps a shard, and who stands by."""

import asyncio
from dataclasses import dataclass, field
from itertools import count
from unittest.mock import Mock

import pytest
from nats.js.errors import KeyWrongLastSequenceError

from adapters.discord.owning import Lost, while_held

_revisions = count(1)


@dataclass
class LeasesInMemory:
    """Leases that end only when the test says so."""

    lifetime_s: float = 0.05
    held: dict[str, int] = field(default_factory=dict)
    is_away: bool = False

    async def take(self, name: str) -> int:
        if name in self.held or self.is_away:
            raise Lost
        self.held[name] = next(_revisions)
        return self.held[name]

    async def renew(self, name: str, revision: int) -> int:
        if self.is_away:
            raise Lost
        if self.held.get(name) != revision:
            raise Lost from KeyWrongLastSequenceError(code=400, err_code=10071, description="", stream="", seq=0)
        self.held[name] = next(_revisions)
        return self.held[name]

    async def let_go(self, name: str, revision: int) -> None:
        if self.held.get(name) == revision:
            del self.held[name]


@dataclass
class Work:
    """Goes on until it is stopped."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def stopped(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_works_and_the_other_stands_by_until_it_stops() -> None:
    leases, first, second = LeasesInMemory(), Work(), Work()
    working = asyncio.create_task(while_held(leases, "shard", first))
    await first.begun.wait()
    standing_by = asyncio.create_task(while_held(leases, "shard", second))
    await asyncio.sleep(0)
    assert not second.begun.is_set()
    await stopped(working)
    await second.begun.wait()
    assert first.ended.is_set()
    await stopped(standing_by)
    assert leases.held == {}


async def test_whose_lease_is_taken_stops_at_once_and_waits_for_it_again() -> None:
    leases, work = LeasesInMemory(), Work()
    working = asyncio.create_task(while_held(leases, "shard", work))
    await work.begun.wait()
    leases.held["shard"] = -1
    await work.ended.wait()
    work.begun.clear()
    del leases.held["shard"]
    await work.begun.wait()
    await stopped(working)


async def test_who_cannot_renew_stops_before_the_lease_ends() -> None:
    leases, work = LeasesInMemory(lifetime_s=0.2), Work()
    working = asyncio.create_task(while_held(leases, "shard", work))
    await work.begun.wait()
    leases.is_away = True
    await work.ended.wait()
    assert "shard" in leases.held  # nobody else could have taken it yet
    await stopped(working)


async def test_what_the_work_raises_is_raised_and_the_lease_let_go() -> None:
    leases = LeasesInMemory()
    with pytest.raises(ZeroDivisionError):
        await while_held(leases, "shard", Mock(side_effect=_failing))
    assert leases.held == {}


async def _failing() -> None:
    raise ZeroDivisionError
