"""What holds for every test: none of them reaches anything beyond this machine, least of all a real model."""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

LOOPBACK = ("127.", "::1", "localhost")
OPERATORS_OWN = ("OPENAI_", "DISCORD_TOKEN", "NATS_URL", "DATABASE_URL", "TZUROT_")

reached_for: list[str] = []


class OutOfReachError(OSError):
    """A test reached for a host beyond loopback: script a server for it instead."""


def _hold_back(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        host = args[1][0] if isinstance(args[1], tuple) else None  # a Unix socket is on this machine
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if isinstance(host, str) and host and not host.startswith(LOOPBACK):
        reached_for.append(host)
        raise OutOfReachError


sys.addaudithook(_hold_back)

# What the operator has in the environment is theirs: a test that needs such a variable sets it.
taken = {
    name: os.environ.pop(name)
    for name in [name for name in os.environ if name.startswith(OPERATORS_OWN) or name.lower().endswith("_proxy")]
}


@pytest.fixture(scope="session")
def proxies() -> Mapping[str, str]:
    """For installers, which have to reach their registries as the operator does."""
    return {name: value for name, value in taken.items() if name.lower().endswith("_proxy")}


@pytest.fixture(autouse=True)
def nothing_beyond_this_machine_is_reached_for() -> Iterator[None]:
    before = len(reached_for)
    yield
    assert reached_for[before:] == [], "the test reached for hosts beyond loopback"
