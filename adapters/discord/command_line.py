"""`tzurot discord …`: what is done for Discord by hand, when a release is deployed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.screen import Result, Screen, words
from adapters.terminal.session import HostOf, HostRequest
from engine.errors import Misconfigured
from engine.settings import Settings

if TYPE_CHECKING:  # it brings nextcord along, which takes half a second
    from adapters.discord.commands.registering import Difference

NO_TOKEN = "There is no DISCORD_TOKEN: set it to the bot's token (docs/how-to/discord.md says where to get one)."  # noqa: S105

app = typer.Typer(name="discord", help="Deploy to Discord.", no_args_is_help=True)


@dataclass(frozen=True)
class Synced(Result):
    """What registering the commands changed, or would change."""

    found: "Difference"
    is_dry_run: bool

    @override
    def as_json(self) -> dict[str, Any]:
        return {
            "added": list(self.found.added),
            "changed": list(self.found.changed),
            "removed": list(self.found.removed),
            "dry_run": self.is_dry_run,
        }

    @override
    def __rich__(self) -> RenderableType:
        if not self.found:
            return words("Discord knows these commands already: nothing to do.")
        lines = [
            *(words(f"+ /{name}", "green") for name in self.found.added),
            *(words(f"~ /{name}", "yellow") for name in self.found.changed),
            *(words(f"- /{name}", "red") for name in self.found.removed),
        ]
        end = "Nothing was registered: leave out --dry-run to do it." if self.is_dry_run else "Registered."
        return Group(*lines, words(end))


@app.command("sync")
def sync_command(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> HostRequest:
    """Tell Discord which slash commands there are. Once after each upgrade; what is no longer there is removed."""

    async def perform(_: HostOf, __: Screen) -> Result:
        return Synced(await _sync(Settings.from_environment(), dry_run=dry_run), dry_run)

    return HostRequest(perform, as_json=json)


async def _sync(settings: Settings, *, dry_run: bool) -> "Difference":
    # these take a second to import, which every other command would wait for
    from adapters.discord.commands.catalogue import GROUPS  # noqa: PLC0415
    from adapters.discord.commands.syncing import sync  # noqa: PLC0415
    from adapters.discord.requests import signed_in, use_bases  # noqa: PLC0415

    if settings.discord_token is None:
        raise Misconfigured(NO_TOKEN)
    use_bases(settings.discord_api_base, settings.discord_cdn_base)
    async with signed_in(settings.discord_token) as requests:
        return await sync(requests, GROUPS, dry_run=dry_run)
