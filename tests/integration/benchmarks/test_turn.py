"""That the benchmark runs and says what it should; never how fast anything is."""

from adapters.benchmarks.sizes import TurnSizes
from adapters.benchmarks.turn import BLOCKS, EMPTY, FULL, PAST, bench_turn
from tzurot import Root


async def test_turns_on_both_logs_are_measured_and_their_percentiles_compared() -> None:
    report = await bench_turn(Root, TurnSizes(turns=BLOCKS, events=300), lambda *_: None)
    for share in ("p50", "p95", "p99"):
        lines = {line.who: line for line in report.measured if line.what.startswith(f"{share} of all")}
        assert lines.keys() == {EMPTY, FULL, PAST}
        assert all(line.values.median > 0 for line in lines.values())
        assert {who for who, line in lines.items() if line.bar} == ({EMPTY, FULL} if share == "p95" else set())
    full, empty = report.measured[-2:]
    assert (full.who, empty.who) == (FULL, EMPTY)
    assert full.values.count == empty.values.count == BLOCKS
    assert empty.ratio is not None
    assert empty.bar is not None
