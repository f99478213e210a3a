"""A real nats-server for tests, which syncs every write; can be killed and started again on the same store."""

import shutil
import signal
import socket
import subprocess
import sysconfig
from pathlib import Path
from time import monotonic


def nats_server_binary() -> str:
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
    assert found is not None, "nats-server is not installed: run `uv sync`"
    return found


class NatsServer:
    """One server with a store of its own, listening on a port of the loopback that stays the same."""

    def __init__(self, directory: Path, *, config: str = "") -> None:
        self.directory = directory
        self.store = directory / "store"
        self.port = free_port()
        self._config_file = directory / "nats.conf"
        directory.mkdir(parents=True, exist_ok=True)
        self._config_file.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{self.store}", sync_interval: always }}\n'
            f'log_file: "{directory / "nats.log"}"\n{config}\n'
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen([nats_server_binary(), "-c", str(self._config_file)])
        until = monotonic() + 20
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    assert probe.recv(4) == b"INFO"
                    return
            except OSError:
                assert self._process.poll() is None, (self.directory / "nats.log").read_text()
                assert monotonic() < until, "nats-server does not start"

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
            self._process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
