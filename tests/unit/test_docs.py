"""What the reference says is what the code does."""

import pytest

from engine.domain import Aggregate, Event
from tests.event_reference import REFERENCE, SUBJECTS, event_reference, events_of


def test_the_event_reference_is_what_the_code_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == event_reference(), "write it: python -m tests.event_reference"


def test_every_kind_of_aggregate_has_its_subject_there() -> None:
    assert SUBJECTS.keys() == Aggregate.kinds.keys()
    assert all(subject.startswith(f"{kind}.") for kind, subject in SUBJECTS.items())


def test_every_event_belongs_to_one_aggregate_there() -> None:
    listed = [event.__name__ for kind in SUBJECTS for event in events_of(kind)]

    assert sorted(listed) == sorted(Event.registered)


@pytest.mark.parametrize("name", Event.registered)
def test_every_event_is_told_with_its_meaning_and_fields(name: str) -> None:
    event = Event.registered[name]
    section = REFERENCE.read_text(encoding="utf-8").split(f"### {name}\n", 1)[1].split("\n#", 1)[0]

    assert " ".join((event.__doc__ or "").split()) in section
    for field in event.model_fields.keys() - Event.model_fields.keys():
        row = next(line for line in section.splitlines() if line.startswith(f"| `{field}` |"))
        assert ("**sealed**" in row) == (field in event.sealed_fields)
