"""The deploy step that tells Discord which commands there are: one call for all of them, and nothing at start-up.

Clients keep the list, and a process of an older release must not take a newer one's commands away. So commands are
registered when somebody says so: `tzurot discord sync`.
"""

from collections.abc import Sequence

from nextcord.http import HTTPClient

from adapters.discord.commands.declaring import Group
from adapters.discord.commands.registering import Difference, difference, registration


async def sync(http: HTTPClient, groups: Sequence[Group], *, dry_run: bool) -> Difference:
    """Register the groups' commands, and no others, and return what that changes. `http` is signed in.

    A dry run only returns the difference.
    """
    application = int((await http.application_info())["id"])
    wanted = registration(groups)
    found = difference(wanted, await http.get_global_commands(application))
    if found and not dry_run:
        await http.bulk_upsert_global_commands(application, wanted)
    return found
