"""The embedded servers as their users see them: they start, answer, heal, are shared and leave nothing behind."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import nats
import psutil
import psycopg
import pytest

from adapters.embedded import attachment, embedded_servers, nats_server, postgres
from adapters.embedded.logins import LOOPBACK, read_login
from adapters.embedded.nats_server import NatsServer
from adapters.embedded.postgres import Postgres
from adapters.embedded.processes import find
from engine.errors import ServersUnavailable

LIMIT_S = 30.0

# Uses the servers of a data directory until its input ends; prints their URLs once they run.
USER = """
import asyncio, json, sys
from pathlib import Path
from adapters.embedded import embedded_servers

async def main():
    async with embedded_servers(Path(sys.argv[1])) as servers:
        print(json.dumps([servers.nats_url, servers.database_url]), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"""


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await condition():  # noqa: ASYNC110 -- what is waited for happens in another process
            await asyncio.sleep(0.02)
    assert await condition(), what


async def say(url: str | None, text: str) -> None:
    assert url
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        await stream.add_stream(name="SAID", subjects=["said"])
        await stream.publish("said", text.encode())
    finally:
        await client.close()


async def said(url: str | None) -> list[str]:
    assert url
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        count = (await stream.stream_info("SAID")).state.messages
        return [((await stream.get_msg("SAID", n)).data or b"").decode() for n in range(1, count + 1)]
    finally:
        await client.close()


async def write(url: str | None, value: int) -> None:
    assert url
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute("create table if not exists written (value int)")
        await connection.execute("insert into written values (%s)", [value])


async def written(url: str | None) -> list[int]:
    assert url
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = await (await connection.execute("select value from written order by 1")).fetchall()
    return [row[0] for row in rows]


def processes_of(data_dir: Path, server: str) -> list[int]:
    login = read_login(data_dir / server)
    return find(login.instance) if login else []


def main_process(data_dir: Path, server: str) -> int:
    return int((data_dir / server / "process").read_text().split()[0])


class User:
    """Another process that uses the servers."""

    def __init__(self, process: asyncio.subprocess.Process, urls: list[str]) -> None:
        self.process = process
        self.urls = urls

    @classmethod
    async def start(cls, data_dir: Path) -> "User":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", USER, str(data_dir)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        assert process.stdout
        async with asyncio.timeout(LIMIT_S):
            return cls(process, json.loads(await process.stdout.readline()))

    async def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        async with asyncio.timeout(LIMIT_S):
            assert await self.process.wait() == 0

    async def die(self) -> None:
        self.process.kill()
        await self.process.wait()


async def test_both_servers_answer_and_keep_their_data_and_address_over_a_restart(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as first:
        await say(first.nats_url, "hello")
        await write(first.database_url, 1)
    async with embedded_servers(tmp_path) as second:
        assert await said(second.nats_url) == ["hello"]
        assert await written(second.database_url) == [1]
    assert (first.nats_url, first.database_url) == (second.nats_url, second.database_url)


async def test_the_database_has_vectors_and_knows_text_of_any_language(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path, nats=False) as servers:
        assert servers.nats_url is None
        assert servers.database_url
        async with await psycopg.AsyncConnection.connect(servers.database_url) as connection:
            query = "select '[1,2]'::halfvec <-> '[1,4]', to_tsvector('turkish', 'GÜZEL')::text, current_database()"
            assert await (await connection.execute(query)).fetchone() == (2.0, "'güzel':1", "tzurot")


async def test_a_full_database_is_not_taken_for_a_dead_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_MAX_CONNECTIONS", 5)
    async with embedded_servers(tmp_path, nats=False) as servers, AsyncExitStack() as held:
        login = read_login(tmp_path / "postgres")
        assert login
        assert servers.database_url
        for _ in range(5):
            connection = await psycopg.AsyncConnection.connect(servers.database_url)
            held.push_async_callback(connection.close)
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            await psycopg.AsyncConnection.connect(servers.database_url)
        assert await Postgres(tmp_path / "postgres").answers(login)


async def test_only_what_is_asked_for_is_started(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path, postgres=False) as servers:
        assert servers.database_url is None
        await say(servers.nats_url, "hello")
        assert not (tmp_path / "postgres").exists()


async def test_a_clean_stop_leaves_nothing_running(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path):
        assert processes_of(tmp_path, "nats")
        assert processes_of(tmp_path, "postgres")
        for server in ("nats", "postgres"):
            assert os.getsid(main_process(tmp_path, server)) != os.getsid(0), "a Ctrl-C here does not reach it"
    assert not processes_of(tmp_path, "nats")
    assert not processes_of(tmp_path, "postgres")


async def test_nobody_else_can_read_a_password_or_enter_without_one(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path / "data") as servers:
        assert servers.nats_url
        assert servers.database_url
        login = read_login(tmp_path / "data" / "nats")
        assert login
        for path in (tmp_path / "data").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
        assert "password" not in repr(servers)
        assert login.password not in repr(servers) + repr(login)
        for pid in processes_of(tmp_path / "data", "nats") + processes_of(tmp_path / "data", "postgres"):
            command_line = " ".join(psutil.Process(pid).cmdline())
            assert login.password not in command_line
        for server in (NatsServer(tmp_path / "data" / "nats"), Postgres(tmp_path / "data" / "postgres")):
            known = read_login(tmp_path / "data" / ("nats" if isinstance(server, NatsServer) else "postgres"))
            assert known
            assert await server.answers(known)
            assert not await server.answers(replace(known, password="guessed"))


async def test_a_server_that_is_killed_comes_back_at_the_same_address(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as servers:
        await say(servers.nats_url, "hello")
        await write(servers.database_url, 1)
        for server in ("nats", "postgres"):
            killed = main_process(tmp_path, server)
            os.kill(killed, signal.SIGKILL)

            async def is_replaced(server: str = server, killed: int = killed) -> bool:
                return main_process(tmp_path, server) != killed

            await until(is_replaced, "the supervisor starts it again")

        async def answer() -> bool:
            try:
                return await said(servers.nats_url) == ["hello"] and await written(servers.database_url) == [1]
            except (OSError, psycopg.OperationalError, nats.errors.Error):
                return False

        await until(answer, "the data is there")


async def test_a_server_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment, "_PROBE_EVERY_S", 0.05)
    async with embedded_servers(tmp_path, postgres=False) as servers:
        await say(servers.nats_url, "hello")
        monkeypatch.setattr(nats_server, "_PROBE_TIMEOUT_S", 0.2)
        hung = main_process(tmp_path, "nats")
        os.kill(hung, signal.SIGSTOP)

        async def answers() -> bool:
            login = read_login(tmp_path / "nats")
            assert login
            return main_process(tmp_path, "nats") != hung and await NatsServer(tmp_path / "nats").answers(login)

        await until(answers, "another one answers")
        assert await said(servers.nats_url) == ["hello"]


async def test_a_second_process_uses_what_runs_and_takes_over_when_the_first_leaves(tmp_path: Path) -> None:
    first = await User.start(tmp_path)
    running = main_process(tmp_path, "nats"), main_process(tmp_path, "postgres")
    second = await User.start(tmp_path)
    assert second.urls == first.urls
    await first.leave()
    assert (main_process(tmp_path, "nats"), main_process(tmp_path, "postgres")) == running
    await say(second.urls[0], "still here")
    await write(second.urls[1], 2)
    os.kill(running[0], signal.SIGKILL)

    async def is_replaced() -> bool:
        return main_process(tmp_path, "nats") != running[0]

    await until(is_replaced, "the second one supervises now")
    await second.leave()
    assert not processes_of(tmp_path, "nats")
    assert not processes_of(tmp_path, "postgres")


async def test_servers_whose_user_was_killed_are_adopted_with_their_data(tmp_path: Path) -> None:
    user = await User.start(tmp_path)
    await say(user.urls[0], "hello")
    await write(user.urls[1], 1)
    running = main_process(tmp_path, "nats"), main_process(tmp_path, "postgres")
    await user.die()
    async with embedded_servers(tmp_path) as servers:
        assert [servers.nats_url, servers.database_url] == user.urls
        assert (main_process(tmp_path, "nats"), main_process(tmp_path, "postgres")) == running
        assert await said(servers.nats_url) == ["hello"]
        assert await written(servers.database_url) == [1]
    assert not processes_of(tmp_path, "nats")
    assert not processes_of(tmp_path, "postgres")


async def test_everything_killed_at_once_starts_again_with_its_data(tmp_path: Path) -> None:
    user = await User.start(tmp_path)
    await say(user.urls[0], "hello")
    await write(user.urls[1], 1)
    killed = main_process(tmp_path, "nats"), main_process(tmp_path, "postgres")
    user.process.kill()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    async with embedded_servers(tmp_path) as servers:
        assert await said(servers.nats_url) == ["hello"]
        assert await written(servers.database_url) == [1]
    await user.process.wait()


async def test_a_stale_lock_file_that_names_a_stranger_does_not_keep_the_database_from_starting(
    tmp_path: Path,
) -> None:
    async with embedded_servers(tmp_path, nats=False) as servers:
        await write(servers.database_url, 1)
        lock_file = tmp_path / "postgres" / "cluster" / "postmaster.pid"
        lines = lock_file.read_text().splitlines()
    owner = lock_file.parent.stat().st_uid
    stranger = await asyncio.create_subprocess_exec("sleep", "600", user=owner if os.geteuid() == 0 else None)
    lock_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    try:
        async with embedded_servers(tmp_path, nats=False) as servers:
            assert await written(servers.database_url) == [1]
    finally:
        stranger.kill()
        await stranger.wait()


async def test_a_database_whose_password_was_lost_is_made_anew(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path, nats=False) as servers:
        await write(servers.database_url, 1)
    (tmp_path / "postgres" / "login.json").unlink()
    async with embedded_servers(tmp_path, nats=False) as servers:
        await write(servers.database_url, 2)
        assert await written(servers.database_url) == [2]


async def test_a_port_that_was_taken_meanwhile_is_changed(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as before:
        pass
    held = []
    for server in ("nats", "postgres"):
        login = read_login(tmp_path / server)
        assert login
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, login.port))
        listener.listen()
        held.append(listener)
    async with embedded_servers(tmp_path) as after:
        await say(after.nats_url, "hello")
        await write(after.database_url, 1)
        assert after.nats_url != before.nats_url
        assert after.database_url != before.database_url
    for listener in held:
        listener.close()


async def test_a_server_that_cannot_start_says_why_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "nats").mkdir(mode=0o700)
    (tmp_path / "nats" / "jetstream").write_text("a file where its folder should be")
    with pytest.raises(ServersUnavailable, match="NATS_URL") as caught:
        async with embedded_servers(tmp_path):
            pytest.fail("it cannot start")
    assert "server.log" in caught.value.message
    assert "storage directory" in caught.value.message, "the end of the server's own log"
    assert not processes_of(tmp_path, "nats")
    assert not processes_of(tmp_path, "postgres")


async def test_a_start_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    async def start() -> None:
        async with embedded_servers(tmp_path):
            await asyncio.Event().wait()

    starting = asyncio.create_task(start())

    async def is_under_way() -> bool:
        return (tmp_path / "postgres" / "cluster.new" / "data" / "PG_VERSION").exists()

    await until(is_under_way, "initdb is at work")
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert not processes_of(tmp_path, "nats")
    assert not processes_of(tmp_path, "postgres")
    async with embedded_servers(tmp_path) as servers:
        await write(servers.database_url, 1)


async def test_users_that_come_and_go_at_once_never_meet_a_stopped_server(tmp_path: Path) -> None:
    async def visit(number: int) -> None:
        for _ in range(3):
            async with embedded_servers(tmp_path) as servers:
                await write(servers.database_url, number)

    await asyncio.gather(*(visit(number) for number in range(3)))
    assert not processes_of(tmp_path, "nats")
    assert not processes_of(tmp_path, "postgres")
    async with embedded_servers(tmp_path, nats=False) as servers:
        assert await written(servers.database_url) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


async def test_a_data_directory_may_have_an_odd_name_and_lie_where_others_cannot_go(tmp_path: Path) -> None:
    closed = tmp_path / "closed to others"
    closed.mkdir(mode=0o700)
    async with embedded_servers(closed / 'the "data" of Zoë') as servers:
        await say(servers.nats_url, "hello")
        await write(servers.database_url, 1)
    assert closed.stat().st_mode & 0o777 == 0o700
