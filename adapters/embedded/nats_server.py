"""The log's server: the nats-server of the wheel, with JetStream that syncs every write.

`sync_interval: always` is what makes an acknowledged event durable. With the server's default a power cut loses every
event of the last two minutes and gives their positions to others.
"""

import asyncio
import json
import secrets
import signal
import sysconfig
from pathlib import Path

from adapters.embedded.logins import LOOPBACK, Login, write_private
from adapters.embedded.processes import Command

_PROBE_TIMEOUT_S = 5.0
_INBOX_BYTES = 8


class NatsServer:
    name = "nats-server"
    instead = "NATS_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path) -> None:
        self._home = home

    def url(self, login: Login) -> str:
        return f"nats://{login.user}:{login.password}@{LOOPBACK}:{login.port}"

    async def prepare(self, login: Login) -> Command:
        config = self._home / "nats.conf"
        write_private(config, configuration(login, self._home / "jetstream"))
        program = Path(sysconfig.get_path("scripts")) / "nats-server"
        # the name is also in the file; here it lets the process be recognised
        return Command([program, "-c", config, "-n", login.instance], cwd=self._home)

    async def settle(self, login: Login) -> None:
        """Nothing is left to do once it answers."""

    async def answers(self, login: Login) -> bool:
        """One round trip to JetStream."""
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                return await _ask_jetstream(login)
        except (OSError, TimeoutError):  # "no" is the answer that the caller asks for
            return False


async def _ask_jetstream(login: Login) -> bool:
    # A few lines of protocol: the client library leaves a socket open when it is refused, and this asks for the
    # server's name before it gives a password away.
    reader, writer = await asyncio.open_connection(LOOPBACK, login.port)
    try:
        operation, _, info = (await reader.readline()).partition(b" ")
        if operation != b"INFO" or json.loads(info).get("server_name") != login.instance:
            return False
        options = json.dumps({"user": login.user, "pass": login.password, "verbose": False, "pedantic": False})
        inbox = f"_INBOX.{secrets.token_hex(_INBOX_BYTES)}"
        writer.write(f"CONNECT {options}\r\nSUB {inbox} 1\r\nPUB $JS.API.INFO {inbox} 0\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"MSG "):
                answer = json.loads(await reader.readexactly(int(line.split()[-1])))
                return "error" not in answer
            if line.startswith(b"-ERR"):
                return False
        return False
    finally:
        writer.transport.abort()


def configuration(login: Login, store: Path) -> str:
    """The server's configuration file. Strings are JSON strings, which its language accepts."""
    return "\n".join(
        (
            f"listen: {json.dumps(f'{LOOPBACK}:{login.port}')}",
            f"server_name: {json.dumps(login.instance)}",
            f"authorization {{ user: {json.dumps(login.user)}, password: {json.dumps(login.password)} }}",
            "jetstream {",
            f"  store_dir: {json.dumps(str(store), ensure_ascii=False)}",
            "  sync_interval: always",
            "}",
            "",
        )
    )
