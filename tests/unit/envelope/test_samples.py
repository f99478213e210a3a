"""Whatever shape an event had when it landed on a log, it is read today."""

from pathlib import Path

import orjson
import pytest

from engine.domain import ERASED, Event
from engine.envelope.envelope import seal, unseal
from tests.builders import message_heard
from tests.event_samples import (
    KEYS,
    SAMPLES,
    SampleKeys,
    expected_samples,
    read_sample,
    sample_name,
    write_missing,
    write_sample,
)

every_sample = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem) for path in sorted(SAMPLES.glob("*.json")) if path.name != KEYS],
)


def test_every_shape_of_every_event_has_a_sample_and_no_sample_is_of_an_unknown_one() -> None:
    found = {path.name for path in SAMPLES.glob("*.json")} - {KEYS}

    assert found == set(expected_samples()), "write missing ones with: python -m tests.event_samples"


@every_sample
def test_a_sample_is_read(path: Path) -> None:
    stored = read_sample(path)
    event = unseal(stored, SampleKeys())

    assert type(event) is Event.registered[stored.topic]
    assert (event.originator_id, event.originator_version) == (stored.originator_id, stored.originator_version)
    assert not [name for name in type(event).sealed_fields if getattr(event, name) is ERASED]


@every_sample
def test_a_sample_of_todays_shape_is_written_as_it_was(path: Path) -> None:
    """A field that is added, renamed or typed anew without counting the shape up shows here."""
    stored = read_sample(path)
    then = orjson.loads(stored.state)
    event = unseal(stored, SampleKeys())
    now = orjson.loads(seal(event, SampleKeys()).state)
    is_todays = then["v"] == type(event).shape

    assert now["v"] >= then["v"]
    assert not is_todays or (now["d"], now["t"], "s" in now) == (then["d"], then["t"], "s" in then)


def test_a_sample_is_never_written_over(tmp_path: Path) -> None:
    path = write_sample(message_heard(text="First."), tmp_path)
    written = path.read_bytes()

    with pytest.raises(FileExistsError):
        write_sample(message_heard(text="Second."), tmp_path)
    assert path.read_bytes() == written


def test_only_missing_samples_are_written(tmp_path: Path) -> None:
    path = write_sample(message_heard(), tmp_path)
    written = path.read_bytes()

    todays = {sample_name(name, event_class.shape) for name, event_class in Event.registered.items()}
    assert {path.name for path in write_missing(tmp_path)} == todays - {path.name}
    assert write_missing(tmp_path) == []
    assert path.read_bytes() == written
