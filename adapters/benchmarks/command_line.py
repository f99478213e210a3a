"""`tzurot bench …`: tables on standard output, or JSON; progress on standard error.

The benchmarks are imported when they are run: every other command starts without them.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.benchmarks.report import Report, as_json, show
from adapters.benchmarks.sizes import AppendSizes, DiscordSizes, RebuildSizes, TurnSizes
from adapters.terminal.host import Host
from engine.settings import Settings

type MakeHost = Callable[[Settings], Host]
type OnProgress = Callable[[str, int, int], None]
type Benchmark = Callable[[OnProgress], Coroutine[Any, Any, Report]]

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Pairs = Annotated[int, typer.Option(min=1, help="How often everything is measured, turn about.")]
Commands = Annotated[int, typer.Option(min=1, help="Commands in each measurement.")]
Events = Annotated[int, typer.Option(min=100, help="Events on the log.")]
LibraryEvents = Annotated[int, typer.Option(min=2, help="Events for the library's runner, in all pairs together.")]
Turns = Annotated[int, typer.Option(min=5, help="Turns on each log.")]
Channels = Annotated[int, typer.Option(min=1, help="Channels in which people talk.")]
Speakers = Annotated[int, typer.Option(min=1, help="People in each channel.")]
Messages = Annotated[int, typer.Option(min=1, help="Messages at the steady rate, to each bot.")]
Rate = Annotated[float, typer.Option(min=0.1, help="Messages a second.")]
ModelMs = Annotated[int, typer.Option(min=0, help="How long the model takes, in ms.")]

HELP = "Measure how fast it is here, on servers of its own, each time beside a baseline."
APPEND, REBUILD, TURN, DISCORD = AppendSizes(), RebuildSizes(), TurnSizes(), DiscordSizes()


def build(host: MakeHost) -> typer.Typer:
    """The commands. `host` makes the composition root for the settings of a benchmark's own servers; processes of
    their own call it too, so it has to be something that a module names.
    """
    app = typer.Typer(name="bench", help=HELP, no_args_is_help=True)

    @app.command()
    def append(*, pairs: Pairs = APPEND.pairs, commands: Commands = APPEND.commands, json: Json = False) -> None:
        """Whole commands a second, against bare publishing and the library's Postgres and SQLite recorders."""
        _run(_append(AppendSizes(pairs, commands)), is_json=json)

    @app.command()
    def rebuild(
        *,
        events: Events = REBUILD.events,
        pairs: Pairs = REBUILD.pairs,
        library_events: LibraryEvents = REBUILD.library_events,
        json: Json = False,
    ) -> None:
        """Events a second from the log into all projections, against reading them and the library's own runner."""
        _run(_rebuild(host, RebuildSizes(events, pairs, library_events)), is_json=json)

    @app.command()
    def turn(*, turns: Turns = TURN.turns, events: Events = TURN.events, json: Json = False) -> None:
        """Milliseconds from a command to the first byte at the model, with an empty log and with a full one."""
        _run(_turn(host, TurnSizes(turns, events)), is_json=json)

    @app.command()
    def discord(
        *,
        channels: Channels = DISCORD.channels,
        speakers: Speakers = DISCORD.speakers,
        messages: Messages = DISCORD.messages,
        rate: Rate = DISCORD.rate_per_s,
        model_ms: ModelMs = DISCORD.model_ms,
        pairs: Pairs = DISCORD.pairs,
        json: Json = False,
    ) -> None:
        """Many people in many channels of a simulated Discord, answered by one process, beside a bare echo bot."""
        sizes = DiscordSizes(channels, speakers, messages, rate, model_ms, pairs)
        _run(_discord(host, sizes), is_json=json)

    @app.command(name="all")
    def all_(*, json: Json = False) -> None:
        """All four, with their usual sizes."""
        _run(_append(APPEND), _rebuild(host, REBUILD), _turn(host, TURN), _discord(host, DISCORD), is_json=json)

    return app


def _append(sizes: AppendSizes) -> Benchmark:
    from adapters.benchmarks.append import bench_append  # noqa: PLC0415

    return lambda on_progress: bench_append(sizes, on_progress)


def _rebuild(host: MakeHost, sizes: RebuildSizes) -> Benchmark:
    from adapters.benchmarks.rebuild import bench_rebuild  # noqa: PLC0415

    return lambda on_progress: bench_rebuild(host, sizes, on_progress)


def _turn(host: MakeHost, sizes: TurnSizes) -> Benchmark:
    from adapters.benchmarks.turn import bench_turn  # noqa: PLC0415

    return lambda on_progress: bench_turn(host, sizes, on_progress)


def _discord(host: MakeHost, sizes: DiscordSizes) -> Benchmark:
    from adapters.benchmarks.discord import bench_discord  # noqa: PLC0415

    return lambda on_progress: bench_discord(host, sizes, on_progress)


def _run(*benchmarks: Benchmark, is_json: bool) -> None:
    """Run one after the other; a table is shown as soon as it is there, JSON when all are done."""
    reports = []
    for benchmark in benchmarks:
        report = _one(benchmark)
        reports.append(report)
        if not is_json:
            show(report, Console())
    if is_json:
        typer.echo(as_json(reports))


def _one(benchmark: Benchmark) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("starting servers", total=None)

        def on_progress(what: str, done: int, total: int) -> None:
            shown.update(task, description=what, completed=done, total=total)

        return asyncio.run(benchmark(on_progress))
