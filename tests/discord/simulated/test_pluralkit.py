"""PluralKit on the simulated Discord: copies, deletions in every order, and what its API knows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import nextcord
import pytest

from adapters.discord.simulated.actors import Actor
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.clock import VirtualClock
from adapters.discord.simulated.pluralkit import Deletes, PluralKit
from adapters.discord.simulated.pluralkit.proxying import APPLICATION_ID
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.dispatches import Dispatch
from adapters.discord.simulated.world.messages import Message
from tests.discord.simulated.nextcord_client import agrees, connected, new_client


@dataclass(slots=True)
class Scene:
    discord: SimulatedDiscord
    clock: VirtualClock
    kit: PluralKit
    tavern: BuiltChannel
    alice: Actor
    told: list[str]  # what gateways hear of messages, in order
    session: aiohttp.ClientSession

    async def passes(self, duration_s: float) -> None:
        """Time goes by in small steps, so that whoever wakes meanwhile can act."""
        for _ in range(round(duration_s / 0.05)):
            self.clock.advance(0.05)
            for _ in range(3):
                await asyncio.sleep(0)

    async def ask(self, message_id: int) -> tuple[int, Any]:
        async with self.session.get(f"{self.kit.api_base}/messages/{message_id}") as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def said_by_lily(self) -> tuple[Message, Message]:
        original = await self.alice.say(self.tavern, "[hello]")
        await self.passes(0.3)
        return original, await self.kit.copy_of(original)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    clock = VirtualClock(datetime.now(UTC))
    async with SimulatedDiscord(clock=clock) as discord, aiohttp.ClientSession() as session:
        harbour = discord.guild("Harbour")
        tavern, alice = harbour.text_channel("tavern"), harbour.member("alice")
        kit = discord.pluralkit(harbour)
        kit.member(alice, "Lily", "[", "]", avatar_url="https://example.org/lily.png")
        told: list[str] = []

        def hear(dispatch: Dispatch) -> None:
            if dispatch.name.startswith("MESSAGE_"):
                by = "copy" if "webhook_id" in dispatch.data else "original"
                told.append(dispatch.name if dispatch.name == "MESSAGE_DELETE" else f"{dispatch.name} {by}")

        discord.world.listeners.append(hear)
        yield Scene(discord, clock, kit, tavern, alice, told, session)
        agrees(discord)


async def test_a_members_words_are_posted_again_under_their_name_and_the_original_goes_a_second_later(
    scene: Scene,
) -> None:
    original, copy = await scene.said_by_lily()

    first, second = scene.alice.sees(scene.tavern)
    assert (first.author, first.content) == ("alice", "[hello]")
    assert (second.author, second.content, second.is_app) == ("Lily", "hello", True)
    assert second.avatar_url == "https://example.org/lily.png"
    assert copy.application_id == APPLICATION_ID
    await scene.passes(0.7)
    assert original.id in scene.discord.world.messages
    await scene.passes(0.3)
    assert [each.author for each in scene.alice.sees(scene.tavern)] == ["Lily"]
    assert scene.told == ["MESSAGE_CREATE original", "MESSAGE_CREATE copy", "MESSAGE_DELETE"]


@pytest.mark.parametrize(
    ("deletes", "told"),
    [
        (Deletes.LATE, ["MESSAGE_CREATE original", "MESSAGE_CREATE copy", "MESSAGE_DELETE"]),
        (Deletes.EARLY, ["MESSAGE_CREATE original", "MESSAGE_DELETE", "MESSAGE_CREATE copy"]),
        (Deletes.REORDERED, ["MESSAGE_CREATE original", "MESSAGE_DELETE", "MESSAGE_CREATE copy"]),
        (Deletes.MISSING, ["MESSAGE_CREATE original", "MESSAGE_CREATE copy"]),
    ],
)
async def test_the_deletion_can_come_late_early_out_of_order_or_never(
    scene: Scene, deletes: Deletes, told: list[str]
) -> None:
    scene.kit.deletes = deletes
    await scene.said_by_lily()
    await scene.passes(2)
    assert ("MESSAGE_DELETE" in scene.told) is (deletes in {Deletes.EARLY, Deletes.REORDERED})
    await scene.passes(5)
    assert scene.told == told


async def test_the_copy_goes_when_somebody_else_deleted_the_original_first(scene: Scene) -> None:
    original, _ = await scene.said_by_lily()
    await scene.alice.delete(original)
    await scene.passes(1.1)
    assert scene.alice.sees(scene.tavern) == ()


async def test_what_has_no_members_tags_stays_as_it_is(scene: Scene) -> None:
    for text in ("hello", "[hello", "[]"):
        await scene.alice.say(scene.tavern, text)
    await scene.passes(2)
    assert [each.author for each in scene.alice.sees(scene.tavern)] == ["alice"] * 3


async def test_an_edit_is_the_webhooks_and_a_reply_becomes_an_embed(scene: Scene) -> None:
    asked = await scene.alice.say(scene.tavern, "who?")
    original = await scene.alice.say(scene.tavern, "[me]", reply_to=asked)
    await scene.passes(1.2)
    copy = await scene.kit.copy_of(original)
    scene.kit.edit(copy, "not me")

    seen = scene.alice.looks_at(copy)
    assert (seen.content, seen.is_edited) == ("not me", True)
    assert (seen.embeds[0].author, (seen.embeds[0].description or "")[-4:]) == ("alice", "who?")
    assert scene.told[-1] == "MESSAGE_UPDATE copy"


async def test_members_speak_in_threads_by_the_webhook_of_the_channel_above(scene: Scene) -> None:
    corner = scene.tavern.thread("corner")
    await scene.alice.say(corner, "[psst]")
    await scene.passes(1.2)
    [seen] = scene.alice.sees(corner)
    [webhook] = scene.discord.world.webhooks.values()
    assert (seen.author, webhook.channel_id) == ("Lily", scene.tavern.id)


async def test_a_client_hears_the_copy_as_a_webhooks_with_pluralkits_application(scene: Scene) -> None:
    """nextcord itself leaves `application_id` out of its messages: it is in what the gateway sends."""
    bot, heard, sent = scene.discord.application("Tzurot"), [], []
    client = new_client()

    @client.event
    async def on_message(message: nextcord.Message) -> None:
        heard.append((message.author.display_name, message.content, message.webhook_id is not None))

    def hear(dispatch: Dispatch) -> None:
        if dispatch.name == "MESSAGE_CREATE" and bot.id in dispatch.application_ids:
            sent.append(dispatch.data.get("application_id"))

    scene.discord.world.listeners.append(hear)
    async with connected(scene.discord, bot, client):
        await scene.said_by_lily()
        await scene.discord.until(lambda: len(heard) == 2)

    assert heard == [("alice", "[hello]", False), ("Lily", "hello", True)]
    assert sent == [None, str(APPLICATION_ID)]


async def test_the_api_knows_a_copy_for_good_and_an_original_for_half_an_hour(scene: Scene) -> None:
    original, copy = await scene.said_by_lily()
    status, found = await scene.ask(copy.id)

    assert status == 200
    assert (found["id"], found["original"], found["sender"]) == (str(copy.id), str(original.id), str(scene.alice.id))
    assert (found["channel"], found["guild"]) == (str(scene.tavern.id), str(scene.tavern.state.guild_id))
    assert (found["member"]["name"], len(found["member"]["id"])) == ("Lily", 5)
    assert (await scene.ask(original.id))[1] == found
    scene.clock.advance(30 * 60 + 1)
    assert (await scene.ask(original.id))[0] == 404
    assert (await scene.ask(copy.id))[0] == 200
    assert (await scene.ask(1))[0] == 404


async def test_the_api_wants_to_know_who_asks_and_says_in_milliseconds_how_long_to_wait(scene: Scene) -> None:
    _, copy = await scene.said_by_lily()
    url = f"{scene.kit.api_base}/messages/{copy.id}"
    async with scene.session.get(url, skip_auto_headers=["User-Agent"]) as answer:
        assert answer.status == 400
    statuses = [(await scene.ask(copy.id))[0] for _ in range(10)]
    refused, body = await scene.ask(copy.id)

    assert statuses == [200] * 10
    assert (refused, body["retry_after"]) == (429, 1000)
    scene.clock.advance(1)
    assert (await scene.ask(copy.id))[0] == 200


async def test_the_api_can_be_down(scene: Scene) -> None:
    _, copy = await scene.said_by_lily()
    scene.kit.is_down = True
    assert (await scene.ask(copy.id))[0] == 503
