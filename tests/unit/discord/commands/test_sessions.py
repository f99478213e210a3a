from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import nats
import pytest

from adapters.discord.commands.sessions import Bucket, NatsBucket, SessionExpired, Sessions
from tests.fakes.key_ring import KeyRingInMemory
from tests.nats_server import NatsServer

ALICE, BOB = "a" * 32, "b" * 32


class BucketInMemory:
    """Implements Bucket."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    async def put(self, key: str, value: bytes) -> None:
        self.values[key] = value

    async def delete(self, key: str) -> None:
        self.values.pop(key, None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    running = NatsServer(Path(tmp_path_factory.mktemp("nats")))
    yield running
    running.stop()


@pytest.fixture(params=["in memory", "nats"])
async def bucket(request: pytest.FixtureRequest) -> AsyncIterator[Bucket]:
    if request.param == "in memory":
        yield BucketInMemory()
        return
    client = await nats.connect(request.getfixturevalue("server").url)
    yield NatsBucket(client.jetstream())
    await client.close()


@pytest.fixture
def key_ring() -> KeyRingInMemory:
    return KeyRingInMemory()


@pytest.fixture
def sessions(bucket: Bucket, key_ring: KeyRingInMemory, clock: Callable[[], datetime]) -> Sessions:
    return Sessions(bucket, key_ring, clock)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: datetime(2026, 11, 22, tzinfo=UTC)


async def test_what_was_kept_is_found_and_can_be_changed(sessions: Sessions) -> None:
    token = await sessions.begin(ALICE, {"page": 1})
    await sessions.keep(token, ALICE, {"page": 2, "of": ["x", None]})
    assert await sessions.find(token, ALICE) == {"page": 2, "of": ["x", None]}


async def test_a_session_of_somebody_else_is_as_if_it_were_over(sessions: Sessions) -> None:
    token = await sessions.begin(ALICE, {"page": 1})
    with pytest.raises(SessionExpired):
        await sessions.find(token, BOB)


async def test_one_that_ended_is_over(sessions: Sessions) -> None:
    token = await sessions.begin(ALICE, {})
    await sessions.end(token, ALICE)
    with pytest.raises(SessionExpired):
        await sessions.find(token, ALICE)
    await sessions.end(token, ALICE)


async def test_nobody_ends_a_session_of_somebody_else(sessions: Sessions) -> None:
    token = await sessions.begin(ALICE, {"page": 1})
    await sessions.end(token, BOB)
    assert await sessions.find(token, ALICE) == {"page": 1}


@pytest.mark.parametrize("forged", ["", "*", ">", "a.b", "a b", "..", "f" * 25, "F" * 24, "é" * 24, "f" * 23 + "\n"])
async def test_what_is_no_token_finds_and_ends_nothing(sessions: Sessions, forged: str) -> None:
    token = await sessions.begin(ALICE, {"page": 1})
    with pytest.raises(SessionExpired):
        await sessions.find(forged, ALICE)
    await sessions.end(forged, ALICE)
    assert await sessions.find(token, ALICE) == {"page": 1}


async def test_a_token_that_never_was_is_over(sessions: Sessions) -> None:
    with pytest.raises(SessionExpired):
        await sessions.find("0" * 24, ALICE)


async def test_nothing_of_it_can_be_read_without_the_key_and_erasing_the_person_ends_it(
    bucket: Bucket, sessions: Sessions, key_ring: KeyRingInMemory
) -> None:
    token = await sessions.begin(ALICE, {"about": "a secret hobby"})
    assert b"hobby" not in (await bucket.get(token) or b"")
    key_ring.destroy(ALICE)
    with pytest.raises(SessionExpired):
        await sessions.find(token, ALICE)


async def test_another_process_finds_it_too(
    bucket: Bucket, sessions: Sessions, key_ring: KeyRingInMemory, clock: Callable[[], datetime]
) -> None:
    token = await sessions.begin(ALICE, {"page": 3})
    assert await Sessions(bucket, key_ring, clock).find(token, ALICE) == {"page": 3}


async def test_the_bucket_forgets_what_was_not_touched_for_a_quarter_of_an_hour(server: NatsServer) -> None:
    client = await nats.connect(server.url)
    await NatsBucket(client.jetstream()).put("0" * 24, b"x")
    status = await (await client.jetstream().key_value("discord-sessions")).status()
    await client.close()
    assert status.ttl == 15 * 60
