"""`rebuild` and `verify`: the projections, built anew from the log, switched back, and compared with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.options import Json
from adapters.terminal.screen import Result, words
from adapters.terminal.session import NOTHING_RUNS, Request, Session
from adapters.terminal.tables import table
from engine.replaying import ProjectionState, Rebuilt, Verified

HASH_CHARS = 16


@dataclass(frozen=True)
class RebuiltResult(Result):
    """What a rebuild made."""

    rebuilt: Rebuilt

    @property
    def events_per_s(self) -> float:
        return self.rebuilt.events / self.rebuilt.seconds if self.rebuilt.seconds else 0.0

    @override
    def as_json(self) -> dict[str, Any]:
        it = self.rebuilt
        return {
            "projections": states_as_json(it.projections),
            "events": it.events,
            "seconds": round(it.seconds, 3),
            "events_per_s": round(self.events_per_s),
            "position": it.position,
        }

    @override
    def __rich__(self) -> RenderableType:
        it = self.rebuilt
        rate = f"{it.events:,} events in {it.seconds:.1f} s: {self.events_per_s:,.0f} events/s."
        return Group(_states(it.projections), words(rate))


@dataclass(frozen=True)
class SwitchedBack(Result):
    """Which generations are in force again."""

    generations: tuple[str, ...]

    @override
    def as_json(self) -> dict[str, Any]:
        return {"generations": list(self.generations)}

    @override
    def __rich__(self) -> RenderableType:
        return words(f"In force again, up to date: {', '.join(self.generations)}. The same command switches forth.")


@dataclass(frozen=True)
class VerifiedResult(Result):
    """What a comparison with a replay found."""

    verified: Verified

    @property
    @override
    def exit_code(self) -> int:
        return 0 if self.verified.is_ok else 1

    @override
    def as_json(self) -> dict[str, Any]:
        it = self.verified
        return {
            "projections": states_as_json(it.projections),
            "live": states_as_json(it.live),
            "position": it.position,
            "ok": it.is_ok,
            "differences": list(it.differences),
        }

    @override
    def __rich__(self) -> RenderableType:
        it = self.verified
        verdict = (
            words("Equal: what is served is what the log says.", "green")
            if it.is_ok
            else words("Not equal:\n" + "\n".join(f"  {difference}" for difference in it.differences), "red")
        )
        return Group(_states(it.projections), verdict)


def states_as_json(states: Mapping[str, ProjectionState]) -> dict[str, dict[str, Any]]:
    return {name: {"rows": state.rows, "state_hash": state.state_hash} for name, state in states.items()}


def _states(states: Mapping[str, ProjectionState]) -> RenderableType:
    rows = [(name, f"{state.rows:,}", state.state_hash[:HASH_CHARS]) for name, state in states.items()]
    return table(("projection", "rows", "state hash"), rows)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A rebuild as it was asked for."""

    names: tuple[str, ...]
    drop_database: bool
    batch_size: int | None

    async def perform(self, session: Session) -> RebuiltResult:
        with session.screen.replaying("Rebuilding") as on_progress:
            rebuilt = await session.opened.replay.rebuild(
                self.names,
                drop_database=self.drop_database,
                batch_size=self.batch_size,
                on_progress=on_progress,
            )
        return RebuiltResult(rebuilt)


@dataclass(frozen=True, slots=True)
class SwitchBack:
    """A return to the generations that the last rebuild replaced."""

    names: tuple[str, ...]
    batch_size: int | None

    async def perform(self, session: Session) -> SwitchedBack:
        return SwitchedBack(await session.opened.replay.switch_back(self.names, batch_size=self.batch_size))


async def verify(session: Session) -> VerifiedResult:
    with session.screen.replaying("Verifying") as on_progress:
        return VerifiedResult(await session.opened.replay.verify(on_progress=on_progress))


def register(app: typer.Typer) -> None:
    @app.command("rebuild")
    def rebuild_command(
        projections: Annotated[
            list[str] | None, typer.Argument(metavar="[PROJECTION]...", help="Which; without any, all.")
        ] = None,
        *,
        drop_database: Annotated[
            bool, typer.Option("--drop-database", help="Drop everything derived first: all comes back from the log.")
        ] = False,
        switch_back: Annotated[
            bool,
            typer.Option(
                "--switch-back", help="Build nothing: put back what the last rebuild replaced, brought up to date."
            ),
        ] = False,
        batch_size: Annotated[
            int | None, typer.Option("--batch-size", metavar="EVENTS", min=1, help="Events in one transaction.")
        ] = None,
        json: Json = False,
    ) -> Request:
        """Build the projections anew from the log, beside those in use, and let the new ones take over."""
        names = tuple(projections or ())
        if switch_back and drop_database:
            raise typer.BadParameter("--drop-database leaves nothing to switch back to: choose one of the two.")
        perform = (
            SwitchBack(names, batch_size).perform if switch_back else Rebuild(names, drop_database, batch_size).perform
        )
        return Request(perform, as_json=json, roles=NOTHING_RUNS, works_in_chat=False, reads=False)

    @app.command("verify")
    def verify_command(*, json: Json = False) -> Request:
        """Replay the log into a scratch copy and compare it with what is served; exit code 1 if they differ."""
        return Request(verify, as_json=json, works_in_chat=False)
