"""Commands that wait at the same time are carried out together: one thread loads, decides, seals and appends for all.

A thread for each would spend more on taking turns than on the work, and every load would be a round trip of its own.
Here whoever comes while others are being carried out waits in a queue, and whichever thread is free takes all of it:
one round trip loads what they need, one round appends what they decided. A lone command waits for nobody.

Each is still a command of its own: its append states the version it builds on, and its refusal is its own. What does
not go the usual way (others were faster, nothing had to happen, several events at once, twice the same thing) is left
to be carried out alone.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eventsourcing.persistence import IntegrityError, StoredEvent

from engine.domain import Aggregate
from engine.envelope.envelope import Envelope
from engine.log.recorders import LogApplicationRecorder
from engine.log.subjects import id_token

THREADS = 2
"""While one group waits for the disk, the next is decided; a third would only wait for the same cores."""

MOST_TOGETHER = 256
"""As many as go into one round of the log."""

type Carried = tuple[Aggregate, int]
"""The aggregate as it is now and the position of its event."""


@dataclass(slots=True, eq=False)
class Command:
    """What is to be decided on which aggregate, and who waits for it. `is_new` says that there is nothing to load."""

    id: str
    decide: Callable[[Aggregate | None], Aggregate]
    is_new: bool
    future: asyncio.Future[Carried | None]

    def tell(self, outcome: Carried | Exception | None) -> None:
        if self.future.done():
            return  # whoever waited was cancelled: what was appended stays
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class Together:
    """The threads that carry commands out. Close it when no command is under way."""

    def __init__(self, recorder: LogApplicationRecorder, envelope: Envelope) -> None:
        self._recorder = recorder
        self._envelope = envelope
        self._waiting: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"commands-{n}", daemon=True) for n in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    async def carry_out(
        self, id: str, decide: Callable[[Aggregate | None], Aggregate], *, is_new: bool
    ) -> Carried | None:
        """What a command led to; None when nothing was appended and it has to be carried out alone.

        Raises what `decide` raises, Invalid for what is no id, and LogError.
        """
        id_token(id)  # here, so that a bad id is refused before it is among others
        future: asyncio.Future[Carried | None] = asyncio.get_running_loop().create_future()
        self._waiting.put(Command(id, decide, is_new, future))
        return await future

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first, *self._others()]
            try:
                outcomes: Sequence[Carried | Exception | None] = self._carry_out(group)
            except Exception as error:  # noqa: BLE001 -- raised where each command is awaited
                outcomes = [error] * len(group)
            for command, outcome in zip(group, outcomes, strict=True):
                # a loop that has ended meanwhile has nobody left to be told
                with contextlib.suppress(RuntimeError):
                    command.future.get_loop().call_soon_threadsafe(command.tell, outcome)

    def _others(self) -> list[Command]:
        """Whoever else waits now."""
        others: list[Command] = []
        while len(others) < MOST_TOGETHER - 1:
            try:
                command = self._waiting.get_nowait()
            except queue.Empty:
                break  # all that wait are taken
            if command is None:
                self._waiting.put(None)
                break
            others.append(command)
        return others

    def _carry_out(self, group: Sequence[Command]) -> list[Carried | Exception | None]:
        outcomes: list[Carried | Exception | None] = [None] * len(group)
        taken = {command.id: at for at, command in reversed(list(enumerate(group)))}  # the first of each id
        found = self._load([id_ for id_, at in taken.items() if not group[at].is_new])
        decided: list[tuple[int, Aggregate, StoredEvent]] = []
        for id_, at in taken.items():
            try:
                aggregate = group[at].decide(self._built(found.get(id_, ())))
                events = aggregate.collect_events()
                if len(events) == 1:
                    decided.append((at, aggregate, self._envelope.to_stored_event(events[0])))
            except Exception as error:  # noqa: BLE001 -- a refusal, or a fault: raised where this command is awaited
                outcomes[at] = error
        recorded = self._recorder.insert_each([stored for _, _, stored in decided])
        for (at, aggregate, _), outcome in zip(decided, recorded, strict=True):
            if isinstance(outcome, int):
                outcomes[at] = aggregate, outcome
            elif not isinstance(outcome, IntegrityError):
                outcomes[at] = outcome
        return outcomes

    def _load(self, ids: Sequence[str]) -> dict[str, list[StoredEvent]]:
        return dict(zip(ids, self._recorder.select_each(ids), strict=True)) if ids else {}

    def _built(self, events: Sequence[StoredEvent]) -> Aggregate | None:
        aggregate: Aggregate | None = None
        for stored in events:
            aggregate = self._envelope.to_domain_event(stored).mutate(aggregate)
        return aggregate
