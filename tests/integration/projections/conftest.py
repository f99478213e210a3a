"""One Postgres for all tests here, one database for each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.embedded import embedded_servers
from projections import Projections, open_projections
from tests.fakes.conversations import Script
from tests.fakes.key_ring import KeyRingInMemory
from tests.fakes.log_source import LogInMemory

_numbers = count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    data_dir = tmp_path_factory.mktemp("projections")
    async with embedded_servers(data_dir, nats=False) as servers:
        assert servers.database_url
        yield servers.database_url


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[str]:
    name = f"projections_{next(_numbers)}"
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as connection:
        await connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield make_conninfo(postgres, dbname=name)
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as connection:
        await connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def key_ring() -> KeyRingInMemory:
    return KeyRingInMemory()


@pytest.fixture
def log(key_ring: KeyRingInMemory) -> LogInMemory:
    return LogInMemory(key_ring)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def idle(database: str, log: LogInMemory, key_ring: KeyRingInMemory) -> AsyncIterator[Projections]:
    """Projections that nobody keeps up yet."""
    async with open_projections(database, log, key_ring) as projections:
        yield projections


@asynccontextmanager
async def running_process(projections: Projections) -> AsyncIterator[Projections]:
    """Projections that this process keeps up with the log; an error of theirs is the test's."""
    task = asyncio.create_task(projections.run())
    try:
        yield projections
    finally:
        task.cancel()
        result = (await asyncio.gather(task, return_exceptions=True))[0]
    if not isinstance(result, asyncio.CancelledError):
        raise result if result is not None else AssertionError("it ended by itself")


@pytest.fixture
def running() -> Callable[[Projections], AbstractAsyncContextManager[Projections]]:
    return running_process


@pytest.fixture
async def projections(idle: Projections) -> AsyncIterator[Projections]:
    async with running_process(idle):
        yield idle


@pytest.fixture
def told(log: LogInMemory, projections: Projections) -> Callable[..., Awaitable[int]]:
    """Append events and wait until they are projected; returns the last one's position."""

    async def tell(*events: object) -> int:
        position = log.append(*events)  # type: ignore[arg-type]
        await projections.reader.wait_for(position, timeout_s=20)
        return position

    return tell
