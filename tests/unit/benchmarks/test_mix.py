"""That what the mix makes is a log that the engine could have written."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from adapters.benchmarks.mix import Mix, Step
from engine.domain import Aggregate, Event
from engine.domain.event import OpeningEvent
from engine.domain.message import MessageEdited, MessageHeard
from engine.domain.reply import ReplyComposed, ReplyStarted

EVENTS = 5_000


class CountsWords:
    name = "words"

    def count(self, text: str) -> int:
        return len(text.split())


def mix(seed: int = 1) -> Mix:
    return Mix(seed=seed, people=20, began=datetime(2026, 1, 1, tzinfo=UTC), tokens=CountsWords(), first_position=1)


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return list(mix().steps(EVENTS))


@pytest.fixture(scope="module")
def events(steps: list[Step]) -> list[Event]:
    return [event for step in steps for event in step.events]


def share(events: list[Event], *beginnings: str) -> float:
    counted = Counter(type(event).__name__ for event in events)
    return sum(count for name, count in counted.items() if name.startswith(beginnings)) / len(events)


def test_at_least_forty_of_a_hundred_events_are_messages_and_forty_are_replies(events: list[Event]) -> None:
    assert share(events, "MessageHeard") >= 0.4
    assert share(events, "ReplyStarted", "ReplyComposed", "ReplyDelivered") >= 0.4


def test_edits_erasures_settings_clears_and_memories_are_in_it(events: list[Event]) -> None:
    names = {type(event).__name__ for event in events}
    assert {"MessageEdited", "MessageErased", "ReplyErased", "ErasureCompleted", "HistoryCleared"} <= names
    assert {"PresetEdited", "PersonaEdited", "CharacterEdited", "ChoiceMade"} <= names
    assert {"MemoryForgotten", "MemoryEdited", "MemoryLocked"} <= names


def test_the_versions_of_each_thing_follow_one_another(events: list[Event]) -> None:
    versions: Counter[str] = Counter()
    for event in events:
        versions[event.originator_id] += 1
        assert event.originator_version == versions[event.originator_id]


def test_every_thing_can_be_built_from_its_events(events: list[Event]) -> None:
    found: dict[str, Aggregate] = {}
    for event in events:
        found[event.originator_id] = event.mutate(found.get(event.originator_id))
    assert len(found) > EVENTS / 4


def test_what_is_deleted_leaves_a_beginning_that_needs_nothing_before_it(steps: list[Step]) -> None:
    last: dict[str, Event] = {}
    superseded = 0
    for step in steps:
        last |= {event.originator_id: event for event in step.events}
        for subject, below in step.superseded:
            assert isinstance(last[subject], OpeningEvent)
            assert last[subject].originator_version == below
            superseded += 1
    assert superseded > 0


def test_replies_answer_messages_that_were_heard_and_address_their_character(events: list[Event]) -> None:
    heard = {event.originator_id: event for event in events if isinstance(event, MessageHeard)}
    started = [event for event in events if isinstance(event, ReplyStarted)]
    assert all(event.character in heard[event.message].addresses for event in started)
    answered = {event.message for event in started}
    assert all(not event.addresses for id_, event in heard.items() if id_ not in answered)


def test_an_edited_message_says_where_it_was_heard(events: list[Event]) -> None:
    positions = {event.originator_id: at for at, event in enumerate(events, 1) if isinstance(event, MessageHeard)}
    edits = [event for event in events if isinstance(event, MessageEdited)]
    assert edits
    assert all(event.heard_position == positions[event.originator_id] for event in edits)


def test_what_replies_were_made_from_stood_on_the_log_before_them(events: list[Event]) -> None:
    seen: set[str] = set()
    used = 0
    for event in events:
        if isinstance(event, ReplyComposed):
            assert {turn.id for turn in event.because.history} <= seen
            used += len(event.because.history)
        seen.add(event.originator_id)
    assert used > 0


def test_time_never_goes_back(events: list[Event]) -> None:
    assert all(earlier.timestamp <= later.timestamp for earlier, later in pairwise(events))


def test_the_same_seed_makes_the_same_log_however_it_is_cut() -> None:
    def cut() -> Iterator[Event]:
        whole = mix()
        for _ in range(4):
            yield from (event for step in whole.steps(100) for event in step.events)

    at_once = [event for step in mix().steps(400) for event in step.events]
    assert list(cut())[:400] == at_once[:400]
    assert at_once != [event for step in mix(seed=2).steps(400) for event in step.events]
