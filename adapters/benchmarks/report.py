"""What a benchmark found, as data and as a table for people. Pure, but for the printing at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from adapters.benchmarks.spread import Spread, ratio_of, spread_of

THREE_DIGITS = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """What is expected of a number: at least this, or at most."""

    value: float
    is_ceiling: bool = False

    def is_met_by(self, number: float) -> bool:
        return number <= self.value if self.is_ceiling else number >= self.value

    def __str__(self) -> str:
        return f"{'at most' if self.is_ceiling else 'at least'} {self.value:,g}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one contender did. `ratio` is the first one's to it, pair by pair; None for the first one itself.

    `bar` is what is expected of the ratio's median, or of the values' where there is no ratio.
    """

    what: str
    who: str
    unit: str
    values: Spread
    ratio: Spread | None = None
    bar: Bar | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether it is as expected; None where nothing is."""
        return None if self.bar is None else self.bar.is_met_by((self.ratio or self.values).median)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one benchmark says. `facts` hold sizes, settings, versions; `meaning` explains the ratios."""

    benchmark: str
    measured: Sequence[Measured]
    facts: Mapping[str, Any] = field(default_factory=dict)
    meaning: Sequence[str] = ()


def compared(
    what: str, unit: str, values: Mapping[str, Sequence[float]], bars: Mapping[str, Bar] | None = None
) -> list[Measured]:
    """One line for each contender: the first one is compared with each of the others."""
    bars = bars or {}
    (first, ours), *others = values.items()
    return [
        Measured(what, first, unit, spread_of(ours), bar=bars.get(first)),
        *(
            Measured(what, who, unit, spread_of(theirs), ratio_of(ours, theirs), bars.get(who))
            for who, theirs in others
        ),
    ]


def as_json(reports: Sequence[Report]) -> bytes:
    """The reports as JSON, each bar with its verdict."""
    found = []
    for report in reports:
        data = asdict(report)
        for line, measured in zip(data["measured"], report.measured, strict=True):
            line["is_met"] = measured.is_met
        found.append(data)
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def show(report: Report, console: Console) -> None:
    """Print the report for people."""
    table = Table(title=f"bench {report.benchmark}", title_justify="left")
    table.add_column("measured", max_width=32)
    table.add_column("by")
    for heading in ("median", "lowest to highest", "ratio to it", "lowest to highest"):
        table.add_column(heading, justify="right")
    table.add_column("expected")
    what = ""
    for line in report.measured:
        if line.what != what:
            table.add_section()
        table.add_row(line.what if line.what != what else "", *_cells(line))
        what = line.what
    console.print(table)
    for name, value in report.facts.items():
        console.print(f"{name}: {_fact(value)}", style="dim", highlight=False)
    for sentence in report.meaning:
        console.print(sentence, highlight=False)


def _cells(line: Measured) -> tuple[str, ...]:
    values, ratio = line.values, line.ratio
    expected = "" if line.bar is None else f"{line.bar}: {'met' if line.is_met else 'missed'}"
    return (
        line.who,
        f"{_number(values.median)} {line.unit}",
        f"{_number(values.lowest)} to {_number(values.highest)}" if values.count > 1 else "",
        f"{ratio.median:.2f}" if ratio else "",
        f"{ratio.lowest:.2f} to {ratio.highest:.2f}" if ratio and ratio.count > 1 else "",
        expected,
    )


def _fact(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_fact(part)}" for name, part in value.items())
    return str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= THREE_DIGITS else f"{value:.2f}"
