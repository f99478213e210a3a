"""`tzurot discord …`: what is done for Discord by hand, when a release is deployed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, override

import typer
from rich.console import Group, RenderableType

from adapters.terminal.screen import Result, Screen, words
from adapters.terminal.session import CATCH_UP_TIMEOUT_S, READS, HostOf, HostRequest
from engine.errors import Misconfigured, ServersUnavailable
from engine.settings import Settings

if TYPE_CHECKING:  # it brings nextcord along, which takes half a second
    from adapters.discord.commands.registering import Difference
    from adapters.discord.faces import ApplicationEmojis

NO_TOKEN = "There is no DISCORD_TOKEN: set it to the bot's token (docs/how-to/discord.md says where to get one)."  # noqa: S105

app = typer.Typer(name="discord", help="Deploy to Discord.", no_args_is_help=True)


@dataclass(frozen=True)
class Pictures:
    """How many pictures of characters are shown or withdrawn, and why some are not."""

    shown: int = 0
    withdrawn: int = 0
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Synced(Result):
    """What registering the commands and publishing the pictures changed, or would change."""

    found: "Difference"
    pictures: Pictures
    is_dry_run: bool

    @override
    def as_json(self) -> dict[str, Any]:
        return {
            "added": list(self.found.added),
            "changed": list(self.found.changed),
            "removed": list(self.found.removed),
            "pictures_shown": self.pictures.shown,
            "pictures_withdrawn": self.pictures.withdrawn,
            "pictures_failed": list(self.pictures.failures),
            "dry_run": self.is_dry_run,
        }

    @override
    def __rich__(self) -> RenderableType:
        pictures = self.pictures
        if not self.found and pictures == Pictures():
            return words("Discord knows these commands and pictures already: nothing to do.")
        lines = [
            *(words(f"+ /{name}", "green") for name in self.found.added),
            *(words(f"~ /{name}", "yellow") for name in self.found.changed),
            *(words(f"- /{name}", "red") for name in self.found.removed),
            *([words(f"+ pictures of characters: {pictures.shown}", "green")] if pictures.shown else []),
            *([words(f"- pictures of nobody any more: {pictures.withdrawn}", "red")] if pictures.withdrawn else []),
            *(words(f"! {failure} Run it again later.", "yellow") for failure in pictures.failures),
        ]
        end = "Nothing was done: leave out --dry-run to do it." if self.is_dry_run else "Done."
        return Group(*lines, words(end))


@app.command("sync")
def sync_command(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> HostRequest:
    """Tell Discord which slash commands there are, and what characters look like.

    Once after each upgrade, and with a new bot; what is no longer there is removed.
    """

    async def perform(host_of: HostOf, _: Screen) -> Result:
        return await sync_all(Settings.from_environment(), host_of, dry_run=dry_run)

    return HostRequest(perform, as_json=json)


async def sync_all(settings: Settings, host_of: HostOf, *, dry_run: bool) -> Synced:
    # these take a second to import, which every other command would wait for
    from adapters.discord.commands.catalogue import GROUPS  # noqa: PLC0415
    from adapters.discord.commands.syncing import sync  # noqa: PLC0415
    from adapters.discord.faces import ApplicationEmojis  # noqa: PLC0415
    from adapters.discord.rest.refusals import Unanswered  # noqa: PLC0415
    from adapters.discord.rest.signing_in import signed_in  # noqa: PLC0415

    if settings.discord_token is None:
        raise Misconfigured(NO_TOKEN)
    try:
        async with signed_in(settings.discord_token, settings.discord_api_base) as rest:
            found = await sync(rest, GROUPS, dry_run=dry_run)
            pictures = await _publish(settings, host_of, ApplicationEmojis(rest), dry_run=dry_run)
    except Unanswered as unanswered:
        raise ServersUnavailable(f"{unanswered} Run this again: it does nothing twice.") from None
    return Synced(found, pictures, dry_run)


async def _publish(settings: Settings, host_of: HostOf, faces: "ApplicationEmojis", *, dry_run: bool) -> Pictures:
    """Show on Discord what the log says that characters look like."""
    from adapters.discord.faces import NotPublished  # noqa: PLC0415
    from adapters.discord.publishing import Publishing  # noqa: PLC0415

    async with host_of(settings).opened(READS) as opened:
        engine = opened.engine
        await engine.read.wait_for(await engine.log.last_position(), timeout_s=CATCH_UP_TIMEOUT_S)
        publishing = Publishing(engine, faces)
        try:
            plan = await publishing.plan()
        except NotPublished as error:  # the commands are registered all the same
            return Pictures(failures=(error.message,))
        if dry_run:
            return Pictures(len(plan.missing), len(plan.unwanted))
        failures = await publishing.carry_out(plan, at=engine.clock())
        return Pictures(
            len(plan.missing) - sum(bool(failure.character) for failure in failures),
            len(plan.unwanted) - sum(not failure.character for failure in failures),
            tuple(dict.fromkeys(failure.reason for failure in failures)),
        )
