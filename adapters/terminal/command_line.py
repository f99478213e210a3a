"""The command line `tzurot`: every command in one place.

The root passes in how to make itself from settings, and apps of others (`bench`) that belong to the command line.
"""

import sys
from typing import NoReturn

import typer

from adapters.terminal import (
    characters,
    chat,
    demo,
    diagnosing,
    explaining,
    histories,
    memories,
    messages,
    presets,
    replaying,
    talking,
    trail,
    undoing,
    up,
)
from adapters.terminal.performing import execute
from adapters.terminal.session import HostOf

HELP = """Talk to AI characters, and see, undo and explain everything that happened.

Without a model key an offline model answers. Set OPENAI_API_KEY, or OPENAI_BASE_URL for anything compatible, and
OPENAI_MODEL for a real one."""


def build(*extra_apps: typer.Typer) -> typer.Typer:
    """The whole command line; an extra app brings its own name and help."""
    app = typer.Typer(name="tzurot", help=HELP, no_args_is_help=True, add_completion=False)
    for registering in (up, chat, talking, explaining, trail, undoing):
        registering.register(app)
    groups = {
        "history": histories.app,
        "memory": memories.app,
        "message": messages.app,
        "character": characters.app,
        "preset": presets.app,
    }
    for name, group in groups.items():
        app.add_typer(group, name=name, no_args_is_help=True)
    for registering in (replaying, diagnosing, demo):
        registering.register(app)
    for extra in extra_apps:
        app.add_typer(extra)
    return app


def run(host_of: HostOf, *extra_apps: typer.Typer) -> NoReturn:
    """Run the command line of this process, and exit."""
    sys.exit(execute(build(*extra_apps), host_of, sys.argv[1:]))
