"""Where an embedded server listens and who may enter: chosen once, at its first start, and kept beside its data.

The file is the only copy of the password, readable by its owner alone.
"""

import hashlib
import json
import os
import secrets
import socket
from dataclasses import dataclass, replace
from pathlib import Path

_PASSWORD_BYTES = 24
_INSTANCE_DIGITS = 16
_FILE = "login.json"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Login:
    """`instance` names the directory; it stands on the server's command line, so its processes can be told by it."""

    instance: str
    user: str
    password: str
    port: int

    def __repr__(self) -> str:
        return f"Login({self.instance}, port {self.port})"

    @property
    def fingerprint(self) -> str:
        """Tells one password from another without giving it away."""
        return hashlib.sha256(self.password.encode()).hexdigest()


def new_login(home: Path) -> Login:
    return Login(_instance_of(home), "tzurot", secrets.token_hex(_PASSWORD_BYTES), free_port())


def _instance_of(home: Path) -> str:
    # the directory's identity rather than its path: a process left behind is found also after it was moved
    status = home.stat()
    digest = hashlib.sha256(f"{status.st_dev}:{status.st_ino}".encode()).hexdigest()
    return f"tzurot-{digest[:_INSTANCE_DIGITS]}"


def at_free_port(login: Login) -> Login:
    """The same login, at its own port if that is free and at another if not."""
    return login if is_port_free(login.port) else replace(login, port=free_port())


def read_login(home: Path) -> Login | None:
    try:
        return Login(_instance_of(home), **json.loads((home / _FILE).read_text()))
    except FileNotFoundError:  # the server was never started here
        return None


def write_login(home: Path, login: Login) -> None:
    fields = {"user": login.user, "password": login.password, "port": login.port}
    write_private(home / _FILE, json.dumps(fields))


def write_private(path: Path, text: str) -> None:
    """Replace a file at once with one that only its owner can read."""
    beside = path.with_suffix(path.suffix + ".new")
    beside.unlink(missing_ok=True)
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        # as the servers do: a port with old connections in TIME_WAIT is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:  # taken: that is the answer
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
