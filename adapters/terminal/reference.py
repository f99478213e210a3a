"""The reference of the command line, written from the commands themselves.

python -m adapters.terminal.reference > docs/reference/command-line.md
"""

import sys
from collections.abc import Iterator
from typing import Any

import typer

from adapters.terminal.chat import SLASH_COMMANDS
from adapters.terminal.command_line import build

HEAD = """# Command line

Written from the commands themselves by `python -m adapters.terminal.reference`; a test compares the two.

Every command that prints data takes `--json` and then prints one JSON document (`log`: one event a line). Results go to
stdout, everything else to stderr. The exit code is 0 only on success, 1 when it could not be done (the reason is one
line on stderr), 2 when the command line is wrong, 130 after Ctrl-C.

Questions (`undo`, `delete`, `erase`) are asked only at a terminal, not with `--json`, and not with `--yes`.
"""


def reference(app: typer.Typer) -> str:
    """The whole page."""
    command: Any = typer.main.get_command(app)
    sections = [HEAD, *(_section(path, found) for path, found in commands(command, "tzurot"))]
    rows = [f"| `{line.replace('|', chr(92) + '|')}` | {meaning} |" for line, meaning in SLASH_COMMANDS.items()]
    chat = ["## In a chat", "", "Lines that begin with `/` are these same commands:", ""]
    return "\n".join([*sections, *chat, "| line | meaning |", "|---|---|", *rows, ""])


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, by its path, in the order of the help."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from commands(child, f"{path} {name}")


def options(command: Any) -> list[Any]:
    return [parameter for parameter in command.params if parameter.param_type_name == "option"]


def arguments(command: Any) -> list[Any]:
    return [parameter for parameter in command.params if parameter.param_type_name == "argument"]


def spelled(option: Any) -> str:
    """An option as it is typed."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.metavar or 'VALUE'}"


def _section(path: str, command: Any) -> str:
    named = [_argument(argument) for argument in arguments(command)]
    lines = [f"## `{' '.join([path, *named])}`", "", " ".join((command.help or "").split()), ""]
    rows = [(f"`{_argument(argument)}`", argument.help or "") for argument in arguments(command)]
    rows += [(f"`{spelled(option)}`".replace("|", "\\|"), _option_help(option)) for option in options(command)]
    if rows:
        lines += ["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows), ""]
    return "\n".join(lines)


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option_help(option: Any) -> str:
    default = option.default
    is_said = isinstance(default, int | float | str) and not isinstance(default, bool)
    return f"{option.help}{f' Default: {default:g}.' if is_said and isinstance(default, int | float) else ''}"


if __name__ == "__main__":
    sys.stdout.write(reference(build()))
