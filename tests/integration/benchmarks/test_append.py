"""That the benchmark runs and says what it should; never how fast anything is."""

from adapters.benchmarks.append import BARE, ENGINE, POSTGRES, SQLITE, bench_append
from adapters.benchmarks.sizes import AppendSizes

PAIRS = 2


async def test_every_contender_is_measured_in_every_pair_and_settings_are_stated() -> None:
    steps: list[tuple[int, int]] = []
    report = await bench_append(
        AppendSizes(pairs=PAIRS, commands=4), lambda _, done, total: steps.append((done, total))
    )
    kinds = {line.what for line in report.measured}
    assert len(kinds) == 6
    for kind in kinds:
        lines = {line.who: line for line in report.measured if line.what == kind}
        assert lines.keys() == {ENGINE, BARE, POSTGRES, SQLITE}
        assert all(line.values.count == PAIRS and line.values.lowest > 0 for line in lines.values())
        assert [who for who, line in lines.items() if line.ratio is None] == [ENGINE]
        assert [who for who, line in lines.items() if line.bar is not None] == [BARE]
    assert report.facts["nats-server"] == {"sync_interval": "always"}
    assert report.facts["Postgres"]["fsync"] == report.facts["Postgres"]["synchronous_commit"] == "on"
    assert report.facts["SQLite"] == {"journal_mode": "wal", "synchronous": "full"}
    assert steps
    assert all(0 < done <= total for done, total in steps)
