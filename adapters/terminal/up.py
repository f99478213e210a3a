"""`up`: everything that is configured, until told to stop."""

import asyncio
import signal
from typing import Annotated

import typer

from adapters.terminal.host import Role
from adapters.terminal.screen import words
from adapters.terminal.session import Request, Session

ROLES: tuple[Role, ...] = ("projections", "responder", "deliverer", "discord")


async def stay_up(session: Session) -> None:
    """Return when Ctrl-C is pressed or the process is told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    opened = session.opened
    session.screen.note(words(f"Tzurot is up. Answering: {opened.model_name}. Data: {opened.settings.data_dir}"))
    if "discord" in opened.platforms:
        session.screen.note(words("Connecting to Discord."))
    session.screen.note(words("Ctrl-C stops it.", "dim"))
    await stop.wait()


def register(app: typer.Typer) -> None:
    @app.command("up")
    def up_command(
        *,
        role: Annotated[
            list[Role] | None,
            typer.Option(
                "--role",
                metavar="|".join(ROLES),
                help="Only this role; may be repeated. Without it, all.",
                show_default=False,
            ),
        ] = None,
    ) -> Request:
        """Run everything that is configured: servers, projections, reactors and Discord, until told to stop."""
        roles = frozenset(role) if role else frozenset(ROLES)
        return Request(stay_up, roles=roles, works_in_chat=False, reads=False)
