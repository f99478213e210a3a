"""Filling a log with the mix: the same bytes as the engine would have appended, a thousand events at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from eventsourcing.persistence import StoredEvent

from adapters.benchmarks.cast import Cast
from adapters.benchmarks.mix import Mix, Step
from engine.envelope.envelope import seal
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.event_log import Tzurot
from engine.log.entries import MAX_BATCH_EVENTS
from engine.ports import TokenCounter
from engine.settings import Settings

SEED = 20_260_101
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_TO_A_PERSON = 300
FEWEST_PEOPLE = 6
ERASERS = 8
"""Each deletion waits for the disk, so several wait at once."""

type OnFilled = Callable[[int], None]


class Filler:
    """Appends the mix to one log, in as many goes as one likes."""

    def __init__(self, application: Tzurot, mix: Mix) -> None:
        self._application = application
        self._mix = mix
        self.appended = 0
        self.deleted = 0
        """Events that edits and erasures took from the log again."""

    @property
    def cast(self) -> Cast:
        """Who is in the log."""
        return self._mix.cast

    def fill_to(self, events: int, on_filled: OnFilled) -> None:
        """Append until so many events were appended in all, or a few more; what they supersede is deleted."""
        batch: list[StoredEvent] = []
        superseded: list[tuple[str, int]] = []
        for step in self._mix.steps(events - self.appended):
            if len(batch) + len(step.events) > MAX_BATCH_EVENTS:
                self._append(batch, superseded)
                on_filled(self.appended)
            batch += self._sealed(step)
            superseded += step.superseded
        self._append(batch, superseded)
        on_filled(self.appended)

    def _sealed(self, step: Step) -> list[StoredEvent]:
        return [seal(event, self._application.key_ring) for event in step.events]

    def _append(self, batch: list[StoredEvent], superseded: list[tuple[str, int]]) -> None:
        recorder = self._application.log_recorder
        if batch:
            recorder.insert_events(batch)
        self.appended += len(batch)
        # an edited message may be erased within the same batch: once below the later version says it all
        below = dict(superseded)
        with ThreadPoolExecutor(ERASERS) as threads:
            self.deleted += sum(map(len, threads.map(recorder.erase, below.keys(), below.values())))
        batch.clear()
        superseded.clear()


@contextmanager
def filler(settings: Settings, *, events: int, tokens: TokenCounter) -> Iterator[Filler]:
    """A filler of the settings' log, with people for so many events. Blocks."""
    assert settings.nats_url is not None
    with closing(SqliteKeyRing(settings.key_ring_path)) as key_ring:
        nats_url = settings.nats_url.get_secret_value()
        with closing(Tzurot(key_ring, nats_url=nats_url, name=settings.log_name)) as application:
            first_position = application.log_recorder.stream.state().last_sequence + 1
            people = max(FEWEST_PEOPLE, events // EVENTS_TO_A_PERSON)
            mix = Mix(seed=SEED, people=people, began=BEGAN, tokens=tokens, first_position=first_position)
            yield Filler(application, mix)
