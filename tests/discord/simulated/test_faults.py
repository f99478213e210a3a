"""What can be made to go wrong, and what a client makes of it."""

import asyncio
from typing import Any

import aiohttp
import nextcord
import pytest

from adapters.discord.simulated.simulated import SimulatedDiscord

IN_CHANNEL = r"/channels/\d+/messages"


async def send(scene: Any, bot: Any, content: str = "hello") -> Any:
    return await bot.client.get_partial_messageable(scene.tavern.id).send(content)


async def test_a_503_is_answered_as_often_as_asked_for_and_nothing_happens(scene: Any, bot: Any) -> None:
    scene.discord.faults.rest("POST", IN_CHANNEL, status=503, times=2)

    for _ in range(2):
        with pytest.raises(nextcord.DiscordServerError):
            await send(scene, bot)

    assert scene.tavern.messages == []
    await send(scene, bot)
    assert [each.status for each in scene.discord.journal.asked("POST", IN_CHANNEL)] == [503, 503, 200]


async def test_a_connection_cut_before_leaves_nothing_behind(scene: Any, bot: Any) -> None:
    scene.discord.faults.abort_before("POST", IN_CHANNEL)

    with pytest.raises(aiohttp.ClientError):
        await send(scene, bot)

    assert scene.tavern.messages == []


async def test_a_connection_cut_after_the_commit_leaves_the_message_and_its_event(scene: Any, bot: Any) -> None:
    scene.discord.faults.abort_after_commit("POST", IN_CHANNEL)

    with pytest.raises(aiohttp.ClientError):
        await send(scene, bot)

    assert [each.content for each in scene.tavern.messages] == ["hello"]
    await scene.discord.until(lambda: bot.contents == ["hello"])
    [exchange] = scene.discord.journal.asked("POST", IN_CHANNEL)
    assert (exchange.status, exchange.fault) == (None, "fault: cut after commit")


async def test_an_injected_rate_limit_is_waited_for_by_the_client(scene: Any, bot: Any) -> None:
    webhook = await bot.client.get_channel(scene.tavern.id).create_webhook(name="t")
    scene.discord.faults.rest("POST", r"/webhooks/.*", status=429, retry_after_s=0.01)

    await webhook.send("hello")

    assert [each.status for each in scene.discord.journal.asked("POST", r"/webhooks/.*")] == [429, 204]


async def test_a_held_request_waits_until_it_is_released(scene: Any, bot: Any) -> None:
    held = scene.discord.faults.hold("POST", IN_CHANNEL)
    sending = asyncio.create_task(send(scene, bot))
    await scene.discord.until(lambda: held.struck)
    assert scene.tavern.messages == []

    held.release()

    await sending
    assert [each.content for each in scene.tavern.messages] == ["hello"]


@pytest.mark.parametrize("event_order", ["before", "after"])
async def test_an_event_comes_before_or_after_the_answer(event_order: Any, connect: Any, discord: Any) -> None:
    discord.pipeline.event_order = event_order
    application = discord.application("Tzurot")
    tavern = discord.guild("Harbour").text_channel("tavern")
    order: list[str] = []
    bot = await connect(application)
    discord.world.listeners.append(lambda dispatch: order.append(dispatch.name))

    route = nextcord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=tavern.id)
    await bot.client.http.request(route, json={"content": "hello"})
    order.append("answered")

    await discord.until(lambda: "MESSAGE_CREATE" in order)
    assert (order.index("MESSAGE_CREATE") < order.index("answered")) or event_order == "after"
    await discord.until(lambda: bot.contents == ["hello"])


async def test_waiting_in_vain_tells_what_was_asked(scene: Any, bot: Any) -> None:
    await send(scene, bot)

    with pytest.raises(AssertionError, match=r"POST /channels/\d+/messages → 200"):
        await scene.discord.until(lambda: False, timeout_s=0.01)


async def test_a_simulator_needs_no_time_to_start_and_leaves_its_port() -> None:
    async with SimulatedDiscord() as discord:
        base = discord.base
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(base)
