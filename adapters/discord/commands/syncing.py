"""The deploy step that tells Discord which commands there are: one call for all of them, and nothing at start-up.

Clients keep the list, and a process of an older release must not take a newer one's commands away. So commands are
registered when somebody says so: `tzurot discord sync`.
"""

from collections.abc import Sequence

from adapters.discord.commands.declaring import Group
from adapters.discord.commands.registering import Difference, difference, registration
from adapters.discord.rest.asks import Ask
from adapters.discord.rest.rest import Rest

LANE = "our commands"


async def sync(rest: Rest, groups: Sequence[Group], *, dry_run: bool) -> Difference:
    """Register the groups' commands, and no others, and return what that changes.

    A dry run only returns the difference. Raises Denied and Unanswered.
    """
    application = await rest.ask(Ask("GET", "/applications/@me", lane="application"))
    path = f"/applications/{application['id']}/commands"
    wanted = registration(groups)
    found = difference(wanted, await rest.ask(Ask("GET", path, lane=LANE)))
    if found and not dry_run:
        await rest.ask(Ask("PUT", path, lane=LANE, body=wanted))
    return found
