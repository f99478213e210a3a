"""`tzurot bench …`: tables on standard output, or JSON; progress on standard error."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.benchmarks.append import AppendSizes, bench_append
from adapters.benchmarks.report import Report, as_json, show
from adapters.terminal.host import Host
from engine.settings import Settings

type MakeHost = Callable[[Settings], Host]
type OnProgress = Callable[[str, int, int], None]
type Benchmark = Callable[[OnProgress], Coroutine[Any, Any, Report]]

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Pairs = Annotated[int, typer.Option(min=1, help="How often everything is measured, one after the other.")]
Commands = Annotated[int, typer.Option(min=1, help="Commands in each measurement.")]

APPEND = AppendSizes()


def build(host: MakeHost) -> typer.Typer:
    """The commands; `host` makes the composition root for the settings of a benchmark's own servers."""
    app = typer.Typer(no_args_is_help=True, help="Measure how fast it is here, each time beside a baseline.")

    @app.command()
    def append(*, pairs: Pairs = APPEND.pairs, commands: Commands = APPEND.commands, json: Json = False) -> None:
        """Whole commands a second, against bare publishing and the library's Postgres and SQLite recorders."""
        _run(lambda progress: bench_append(AppendSizes(pairs, commands), progress), is_json=json)

    return app


def _run(*benchmarks: Benchmark, is_json: bool) -> None:
    reports = [_one(benchmark) for benchmark in benchmarks]
    if is_json:
        typer.echo(as_json(reports))
        return
    for report in reports:
        show(report, Console())


def _one(benchmark: Benchmark) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("starting servers", total=None)

        def on_progress(what: str, done: int, total: int) -> None:
            shown.update(task, description=what, completed=done, total=total)

        return asyncio.run(benchmark(on_progress))
