"""That the benchmark runs and says what it should; never how fast anything is."""

from adapters.benchmarks.rebuild import ENGINE, LIBRARY, READING, bench_rebuild
from adapters.benchmarks.sizes import RebuildSizes
from tzurot import Root

PAIRS = 2


async def test_all_projections_are_rebuilt_alike_and_compared_with_reading_and_with_the_library() -> None:
    steps: list[str] = []
    sizes = RebuildSizes(events=400, pairs=PAIRS, library_events=20)
    report = await bench_rebuild(Root, sizes, lambda what, *_: steps.append(what))
    rates = {line.who: line for line in report.measured if line.unit == "events/s"}
    assert rates.keys() == {ENGINE, READING, LIBRARY}
    assert all(line.values.count == PAIRS and line.values.lowest > 0 for line in rates.values())
    assert [who for who, line in rates.items() if line.bar is not None] == [ENGINE]
    assert [who for who, line in rates.items() if line.ratio is None] == [ENGINE]
    assert {"history", "memory", "characters", "presets", "people", "audit"} <= report.facts["projections"].keys()
    assert all(" rows " in state for state in report.facts["projections"].values())
    assert report.facts["equal in all runs"] is True
    memory = {line.who: line.values.median for line in report.measured if line.unit == "MiB"}
    assert memory["the whole log"] >= memory["before it begins"] > 0
    assert "filling the log" in steps
