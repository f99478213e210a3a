"""Libraries that we did not write find the simulated Discord to be Discord: the same story with each of them."""

import asyncio
from collections.abc import Mapping
from itertools import chain, cycle
from pathlib import Path

import pytest

from adapters.discord.simulated.rest.pipeline import EventOrder
from adapters.discord.simulated.simulated import SimulatedDiscord
from tests.discord import openapi
from tests.discord.conformance import clients, declared, scenario
from tests.discord.conformance.installing import NotToBeHad, node_modules_with

# Whether an event or the receipt for what caused it comes first: both happen on the real one.
ORDERS: tuple[EventOrder, EventOrder] = ("before", "after")
# Of these a library may well tell its owner.
WORTH_A_WARNING = (scenario.waits_when_it_is_told_to, scenario.resumes_and_hears_once_what_it_missed)

type Frames = list[declared.Frame]


@pytest.fixture(scope="module")
def told() -> dict[str, Frames]:
    """What the gateway has told each library."""
    return {}


@pytest.mark.parametrize("library", [clients.discordjs, clients.discordpy, clients.hikari], ids=clients.name_of)
async def test_a_library_of_others_takes_it_for_discord(
    library: clients.Prepare, told: dict[str, Frames], proxies: Mapping[str, str]
) -> None:
    told[clients.name_of(library)] = await _story(library, proxies)


async def test_every_event_is_as_discord_js_declares_it(
    told: dict[str, Frames], proxies: Mapping[str, str], tmp_path: Path
) -> None:
    try:
        modules = await asyncio.to_thread(node_modules_with, "types", proxies)
    except NotToBeHad as lack:
        pytest.skip(str(lack))
    frames = list(chain.from_iterable(told.values())) or await _story(clients.discordjs, proxies)

    assert declared.contradictions(frames, modules, tmp_path) == []


async def _story(library: clients.Prepare, proxies: Mapping[str, str]) -> Frames:
    """Run it; gives what the gateway told."""
    try:
        command = await asyncio.to_thread(library, proxies)
    except NotToBeHad as lack:
        pytest.skip(str(lack))
    async with SimulatedDiscord() as discord:
        bot = discord.application("Tzurot")
        for name in ("alice", "bob"):
            discord.person(name, shown_as=name.title())
        harbour = discord.guild("Harbour")
        tavern, pier = harbour.text_channel("tavern"), harbour.text_channel("pier")
        alice, bob = harbour.member("alice"), harbour.member("bob")
        async with clients.running(command, discord, bot) as client:
            scene = scenario.Scene(discord, bot, client, harbour, tavern, pier, alice, bob)
            for step, discord.pipeline.event_order in zip(scenario.STEPS, cycle(ORDERS), strict=False):
                await _takes(step, scene)
            frames = [frame for session in discord.hub.sessions.values() for frame in session.kept]

        assert discord.journal.unrouted == []
        assert discord.journal.unknown_fields == []
        assert discord.journal.crashes == []
        refused = [each.status for each in discord.journal.exchanges if (each.status or 0) >= 400]
        assert refused == [400, 429], "one message was too long, and one came when it had to wait"
        assert _contradictions(discord) == []
    return frames


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
