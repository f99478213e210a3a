"""Appending on a real server: conditions, batches, limits."""

import logging
import threading
from uuid import uuid4

import pytest
from eventsourcing.persistence import IntegrityError, ProgrammingError, Tracking

from engine.errors import EventTooLarge, Invalid, LogFull, LogUnavailable
from engine.log.recorders import LogApplicationRecorder
from tests.log_applications import NewFactory, an_event
from tests.nats_server import NatsServer


def test_positions_are_the_streams_sequences(recorder: LogApplicationRecorder) -> None:
    assert recorder.insert_events([an_event("a")]) == [1]
    assert recorder.insert_events([an_event("b"), an_event("b", 2), an_event("c")]) == [2, 3, 4]
    assert [event.id for event in recorder.select_notifications(None, 10)] == [1, 2, 3, 4]
    assert recorder.max_notification_id() == 4


def test_an_id_can_be_the_beginning_of_another_one(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("message.terminal"), an_event("message.terminal.1")])
    assert recorder.select_events("message.terminal") == [an_event("message.terminal")]
    assert recorder.select_events("message.terminal.1") == [an_event("message.terminal.1")]


def test_uuids_and_text_come_back_as_what_they_were(recorder: LogApplicationRecorder) -> None:
    uuid = uuid4()
    recorder.insert_events([an_event(uuid)])
    recorder.insert_events([an_event(uuid4().hex)])
    first, second = recorder.select_notifications(None, 10)
    assert first.originator_id == uuid
    assert isinstance(second.originator_id, str)


@pytest.mark.parametrize("bad", ["", "a b", "a..b", ".a", "a.", "a.*", "a.>", "ä", "a\r\nPUB x 0\r\n", "a" * 1001])
def test_an_id_that_is_no_subject_is_refused(recorder: LogApplicationRecorder, bad: str) -> None:
    with pytest.raises(Invalid, match="cannot be an aggregate's id"):
        recorder.insert_events([an_event(bad)])
    assert recorder.max_notification_id() is None


def test_of_many_who_create_the_same_thing_one_succeeds(new_factory: NewFactory) -> None:
    recorders = [new_factory("Tzurot").application_recorder() for _ in range(4)]
    outcomes: list[str] = []

    def create(recorder: LogApplicationRecorder) -> None:
        try:
            recorder.insert_events([an_event("claim.slug.1")])
        except IntegrityError:
            outcomes.append("conflict")  # somebody else was first, as it should be
        else:
            outcomes.append("created")

    threads = [threading.Thread(target=create, args=(recorders[i % 4],)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 15 + ["created"]
    assert recorders[0].max_notification_id() == 1


def test_an_append_on_what_another_process_appended_needs_no_reload(new_factory: NewFactory) -> None:
    here, there = (new_factory("Tzurot").application_recorder() for _ in range(2))
    here.insert_events([an_event("a", 1)])
    there.insert_events([an_event("a", 2)])
    assert here.insert_events([an_event("a", 3)]) == [3]
    with pytest.raises(IntegrityError):
        there.insert_events([an_event("a", 3)])
    assert there.insert_events([an_event("a", 4)]) == [4]


def test_a_version_that_leaves_one_out_is_refused(recorder: LogApplicationRecorder) -> None:
    recorder.insert_events([an_event("a", 1)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([an_event("a", 3)])
    with pytest.raises(IntegrityError):
        recorder.insert_events([an_event("b", 1), an_event("b", 3)])
    assert recorder.max_notification_id() == 1


def test_a_conflict_in_a_batch_stores_nothing_of_it(new_factory: NewFactory) -> None:
    here, there = (new_factory("Tzurot").application_recorder() for _ in range(2))
    there.insert_events([an_event("claim.slug.1")])
    with pytest.raises(IntegrityError):
        here.insert_events([an_event("character.1"), an_event("claim.slug.1")])
    assert here.select_events("character.1") == []
    assert here.insert_events([an_event("character.1"), an_event("claim.slug.2")]) == [2, 3]


def test_sixty_four_threads_at_once_each_get_their_own_outcome(new_factory: NewFactory) -> None:
    recorder = new_factory("Tzurot").application_recorder()
    positions: dict[str, int] = {}
    conflicts: list[str] = []

    def work(number: int) -> None:
        for turn in range(12):
            # Every fourth thread also goes for an id that somebody else wants.
            name = f"shared.{number // 8}.{turn}" if number % 4 == 0 else f"own.{number}.{turn}"
            try:
                ids = recorder.insert_events([an_event(name, state=f"{number}".encode())])
            except IntegrityError:
                conflicts.append(name)  # as it should be for a shared id
            else:
                assert ids is not None
                positions[name] = ids[0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorded = {str(event.originator_id): event.id for event in recorder.select_notifications(None, 10_000)}
    assert recorded == positions
    assert len(positions) == 48 * 12 + 8 * 12
    assert len(conflicts) == 8 * 12


def test_what_exceeds_the_payload_limit_is_refused_before_it_is_sent(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = NatsServer(tmp_path_factory.mktemp("small"), config="max_payload: 2000")
    try:
        from engine.log import Factory  # noqa: PLC0415

        factory = Factory({"NATS_URL": server.url})
        recorder = factory.application_recorder()
        with pytest.raises(EventTooLarge, match="accepts at most 2000"):
            recorder.insert_events([an_event("a", state=b"x" * 2000)])
        with pytest.raises(EventTooLarge):
            recorder.insert_events([an_event("a"), an_event("a", 2, state=b"x" * 2000)])
        assert recorder.insert_events([an_event("a", state=b"x" * 1700)]) == [1]
        assert recorder.insert_events([an_event("b"), an_event("b", 2, state=b"x" * 1700)]) == [2, 3]
        factory.close()
    finally:
        server.stop()


def test_more_events_than_a_batch_takes_are_refused(recorder: LogApplicationRecorder) -> None:
    with pytest.raises(EventTooLarge, match="at most 1000"):
        recorder.insert_events([an_event("a", version) for version in range(1, 1002)])
    assert recorder.insert_events([an_event("a", version) for version in range(1, 1001)]) == list(range(1, 1001))


def test_a_full_log_warns_in_time_and_refuses_then(new_factory: NewFactory, caplog: pytest.LogCaptureFixture) -> None:
    factory = new_factory("Tzurot", TZUROT_LOG_MAX_BYTES="100000")
    recorder = factory.application_recorder()
    recorder.insert_events([an_event("first", state=b"x" * 85_000)])
    with caplog.at_level(logging.WARNING):
        recorder_that_has_not_looked = new_factory("Tzurot").application_recorder()
        recorder_that_has_not_looked.insert_events([an_event("second")])
    assert "raise TZUROT_LOG_MAX_BYTES" in caplog.text
    with pytest.raises(LogFull):
        recorder.insert_events([an_event("b", state=b"x" * 9_000), an_event("b", 2, state=b"x" * 9_000)])
    larger = new_factory("Tzurot", TZUROT_LOG_MAX_BYTES="200000").application_recorder()
    assert larger.insert_events([an_event("b", state=b"x" * 9_000)])


def test_a_process_recorder_keeps_events_and_tracking_together(new_factory: NewFactory) -> None:
    recorder = new_factory("Tzurot").process_recorder()
    assert recorder.insert_events([an_event("a")], tracking=Tracking("Upstream & co.", 5)) == [1]
    with pytest.raises(IntegrityError):
        recorder.insert_events([an_event("b")], tracking=Tracking("Upstream & co.", 5))
    assert recorder.select_events("b") == []
    assert recorder.max_tracking_id("Upstream & co.") == 5
    assert recorder.max_notification_id() == 1


def test_only_a_process_recorder_takes_tracking(recorder: LogApplicationRecorder) -> None:
    with pytest.raises(ProgrammingError):
        recorder.insert_events([an_event("a")], tracking=Tracking("Upstream", 5))


def test_without_a_server_nothing_is_recorded_and_that_is_said(new_factory: NewFactory, server: NatsServer) -> None:
    recorder = new_factory("Tzurot", deadline_s=0.2).application_recorder()
    server.stop()
    with pytest.raises(LogUnavailable, match=r"nothing was recorded|not known whether"):
        recorder.insert_events([an_event("a")])
    with pytest.raises(LogUnavailable, match="nothing was recorded"):
        recorder.insert_events([an_event("b")])
    with pytest.raises(LogUnavailable):
        recorder.select_events("a")
