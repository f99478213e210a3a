import io
import json

from rich.console import Console

from adapters.benchmarks.report import Bar, Measured, Report, as_json, compared, show
from adapters.benchmarks.spread import spread_of

RATES = {"engine": [90.0, 80.0, 70.0], "bare": [100.0, 100.0, 100.0], "elsewhere": [10.0, 10.0, 10.0]}


def test_the_first_contender_is_compared_with_each_of_the_others() -> None:
    first, bare, elsewhere = compared("new messages", "commands/s", RATES, {"bare": Bar(0.75)})
    assert (first.who, first.ratio, first.is_met) == ("engine", None, None)
    assert bare.ratio == spread_of([0.9, 0.8, 0.7])
    assert bare.is_met is True
    assert elsewhere.ratio == spread_of([9.0, 8.0, 7.0])
    assert elsewhere.is_met is None


def test_a_floor_is_missed_from_below_and_a_ceiling_from_above() -> None:
    assert Bar(0.9).is_met_by(0.9)
    assert not Bar(0.9).is_met_by(0.89)
    assert Bar(20, is_ceiling=True).is_met_by(20)
    assert not Bar(20, is_ceiling=True).is_met_by(21)


def test_a_bar_without_a_ratio_is_one_for_the_values() -> None:
    assert Measured("p95", "empty log", "ms", spread_of([12.0, 14.0]), bar=Bar(20, is_ceiling=True)).is_met is True


def test_json_holds_every_spread_and_verdict() -> None:
    report = Report("append", compared("new messages", "commands/s", RATES, {"bare": Bar(0.9)}), {"pairs": 3})
    (found,) = json.loads(as_json([report]))
    assert (found["benchmark"], found["facts"]) == ("append", {"pairs": 3})
    bare = found["measured"][1]
    assert bare["ratio"] == {"median": 0.8, "lowest": 0.7, "highest": 0.9, "count": 3}
    assert bare["bar"] == {"value": 0.9, "is_ceiling": False}
    assert bare["is_met"] is False


def test_the_table_names_ratio_spread_and_verdict_and_what_they_depend_on() -> None:
    report = Report(
        "append",
        compared("new messages", "commands/s", RATES, {"bare": Bar(0.9)}),
        {"nats-server": {"sync_interval": "always"}},
        ("0.5 means half as many.",),
    )
    written = io.StringIO()
    show(report, Console(file=written, width=160))
    text = written.getvalue()
    for expected in ("0.80", "0.70 to 0.90", "at least 0.9: missed", "sync_interval always", "half as many"):
        assert expected in text
