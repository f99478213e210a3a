"""Options that several commands share."""

from typing import Annotated

import typer

Character = Annotated[
    str | None,
    typer.Option("--character", "-c", metavar="SLUG", help="The character; without it the one you talk to by default."),
]
As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who you are; without it the system's user.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="How many at most.")]
