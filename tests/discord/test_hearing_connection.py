"""The connection's parts by themselves: requests, shards, the supervisor's patience."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
from pydantic import SecretStr

from adapters.discord.client import GatewayClient, Identifying, Shard, Timing, intents, use_bases
from adapters.discord.examining import examine_discord
from adapters.discord.owning import Lost, NatsLeases
from adapters.discord.rest.asks import Ask
from adapters.discord.rest.rest import Rest
from adapters.discord.rest.signing_in import signed_in
from adapters.discord.simulated.building import BuiltChannel
from adapters.discord.simulated.simulated import SimulatedDiscord
from adapters.discord.simulated.world.users import Application
from adapters.discord.supervisor import NO_INTENT, WRONG_INTENTS, WRONG_TOKEN, Patience, Supervisor
from engine.errors import Misconfigured
from tests.nats_server import NatsServer


@pytest.fixture
async def discord() -> AsyncIterator[SimulatedDiscord]:
    async with SimulatedDiscord() as discord:
        use_bases(discord.api_base, discord.cdn_base)
        yield discord


@pytest.fixture
def bot(discord: SimulatedDiscord) -> Application:
    return discord.application("Tzurot")


def supervisor(bot: Application, heard: list[str], made: list[GatewayClient], **patience: float) -> Supervisor:
    def make() -> GatewayClient:
        made.append(GatewayClient(Shard(), lambda event, _: heard.append(event), Identifying(), Timing()))
        return made[-1]

    return Supervisor(make, SecretStr(bot.token), Patience(**({"first_pause_s": 0.01} | patience)))


async def test_one_channels_used_up_limit_does_not_hold_up_another(discord: SimulatedDiscord, bot: Application) -> None:
    harbour = discord.guild("Harbour")
    busy, quiet = harbour.text_channel("busy"), harbour.text_channel("quiet")

    def post(channel: BuiltChannel) -> Any:
        path, lane = f"/channels/{channel.id}/messages", f"sending to {channel.id}"
        return rest.ask(Ask("POST", path, lane=lane, body={"content": "hm"}))

    async with Rest(SecretStr(bot.token), api_base=discord.api_base) as rest:
        await post(quiet)
        for _ in range(5):
            await post(busy)
        held_up = asyncio.create_task(post(busy))
        await post(quiet)
        assert not held_up.done()
        held_up.cancel()
    assert [len(channel.messages) for channel in (busy, quiet)] == [5, 2]


async def test_a_wrong_token_is_said_so(discord: SimulatedDiscord) -> None:
    with pytest.raises(Misconfigured, match="DISCORD_TOKEN"):
        async with signed_in(SecretStr("wrong"), discord.api_base):
            pass


@pytest.mark.parametrize(("code", "says"), [(4004, WRONG_TOKEN), (4013, WRONG_INTENTS), (4014, NO_INTENT)])
async def test_what_only_the_operator_can_mend_ends_it(
    discord: SimulatedDiscord, bot: Application, code: int, says: str
) -> None:
    heard: list[str] = []
    running = asyncio.create_task(supervisor(bot, heard, []).run())
    await discord.until(lambda: "READY" in heard)
    discord.gateway.close(code)
    with pytest.raises(Misconfigured) as raised:
        await running
    assert raised.value.message == says
    assert bot.token not in str(raised.value)


@pytest.mark.parametrize("code", [4010, 4011, 4012])
async def test_after_any_other_close_there_is_a_new_connection(
    discord: SimulatedDiscord, bot: Application, code: int
) -> None:
    heard: list[str] = []
    made: list[GatewayClient] = []
    running = asyncio.create_task(supervisor(bot, heard, made).run())
    await discord.until(lambda: "READY" in heard)
    heard.clear()
    discord.gateway.close(code)
    await discord.until(lambda: "READY" in heard, timeout_s=20)
    assert len(made) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert all(client.is_closed() for client in made)


async def test_a_gateway_that_keeps_dropping_the_connection_is_left_for_a_while(
    discord: SimulatedDiscord, bot: Application
) -> None:
    heard: list[str] = []
    made: list[GatewayClient] = []
    running = asyncio.create_task(supervisor(bot, heard, made).run())
    while len(made) == 1 or not made:
        await discord.until(lambda: any(session.outlet for session in discord.hub.sessions.values()))
        discord.gateway.abort()
        await asyncio.sleep(0)
    assert made[0].given_up.is_set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_client_that_lives_on_without_a_connection_is_given_up(
    discord: SimulatedDiscord, bot: Application
) -> None:
    heard: list[str] = []
    made: list[GatewayClient] = []
    running = asyncio.create_task(supervisor(bot, heard, made, deaf_s=0.3, look_again_s=0.05).run())
    await discord.until(lambda: "READY" in heard)
    discord.gateway.refuse_connections(1)
    discord.faults.hold("GET", r".*/gateway$")
    discord.gateway.invalidate()
    await discord.until(lambda: len(made) > 1, timeout_s=20)
    discord.faults.clear()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_shards_begin_their_sessions_one_after_the_other() -> None:
    identifying = Identifying(pause_s=0.05)
    turns: deque[float] = deque()

    async def begin() -> None:
        await identifying.wait()
        turns.append(asyncio.get_running_loop().time())

    await asyncio.gather(begin(), begin(), begin())
    assert all(after - before >= 0.04 for before, after in zip(turns, list(turns)[1:], strict=False))


def test_every_server_belongs_to_one_shard() -> None:
    shards = [Shard(id_, 3) for id_ in range(3)]
    for server in range(20):
        assert sum(shard.has(str(server << 22)) for shard in shards) == 1


def test_no_privileged_intent_is_asked_for_but_the_one_to_read_messages() -> None:
    assert (intents().members, intents().presences, intents().message_content) == (False, False, True)


@pytest.mark.parametrize(("failures", "pause_s"), [(0, 1), (1, 2), (4, 16), (9, 300), (10_000, 300)])
def test_pauses_double_up_to_five_minutes(failures: int, pause_s: float) -> None:
    assert Patience().pause_s(failures) == pause_s


async def test_doctor_says_that_discord_takes_the_token(discord: SimulatedDiscord, bot: Application) -> None:
    check = await examine_discord(SecretStr(bot.token), discord.api_base)
    assert check.verdict == "ok"
    assert "Tzurot" in check.found


async def test_doctor_says_what_keeps_it_from_connecting(discord: SimulatedDiscord) -> None:
    deaf = discord.application("Deaf", privileged_intents=0)
    for token, advice in (("wrong", "DISCORD_TOKEN"), (deaf.token, "MESSAGE CONTENT INTENT")):
        check = await examine_discord(SecretStr(token), discord.api_base)
        assert check.verdict == "failed"
        assert advice in check.advice
        assert token not in f"{check.found} {check.advice}"


async def test_doctor_says_that_discord_cannot_be_reached() -> None:
    check = await examine_discord(SecretStr("token"), "http://127.0.0.1:9/api/v10")
    assert (check.verdict, check.name) == ("warning", "discord")
    assert "reached" in check.found


async def test_a_lease_is_one_processs_until_it_lets_go_or_stops_renewing(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    first, second = [await nats.connect(server.url) for _ in range(2)]
    try:
        mine, yours = (NatsLeases(client, "Tzurot-shards", lifetime_s=1.0) for client in (first, second))
        revision = await mine.take("shard-0-of-1")
        with pytest.raises(Lost):
            await yours.take("shard-0-of-1")
        await yours.take("shard-1-of-2")
        revision = await mine.renew("shard-0-of-1", revision)
        with pytest.raises(Lost):
            await yours.renew("shard-0-of-1", revision - 1)
        await mine.let_go("shard-0-of-1", revision)
        revision = await yours.take("shard-0-of-1")
        async with asyncio.timeout(10):
            while not await was_taken(mine, "shard-0-of-1"):  # nobody renews: it ends by itself  # noqa: ASYNC110 - the server does it
                await asyncio.sleep(0.05)
        with pytest.raises(Lost):
            await yours.renew("shard-0-of-1", revision)
    finally:
        await first.close()
        await second.close()
        server.stop()


async def was_taken(leases: NatsLeases, name: str) -> bool:
    try:
        await leases.take(name)
    except Lost:
        return False
    return True
