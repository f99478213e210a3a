"""The log's server: the nats-server of the wheel, with JetStream that syncs every write.

`sync_interval: always` is what makes an acknowledged event durable. With the server's default a power cut loses every
event of the last two minutes and gives their positions to others.
"""

import asyncio
import json
import signal
import sysconfig
from pathlib import Path

import nats
import nats.errors

from adapters.embedded.logins import LOOPBACK, Login, write_private
from adapters.embedded.processes import Command

_PROBE_TIMEOUT_S = 2


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
                await self._round_trip(login)
        except (OSError, nats.errors.Error, TimeoutError):  # "no" is the answer that the caller asks for
            return False
        return True

    async def _round_trip(self, login: Login) -> None:
        client = await nats.connect(
            self.url(login),
            allow_reconnect=False,
            # 0 would mean without end; and it would sleep between the attempts
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            error_cb=_say_nothing,
        )
        try:
            await client.jetstream(timeout=_PROBE_TIMEOUT_S).account_info()
        finally:
            await client.close()


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


async def _say_nothing(_error: Exception) -> None:
    """A probe's failure is its result."""
