"""One stored event of every type and shape that ever landed on a log, in tests/data/events/, with the keys beside them.

`python -m tests.event_samples` writes those that are missing. It refuses to write one that exists: a sample stands
for what is on somebody's log, and that does not change when the code does. When an event's shape changes, count its
`shape` up and run this again: the new shape gets a sample of its own, the old one stays.
"""

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import override

import orjson
from eventsourcing.persistence import StoredEvent

from engine.domain import Event
from engine.envelope.envelope import seal
from engine.envelope.key_ring import KEY_BYTES, KeyRing, SealingKey, keyed_hash
from engine.errors import WrongKeyRing
from tests.builders import builder_of

SAMPLES = Path(__file__).parent / "data" / "events"
KEYS = "keys.json"


class SampleKeys(KeyRing):
    """The keys that sealed the samples: made up, in plain sight, good for nothing else."""

    def __init__(self, folder: Path = SAMPLES) -> None:
        self._path = folder / KEYS
        self._keys: dict[str, str] = orjson.loads(self._path.read_bytes()) if self._path.exists() else {}

    @override
    def sealing_key(self, person: str, month: str) -> SealingKey:
        key_id = f"{person}-{month}"
        if key_id not in self._keys:
            self._keys[key_id] = secrets.token_hex(KEY_BYTES)
            self._path.write_bytes(_json(self._keys))
        return SealingKey(key_id, bytes.fromhex(self._keys[key_id]))

    @override
    def opening_key(self, key_id: str) -> bytes | None:
        if key_id not in self._keys:
            raise WrongKeyRing
        return bytes.fromhex(self._keys[key_id])

    @override
    def destroy(self, person: str) -> int:
        raise NotImplementedError("The samples' keys stay.")

    @override
    def keyed_hash(self, purpose: str, text: str) -> str:
        return keyed_hash(b"samples", purpose, text)

    @override
    def belong_to(self, log_id: str, *, log_is_empty: bool) -> None:
        raise NotImplementedError("The samples are no log.")


def sample_name(event_type: str, shape: int) -> str:
    return f"{event_type}.{shape}.json"


def expected_samples() -> Iterator[str]:
    """A sample for every shape that each event has or had."""
    for name, event_class in Event.registered.items():
        for shape in range(1, event_class.shape + 1):
            yield sample_name(name, shape)


def write_sample(event: Event, folder: Path = SAMPLES) -> Path:
    """Seal an event and write it. Raises FileExistsError rather than to write over a sample."""
    path = folder / sample_name(type(event).__name__, type(event).shape)
    stored = seal(event, SampleKeys(folder))
    sample = {
        "subject": stored.originator_id,
        "version": stored.originator_version,
        "type": stored.topic,
        "body": orjson.loads(stored.state),
    }
    with path.open("xb") as file:
        file.write(_json(sample))
    return path


def read_sample(path: Path) -> StoredEvent:
    sample = orjson.loads(path.read_bytes())
    return StoredEvent(sample["subject"], sample["version"], sample["type"], orjson.dumps(sample["body"]))


def write_missing(folder: Path = SAMPLES) -> list[Path]:
    """Write a sample of every event whose present shape has none."""
    return [
        write_sample(builder_of(event_class)(), folder)
        for name, event_class in Event.registered.items()
        if not (folder / sample_name(name, event_class.shape)).exists()
    ]


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    for written in write_missing():
        sys.stdout.write(f"{written.name}\n")
