"""A server that is configured and does not answer is told in one line, soon; one that does costs one question."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.configured import check_configured
from engine.errors import Misconfigured, ServersUnavailable
from tests.nats_server import NatsServer

SOON_S = 0.3
PROGRAM = Path(sys.executable).with_name("tzurot")
GIVEN_UP_S = 20
"""Less than the log's own patience with a server that it knows."""


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, so that nobody else listens there, and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@pytest.mark.parametrize(("variable", "scheme"), [("nats_url", "nats"), ("database_url", "postgresql")])
async def test_where_nobody_listens_the_address_and_the_variable_are_named(
    variable: str, scheme: str, closed_port: int
) -> None:
    urls: dict[str, str | None] = {"nats_url": None, "database_url": None}
    urls[variable] = f"{scheme}://ana:secret@127.0.0.1:{closed_port}"
    with pytest.raises(ServersUnavailable) as refused:
        await check_configured(**urls, patience_s=SOON_S)
    assert f"127.0.0.1:{closed_port}" in refused.value.message
    assert variable.upper() in refused.value.message
    assert "secret" not in refused.value.message


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(ServersUnavailable):
            await check_configured(nats_url=f"nats://127.0.0.1:{port}", database_url=None, patience_s=SOON_S)
    finally:
        for writer in held:
            writer.close()
        server.close()


async def test_one_server_of_several_that_answers_is_enough(tmp_path: Path, closed_port: int) -> None:
    server = NatsServer(tmp_path)
    try:
        await check_configured(nats_url=f"nats://127.0.0.1:{closed_port},{server.url}", database_url=None)
    finally:
        server.stop()


async def test_what_is_no_address_is_said_without_repeating_it() -> None:
    with pytest.raises(Misconfigured, match="DATABASE_URL cannot be read") as refused:
        await check_configured(nats_url=None, database_url="postgresql://ana:sec ret@[")
    assert "sec ret" not in refused.value.message


@pytest.mark.parametrize(("variable", "scheme"), [("NATS_URL", "nats"), ("DATABASE_URL", "postgresql")])
def test_a_command_ends_soon_in_one_line(variable: str, scheme: str, closed_port: int, tmp_path: Path) -> None:
    environment = {"TZUROT_DATA_DIR": str(tmp_path), variable: f"{scheme}://127.0.0.1:{closed_port}"}
    done = subprocess.run(
        [PROGRAM, "character", "list"], env=environment, capture_output=True, text=True, timeout=GIVEN_UP_S, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: No server answers at 127.0.0.1:{closed_port}, where {variable} points")
    assert done.stderr.count("\n") == 1
