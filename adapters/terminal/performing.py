"""Carrying out what a command asked for: exit codes, errors in one line, leaving cleanly.

0    success                      1    it could not be done: the reason is on stderr
2    the command line is wrong    130  interrupted by Ctrl-C     143  told to stop
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.exceptions import TyperException

from adapters.terminal.host import LogOnly
from adapters.terminal.screen import Result, Screen
from adapters.terminal.session import HostOf, HostRequest, LogRequest, Request, Session, default_character, user_name
from engine.errors import TzurotError
from engine.settings import Settings

FAILED, USAGE, INTERRUPTED, TERMINATED = 1, 2, 130, 143

WORTH_SHOWING_EVENTS = 5_000
"""Half a second of catching up: less is over before a bar could be read."""

TRACEBACK = "TZUROT_TRACEBACK"
"""With this variable set, an error of ours is raised as it is."""


class WrongUsage(Exception):
    """The command line is wrong. Its text is empty when the help has been shown already."""


def parsed(app: typer.Typer, arguments: Sequence[str], *, program: str) -> Any:
    """What the command that was named returns. An int is an exit code, for help that was shown. Raises WrongUsage."""
    try:
        return typer.main.get_command(app).main(args=list(arguments), prog_name=program, standalone_mode=False)
    except TyperException as error:
        message = error.format_message()
        context = getattr(error, "ctx", None)
        advice = f" Try `{context.command_path} --help`." if context is not None and message else ""
        raise WrongUsage(f"{message}{advice}") from None


def execute(app: typer.Typer, host_of: HostOf, arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code."""
    screen = Screen()
    try:
        request = parsed(app, arguments, program="tzurot")
        if isinstance(request, Request | LogRequest | HostRequest):
            screen = Screen(as_json=request.as_json)
            return asyncio.run(_until_told_to_stop(request, host_of, screen))
    except WrongUsage as wrong:
        if str(wrong):
            screen.fail(str(wrong))
        return USAGE
    except KeyboardInterrupt:
        screen.end_line()
        return INTERRUPTED
    except asyncio.CancelledError:
        return TERMINATED
    except BaseException as error:  # noqa: BLE001 - told in one line; what is no error of ours is raised again
        return _failed(error, screen)
    return request if isinstance(request, int) else 0


async def perform(request: Request | LogRequest, session: Session) -> Result | None:
    """Carry out a request over an engine that is open."""
    if isinstance(request, LogRequest):
        engine = session.engine
        return await request.perform(LogOnly(engine.log, engine.why), session.last_reply)
    if request.reads:
        await session.caught_up()
    return await request.perform(session)


async def _until_told_to_stop(request: Request | LogRequest | HostRequest, host_of: HostOf, screen: Screen) -> int:
    task = asyncio.current_task()
    assert task is not None
    with _cancelled_by(signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM), task=task):
        result = await _opened_and_performed(request, host_of, screen)
    await asyncio.sleep(0)  # connections that were closed are gone after one more turn of the loop
    return result.exit_code if result else 0


async def _opened_and_performed(
    request: Request | LogRequest | HostRequest, host_of: HostOf, screen: Screen
) -> Result | None:
    match request:
        case HostRequest():
            result: Result | None = await request.perform(host_of, screen)
            if result is not None:
                screen.show(result)
        case LogRequest():
            async with host_of(Settings.from_environment()).log_only() as log:
                result = await request.perform(log, None)
                screen.show(result)
        case Request():
            with screen.replaying("Catching up", worth_showing_events=WORTH_SHOWING_EVENTS) as on_progress:
                host = host_of(Settings.from_environment())
                async with host.opened(request.roles, on_progress=on_progress) as opened:
                    session = Session(opened, screen, user_name(), default_character())
                    result = await perform(request, session)
                    if result is not None:
                        screen.show(result)
    return result


@contextmanager
def _cancelled_by(*signals: signal.Signals, task: asyncio.Task[Any]) -> Iterator[None]:
    """While this lasts, these signals end the task as Ctrl-C does, so that it cleans up."""
    loop = asyncio.get_running_loop()
    try:
        for number in signals:
            loop.add_signal_handler(number, task.cancel)
    except (NotImplementedError, RuntimeError):  # not on this platform, or not in the main thread: the default holds
        yield
        return
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _failed(error: BaseException, screen: Screen) -> int:
    cause = _cause(error)
    if isinstance(cause, TzurotError):
        screen.fail(cause.message)
        return FAILED
    if isinstance(cause, BrokenPipeError):  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if os.environ.get(TRACEBACK) or not isinstance(cause, Exception):
        raise error
    screen.fail(f"Something went wrong in Tzurot itself ({type(cause).__name__}): set {TRACEBACK}=1 to see where.")
    return FAILED


def _cause(error: BaseException) -> BaseException:
    """Of errors that came together, the one to tell."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [_cause(part) for part in error.exceptions]
    return next((cause for cause in causes if isinstance(cause, TzurotError)), causes[0])
