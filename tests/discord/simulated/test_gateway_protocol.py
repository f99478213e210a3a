"""The gateway frame by frame, without a client in between: order, compression, and every code that it closes with."""

import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from adapters.discord.simulated.gateway.intents import KNOWN, Intent

INFLATED_END = b"\x00\x00\xff\xff"


class Connection:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._inflator = zlib.decompressobj()

    async def send(self, op: int, data: Any, *, is_binary: bool = False) -> None:
        frame = orjson.dumps({"op": op, "d": data})
        await (self.socket.send_bytes(frame) if is_binary else self.socket.send_str(frame.decode()))

    async def receive(self) -> Any:
        message = await self.socket.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert message.data.endswith(INFLATED_END)
            return orjson.loads(self._inflator.decompress(message.data))
        assert message.type is aiohttp.WSMsgType.TEXT, (message, self.socket.close_code)
        return orjson.loads(message.data)

    async def until_closed(self) -> int | None:
        while (await self.socket.receive(timeout=5)).type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
            pass
        return self.socket.close_code


def identify(token: str, **changed: Any) -> dict[str, Any]:
    properties = {"os": "linux", "browser": "test", "device": "test"}
    return {"token": token, "properties": properties, "intents": int(Intent.GUILDS)} | changed


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def connection(discord: Any, http: aiohttp.ClientSession) -> AsyncIterator[Connection]:
    async with http.ws_connect(discord.hub.url + "?v=10&encoding=json") as socket:
        yield Connection(socket)


@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize("compression", ["", "&compress=zlib-stream"])
async def test_hello_then_ready_then_the_guilds(
    scene: Any, http: aiohttp.ClientSession, compression: str, is_binary: Any
) -> None:
    async with http.ws_connect(scene.discord.hub.url + "?v=10&encoding=json" + compression) as socket:
        connection = Connection(socket)
        hello = await connection.receive()
        assert (hello["op"], hello["d"]["heartbeat_interval"], hello["s"], hello["t"]) == (10, 41250, None, None)

        await connection.send(2, identify(scene.application.token), is_binary=is_binary)

        ready, guild = await connection.receive(), await connection.receive()
        assert (ready["t"], ready["s"], guild["t"], guild["s"]) == ("READY", 1, "GUILD_CREATE", 2)
        assert ready["d"]["resume_gateway_url"] == scene.discord.hub.url
        assert [each["user"]["username"] for each in guild["d"]["members"]] == ["Tzurot"]


async def test_heartbeats_are_acknowledged(discord: Any, connection: Connection) -> None:
    await connection.receive()

    await connection.send(1, None)

    assert (await connection.receive())["op"] == 11


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [
        (99, None, 4001),
        (2, {"token": "x"}, 4002),
        (2, "nonsense", 4002),
        (8, {"guild_id": "1"}, 4003),
        (2, identify("wrong"), 4004),
        (2, identify("", shard=[2, 2]), 4010),
        (2, identify("", intents=int(KNOWN) + (1 << 40)), 4013),
        (2, identify("", intents=int(Intent.GUILD_PRESENCES)), 4014),
        (2, identify("", intents=0, presence={"status": "x" * 4096}), 4002),
        (6, {"token": "x"}, 4002),
    ],
)
async def test_what_a_client_does_wrong_closes_with_discords_code(
    scene: Any, connection: Connection, op: int, data: Any, code: int
) -> None:
    scene.application.privileged_intents = 0
    if isinstance(data, dict) and data.get("token") == "":
        data = data | {"token": scene.application.token}

    await connection.send(op, data)

    assert await connection.until_closed() == code


async def test_what_is_no_json_closes_4002(discord: Any, connection: Connection) -> None:
    await connection.socket.send_str("{")

    assert await connection.until_closed() == 4002


async def test_another_version_closes_4012(discord: Any, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(discord.hub.url + "?v=6&encoding=json") as socket:
        assert await Connection(socket).until_closed() == 4012


async def test_identifying_twice_closes_4005(scene: Any, connection: Connection) -> None:
    await connection.send(2, identify(scene.application.token))
    await connection.send(2, identify(scene.application.token))

    assert await connection.until_closed() == 4005


async def test_more_than_120_frames_a_minute_close_4008(discord: Any, connection: Connection) -> None:
    for _ in range(121):
        await connection.send(1, None)

    assert await connection.until_closed() == 4008


async def test_a_client_without_heartbeats_is_closed_4009(discord: Any, http: aiohttp.ClientSession) -> None:
    discord.hub.heartbeat_interval_s = 0.05
    async with http.ws_connect(discord.hub.url + "?v=10&encoding=json") as socket:
        assert await Connection(socket).until_closed() == 4009


async def test_resuming_with_a_number_that_was_never_sent_closes_4007(
    scene: Any, connection: Connection, http: aiohttp.ClientSession
) -> None:
    await connection.receive()
    await connection.send(2, identify(scene.application.token))
    session = (await connection.receive())["d"]["session_id"]

    async with http.ws_connect(scene.discord.hub.url) as socket:
        again = Connection(socket)
        await again.send(6, {"token": scene.application.token, "session_id": session, "seq": 99})
        assert await again.until_closed() == 4007


async def test_resuming_an_unknown_session_is_answered_by_op_9_false(scene: Any, connection: Connection) -> None:
    await connection.receive()

    await connection.send(6, {"token": scene.application.token, "session_id": "gone", "seq": 1})

    told = await connection.receive()
    assert (told["op"], told["d"]) == (9, False)


async def test_a_client_that_says_goodbye_cannot_resume(
    scene: Any, connection: Connection, http: aiohttp.ClientSession
) -> None:
    await connection.receive()
    await connection.send(2, identify(scene.application.token))
    await connection.receive()
    await connection.socket.close(code=1000)

    await scene.discord.until(lambda: not scene.discord.hub.sessions)


async def test_a_second_identification_within_five_seconds_is_refused_where_that_is_asked_for(
    scene: Any, connection: Connection, http: aiohttp.ClientSession
) -> None:
    scene.discord.hub.identify_interval_s = 5
    await connection.send(2, identify(scene.application.token))
    async with http.ws_connect(scene.discord.hub.url) as socket:
        again = Connection(socket)
        await again.receive()
        await again.send(2, identify(scene.application.token))
        assert (await again.receive())["op"] == 9


async def test_the_sessions_left_today_are_counted(scene: Any, connection: Connection, http: Any) -> None:
    await connection.receive()
    await connection.send(2, identify(scene.application.token))
    await connection.receive()

    headers = {"Authorization": f"Bot {scene.application.token}"}
    async with http.get(f"{scene.discord.api_base}/gateway/bot", headers=headers) as response:
        limit = (await response.json())["session_start_limit"]

    assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1000, 999, 1)
