"""Libraries that we did not write find the simulated Discord to be Discord: the same story with each of them."""

import asyncio
from collections.abc import Mapping

import pytest

from adapters.discord.simulated.simulated import SimulatedDiscord
from tests.discord import openapi
from tests.discord.conformance import clients, scenario
from tests.discord.conformance.installing import NotToBeHad

# Of these a library may well tell its owner.
WORTH_A_WARNING = (scenario.waits_when_it_is_told_to, scenario.resumes_and_hears_once_what_it_missed)


@pytest.mark.parametrize(
    "prepare", [clients.discordjs, clients.discordpy, clients.hikari], ids=lambda each: each.__name__
)
async def test_a_library_of_others_takes_it_for_discord(prepare: clients.Prepare, proxies: Mapping[str, str]) -> None:
    try:
        command = await asyncio.to_thread(prepare, proxies)
    except NotToBeHad as lack:
        pytest.skip(str(lack))
    async with SimulatedDiscord() as discord:
        bot = discord.application("Tzurot")
        discord.person("alice", shown_as="Alice")
        discord.person("bob", shown_as="Bob")
        harbour = discord.guild("Harbour")
        tavern, pier = harbour.text_channel("tavern"), harbour.text_channel("pier")
        alice, bob = harbour.member("alice"), harbour.member("bob")
        async with clients.running(command, discord, bot) as client:
            scene = scenario.Scene(discord, bot, client, harbour, tavern, pier, alice, bob)
            for step in scenario.STEPS:
                await _takes(step, scene)

        assert discord.journal.unrouted == []
        assert discord.journal.unknown_fields == []
        refused = [each.status for each in discord.journal.exchanges if (each.status or 0) >= 400]
        assert refused == [400, 429], "one message was too long, and one came when it had to wait"
        assert _contradictions(discord) == []


async def _takes(step: scenario.Step, scene: scenario.Scene) -> None:
    """People see what they should, and nothing is amiss for the library either."""
    before = len(scene.client.complaints)
    try:
        await step(scene)
        assert step in WORTH_A_WARNING or scene.client.complaints[before:] == []
    except BaseException as error:
        error.add_note(f"In the step {step.__name__}")
        raise


def _contradictions(discord: SimulatedDiscord) -> list[str]:
    """With Discord's own description of its API, where that is present."""
    path = openapi.found()
    description = None if path is None else openapi.Description(path)
    exchanges = () if description is None else discord.journal.exchanges
    return [each for one in exchanges if description is not None for each in description.problems(one)]
