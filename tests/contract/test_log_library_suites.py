"""The `eventsourcing` library's own suites for persistence modules, unmodified, on a real server."""

import os
from collections.abc import Iterator
from inspect import getmembers, isfunction
from unittest import TestCase
from unittest.mock import patch
from uuid import uuid4

import pytest
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.tests import application as application_suites
from eventsourcing.tests import persistence as suites
from eventsourcing.utils import Environment, get_topic

from engine.log import Factory
from engine.log.recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)
from tests.nats_server import NatsServer

ran: set[tuple[str, str]] = set()


@pytest.fixture(scope="module")
def library_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    yield server
    server.stop()


class OnTheLog(TestCase):
    """Gives each test an application of its own on the server, and notes which tests ran."""

    server: NatsServer

    @pytest.fixture(autouse=True)
    def _server(self, library_server: NatsServer) -> None:
        self.server = library_server

    def environment(self) -> Environment:
        name = f"Suite{uuid4().hex}"
        return Environment(name, {"PERSISTENCE_MODULE": "engine.log", "NATS_URL": self.server.url})

    def new_factory(self) -> Factory:
        factory = InfrastructureFactory.construct(self.environment())
        assert isinstance(factory, Factory)
        self.addCleanup(factory.close)
        return factory

    def tearDown(self) -> None:
        super().tearDown()
        ran.add((type(self).__name__, self._testMethodName))


class TestAggregateRecorder(OnTheLog, suites.AggregateRecorderTestCase):
    def create_recorder(self) -> LogAggregateRecorder:
        return self.new_factory().aggregate_recorder()


class TestSnapshotRecorder(OnTheLog, suites.AggregateRecorderTestCase):
    def create_recorder(self) -> LogAggregateRecorder:
        return self.new_factory().aggregate_recorder(purpose="snapshots")


class TestApplicationRecorder(OnTheLog, suites.ApplicationRecorderTestCase[LogApplicationRecorder]):
    def create_recorder(self) -> LogApplicationRecorder:
        return self.new_factory().application_recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTextIds(OnTheLog, suites.ApplicationRecorderTestCase[LogApplicationRecorder]):
    """The same with ids that are dotted text."""

    def new_originator_id(self) -> str:
        return f"message.discord-{uuid4().int % 1000}.{uuid4().hex}"

    def create_recorder(self) -> LogApplicationRecorder:
        return self.new_factory().application_recorder()


class TestTrackingRecorder(OnTheLog, suites.TrackingRecorderTestCase):
    def create_recorder(self) -> LogTrackingRecorder:
        return self.new_factory().tracking_recorder()


class TestProcessRecorder(OnTheLog, suites.ProcessRecorderTestCase):
    def create_recorder(self) -> LogProcessRecorder:
        return self.new_factory().process_recorder()


class TestNonInterleaving(OnTheLog, suites.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> LogApplicationRecorder:
        return self.new_factory().application_recorder()


class OtherTrackingRecorder(LogTrackingRecorder):
    """A subclass, as an application may name one."""


class TestFactory(OnTheLog, suites.InfrastructureFactoryTestCase[Factory]):
    def setUp(self) -> None:
        self.env = self.environment()
        super().setUp()

    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[LogAggregateRecorder]:
        return LogAggregateRecorder

    def expected_application_recorder_class(self) -> type[LogApplicationRecorder]:
        return LogApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[LogTrackingRecorder]:
        return LogTrackingRecorder

    def tracking_recorder_subclass(self) -> type[LogTrackingRecorder]:
        return OtherTrackingRecorder

    def expected_process_recorder_class(self) -> type[LogProcessRecorder]:
        return LogProcessRecorder


class TestExampleApplication(OnTheLog, application_suites.ExampleApplicationTestCase):
    expected_factory_topic = get_topic(Factory)

    def setUp(self) -> None:
        super().setUp()
        env = {"PERSISTENCE_MODULE": "engine.log", "NATS_URL": self.server.url}
        patched = patch.dict(os.environ, env)
        patched.start()
        self.addCleanup(patched.stop)


SUITES: dict[type[OnTheLog], type[TestCase]] = {
    TestAggregateRecorder: suites.AggregateRecorderTestCase,
    TestSnapshotRecorder: suites.AggregateRecorderTestCase,
    TestApplicationRecorder: suites.ApplicationRecorderTestCase,
    TestTextIds: suites.ApplicationRecorderTestCase,
    TestTrackingRecorder: suites.TrackingRecorderTestCase,
    TestProcessRecorder: suites.ProcessRecorderTestCase,
    TestNonInterleaving: suites.NonInterleavingNotificationIDsBaseCase,
    TestFactory: suites.InfrastructureFactoryTestCase,
    TestExampleApplication: application_suites.ExampleApplicationTestCase,
}


def library_tests(suite: type[TestCase]) -> set[str]:
    return {name for name, _ in getmembers(suite, isfunction) if name.startswith("test")}


def test_no_test_of_the_library_is_overridden_or_skipped_here() -> None:
    for here, suite in SUITES.items():
        for name in library_tests(suite):
            assert getattr(here, name) is getattr(suite, name), f"{here.__name__}.{name} is not the library's"
            assert not getattr(getattr(here, name), "__unittest_skip__", False)
        assert not getattr(here, "__unittest_skip__", False)


def test_the_suites_are_as_large_as_they_were() -> None:
    counts = {suite.__name__: len(library_tests(suite)) for suite in SUITES.values()}
    assert counts == {
        "AggregateRecorderTestCase": 2,
        "ApplicationRecorderTestCase": 4,
        "TrackingRecorderTestCase": 2,
        "ProcessRecorderTestCase": 4,
        "NonInterleavingNotificationIDsBaseCase": 1,
        "InfrastructureFactoryTestCase": 9,
        "ExampleApplicationTestCase": 1,
    }


def test_every_test_of_the_suites_ran_before_this_one(request: pytest.FixtureRequest) -> None:
    expected = {(here.__name__, name) for here, suite in SUITES.items() for name in library_tests(suite)}
    expected.add((TestApplicationRecorder.__name__, "test_insert_subscribe"))
    collected = {
        (item.cls.__name__, item.originalname)
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.cls in SUITES
    }
    if request.config.option.keyword or any("::" in argument for argument in request.config.args):
        assert ran <= expected  # someone chose single tests by hand: then these alone can have run
    else:
        assert collected == expected
        assert ran == expected
