"""That the benchmark runs and says what it should; never how fast anything is."""

from adapters.benchmarks.crowd import BOTS
from adapters.benchmarks.discord import NAMES, bench_discord
from adapters.benchmarks.sizes import DiscordSizes
from tzurot import Root

PAIRS = 2
SIZES = DiscordSizes(channels=5, speakers=2, messages=10, rate_per_s=10, model_ms=50, pairs=PAIRS)
OURS, ECHO = (NAMES[bot] for bot in BOTS)


async def test_both_bots_are_said_the_same_and_what_has_to_hold_of_ours_is_checked() -> None:
    steps: list[str] = []
    report = await bench_discord(Root, SIZES, lambda what, *_: steps.append(what))
    lines = {(line.what, line.who): line for line in report.measured}
    compared = {what for what, who in lines if who == ECHO and lines[what, who].ratio is not None}
    assert {what.partition(": ")[2] for what in compared} >= {
        "overhead, p50",
        "overhead, p95",
        "overhead, p99",
        "replies",
    }
    for what in compared:
        ours, echo = lines[what, OURS], lines[what, ECHO]
        assert ours.values.count == echo.values.count == PAIRS
        assert min(ours.values.lowest, echo.values.lowest) > 0
    for way in ("until the model is asked", "from its answer to the post"):
        assert lines["at 10 messages a second: of that, p50", way].values.lowest > 0
    kept = [line for line in report.measured if line.bar is not None]
    assert [line.what for line in kept] == [
        "not answered",
        "answered more than once",
        "not in the order of asking",
        "missed",
    ]
    assert all(line.who == OURS and line.is_met for line in kept)
    said = 10 + PAIRS * (10 + 10)  # everyone once before, then both loads in each pair
    for name in (OURS, ECHO):
        assert report.facts[f"seen of the {name}"].startswith(f"{said} messages in 5 channels")
        assert lines["memory, at most", name].values.median > 0
    assert len([step for step in steps if step == "everyone talks"]) == PAIRS
