"""The gateway through the real client: identify, resume, replay, and everything that ends a connection."""

import dataclasses
from datetime import timedelta
from typing import Any

import nextcord
import pytest

from adapters.discord.simulated.changes import messages as changes
from adapters.discord.simulated.gateway.intents import Intent


def post(scene: Any, content: str) -> None:
    alice = scene.harbour.member("alice")
    changes.post(scene.discord.world, scene.tavern.state, alice.user, changes.Draft(content=content))


async def test_a_client_is_ready_with_its_guilds_channels_and_threads(scene: Any, connect: Any) -> None:
    thread = scene.tavern.thread("corner")

    bot = await connect(scene.application)

    [guild] = bot.client.guilds
    assert [each.id for each in guild.text_channels] == [scene.tavern.id]
    assert [each.id for each in guild.threads] == [thread.id]
    assert guild.me.guild_permissions.manage_webhooks


async def test_op_7_is_followed_by_a_resume_that_replays_what_was_missed_once(scene: Any, bot: Any) -> None:
    post(scene, "before")
    scene.discord.gateway.reconnect()
    post(scene, "meanwhile")
    await scene.discord.until(lambda: "resumed" in bot.events)
    post(scene, "after")

    await scene.discord.until(lambda: "after" in bot.contents)
    assert bot.contents == ["before", "meanwhile", "after"]
    assert bot.ready_count == 1


@pytest.mark.parametrize("end", ["abort", "close 1000", "close 4000", "close 4009", "op 9 true"])
async def test_a_lost_connection_is_resumed_and_nothing_is_missed(scene: Any, bot: Any, end: str) -> None:
    match end.split():
        case ["abort"]:
            scene.discord.gateway.abort()
        case ["close", code]:
            scene.discord.gateway.close(int(code))
        case _:
            scene.discord.gateway.invalidate(is_resumable=True)
    post(scene, "meanwhile")

    await scene.discord.until(lambda: "resumed" in bot.events)
    assert bot.contents == ["meanwhile"]
    assert bot.ready_count == 1


async def test_op_9_false_ends_the_session_and_the_client_identifies_anew(
    scene: Any, bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(*_: Any, **__: Any) -> None:
        """Instead of the 5 s that the client waits before it identifies again."""

    monkeypatch.setattr(bot.client, "before_identify_hook", at_once)
    scene.discord.gateway.invalidate()
    post(scene, "lost")

    await scene.discord.until(lambda: bot.ready_count == 2)
    post(scene, "heard")
    await scene.discord.until(lambda: bot.heard)
    assert bot.contents == ["heard"]


async def test_a_session_that_was_away_for_long_is_refused(scene: Any, bot: Any) -> None:
    [session] = scene.discord.hub.sessions.values()
    session.left_at = scene.discord.clock.now() - timedelta(seconds=181)

    assert not session.can_resume_after(session.seq, scene.discord.clock.now())


async def test_a_client_without_acks_reconnects_and_resumes(scene: Any, connect: Any) -> None:
    scene.discord.hub.heartbeat_interval_s = 0.2
    bot = await connect(scene.application, heartbeat_timeout=0.5)

    scene.discord.gateway.stop_acks()

    await scene.discord.until(lambda: "resumed" in bot.events)


async def test_a_wrong_token_ends_the_client(scene: Any, connect: Any) -> None:
    wrong = dataclasses.replace(scene.application, token="nonsense")

    bot = await connect(wrong, is_awaited=False)

    await scene.discord.until(bot.task.done)
    assert isinstance(bot.task.exception(), nextcord.LoginFailure)


async def test_a_privileged_intent_that_is_off_ends_the_client(scene: Any, connect: Any) -> None:
    scene.application.privileged_intents = Intent.GUILD_MEMBERS

    bot = await connect(scene.application, is_awaited=False)

    await scene.discord.until(bot.task.done)
    assert isinstance(bot.task.exception(), nextcord.PrivilegedIntentsRequired)


async def test_without_message_content_only_what_concerns_the_bot_has_words(scene: Any, connect: Any) -> None:
    intents = nextcord.Intents.default()
    intents.message_content = False
    bot = await connect(scene.application, intents=intents)

    post(scene, "not for you")
    post(scene, f"for {scene.application.user.mention}")
    await bot.client.get_channel(scene.tavern.id).send("mine")

    await scene.discord.until(lambda: len(bot.heard) == 3)
    assert bot.contents == ["", f"for {scene.application.user.mention}", "mine"]


async def test_events_come_by_intents(scene: Any, connect: Any) -> None:
    bot = await connect(scene.application, intents=nextcord.Intents(guilds=True))

    post(scene, "unheard")
    scene.harbour.text_channel("cellar")

    await scene.discord.until(lambda: "guild_channel_create" in bot.events)
    assert bot.heard == []


async def test_an_event_can_come_twice_late_never_and_broken(scene: Any, bot: Any) -> None:
    scene.discord.gateway.duplicate("MESSAGE_CREATE")
    post(scene, "twice")
    late = scene.discord.gateway.hold("MESSAGE_CREATE")
    post(scene, "late")
    scene.discord.gateway.drop("MESSAGE_CREATE")
    post(scene, "never")
    post(scene, "early")
    await scene.discord.until(lambda: "early" in bot.contents)
    late.release()

    await scene.discord.until(lambda: "late" in bot.contents)
    assert bot.contents == ["twice", "twice", "early", "late"]

    scene.discord.gateway.garble("MESSAGE_CREATE")
    post(scene, "broken")
    await scene.discord.until(bot.task.done)
    assert isinstance(bot.task.exception(), KeyError)


async def test_a_gateway_that_does_not_answer_refuses_the_connection(scene: Any, connect: Any) -> None:
    scene.discord.gateway.refuse_connections()

    bot = await connect(scene.application, is_awaited=False)

    # nextcord 3.2 does not survive this; whoever runs it has to (its start() ends with an error of its own).
    await scene.discord.until(bot.task.done)
    assert bot.task.exception() is not None


async def test_two_shards_hear_each_their_own(discord: Any, connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    application = discord.application("Tzurot")
    guilds = [discord.guild(f"guild {number}") for number in range(2)]
    while len({(guild.id >> 22) % 2 for guild in guilds}) < 2:
        await discord.clock.sleep(0.001)  # ids of another millisecond fall to the other shard
        guilds[1] = discord.guild("guild 1")

    zero = await connect(application, shard_id=0, shard_count=2)
    one = await connect(application, shard_id=1, shard_count=2)

    seen = {each.id for each in zero.client.guilds} | {each.id for each in one.client.guilds}
    assert seen == set(discord.world.guilds)
    assert not {each.id for each in zero.client.guilds} & {each.id for each in one.client.guilds}


async def test_members_are_told_when_asked_for(scene: Any, bot: Any) -> None:
    scene.harbour.member("alice")
    guild = bot.client.get_guild(scene.harbour.id)

    found = await guild.query_members("ali")

    assert [each.name for each in found] == ["alice"]


async def test_a_kicked_bot_is_told_that_the_guild_is_gone(scene: Any, bot: Any) -> None:
    scene.harbour.kick(scene.application.user)

    await scene.discord.until(lambda: "guild_remove" in bot.events)
    assert bot.client.guilds == []


async def test_an_outage_is_no_removal(scene: Any, bot: Any) -> None:
    scene.harbour.outage()
    await scene.discord.until(lambda: "guild_unavailable" in bot.events)

    scene.harbour.recover()

    await scene.discord.until(lambda: "guild_available" in bot.events)
    assert "guild_remove" not in bot.events


async def test_stickers_and_emojis_are_known(scene: Any, bot: Any) -> None:
    scene.harbour.sticker("wave", "waves")
    scene.harbour.emoji("anchor")

    await scene.discord.until(lambda: {"guild_emojis_update", "guild_stickers_update"} <= set(bot.events))
    [guild] = bot.client.guilds
    assert [each.name for each in (*guild.emojis, *guild.stickers)] == ["anchor", "wave"]
