"""A server of one's own, and applications on it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment

from engine.log import Factory
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import NewFactory
from tests.nats_server import NatsServer
from tests.tcp_proxy import TcpProxy


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    yield server
    server.stop()


@pytest.fixture
def new_factory(server: NatsServer) -> Iterator[NewFactory]:
    """Makes the factory of an application; the name is a new one unless it is stated."""
    factories: list[Factory] = []

    def make(name: str = "", *, deadline_s: float | None = None, **env: str) -> Factory:
        defaults = {"PERSISTENCE_MODULE": "engine.log", "NATS_URL": server.url}
        factory = InfrastructureFactory.construct(Environment(name or f"App{uuid4().hex}", {**defaults, **env}))
        assert isinstance(factory, Factory)
        if deadline_s is not None:
            factory.pool.deadline_s = deadline_s
        factories.append(factory)
        return factory

    yield make
    for factory in factories:
        factory.close()


@pytest.fixture
def recorder(new_factory: NewFactory) -> LogApplicationRecorder:
    return new_factory("Tzurot").application_recorder()


@pytest.fixture
def proxy(server: NatsServer) -> Iterator[TcpProxy]:
    proxy = TcpProxy(server.port)
    yield proxy
    proxy.close()
