"""Commands that wait at the same time are carried out together, on the event loop that they wait on.

Whoever comes in the same moment, or while others are being carried out, goes into one round: one request loads what
they need, they decide and are sealed one after the other, one request appends what they decided. A lone command waits
for nobody, and no thread is in its way as long as all goes well (`engine/log/express.py`).

Each is still a command of its own: its append states the event it builds on, and its refusal is its own. What does
not go the usual way (others were faster, nothing had to happen, several events at once, twice the same thing, a key
that is not at hand) is left to be carried out alone, on a thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from eventsourcing.persistence import IntegrityError, StoredEvent

from engine.domain import Aggregate
from engine.domain.event import Torn, evolved
from engine.envelope.at_hand import NotAtHand, without_waiting
from engine.envelope.envelope import Envelope, is_plain
from engine.log.express import Express, Outcome
from engine.log.lately import Loaded
from engine.log.recorders import LogApplicationRecorder
from engine.log.subjects import id_token

MOST_ROUNDS = 2
"""While one round waits for the disk, the next is decided; a third would only be a smaller batch."""

MOST_TOGETHER = 256
"""As many as go into one round."""

LONGEST_TURN_S = 0.005
"""So long are commands decided before whatever else the event loop has to do gets its turn."""

THREADS = 4
"""For what is not quick: a round whose appends are in doubt, and a look at how full the log is."""


class NotFoundQuickly(Exception):
    """The log's server did not answer at once, or not with all of it: look on a thread, which finds out why."""


type Carried = tuple[Aggregate, int]
"""The aggregate as it is now and the position of its event."""

NOTHING = Loaded([], 0)


@dataclass(slots=True, eq=False)
class Command:
    """What is to be decided on which aggregate. `is_new` says that there is nothing to load.

    `future` is there for whoever waits for it while another one carries it out.
    """

    id: str
    decide: Callable[[Aggregate | None], Aggregate]
    is_new: bool
    future: asyncio.Future[None] | None = None
    is_told: bool = False
    outcome: Carried | Exception | None = None

    def tell(self, outcome: Carried | Exception | None) -> None:
        if self.is_told:
            return
        self.is_told, self.outcome = True, outcome
        if self.future is not None and not self.future.done():  # or who waited was cancelled: what was appended stays
            self.future.set_result(None)

    def result(self) -> Carried | None:
        """Raises what it was told, where that is an error."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Ready(NamedTuple):
    """A command and what it is decided on. `is_certain` is False for what it was lately, which may have changed."""

    command: Command
    found: Loaded
    is_certain: bool


class Decided(NamedTuple):
    """What a command led to, about to be appended to what it was decided on."""

    command: Command
    aggregate: Aggregate
    stored: StoredEvent
    found: Loaded


class Together:
    """Carries commands out, for whichever event loop they wait on. Close it when none is under way."""

    def __init__(self, recorder: LogApplicationRecorder, envelope: Envelope) -> None:
        self._recorder = recorder
        self._envelope = envelope
        self._by_loop: dict[asyncio.AbstractEventLoop, Rounds] = {}

    async def close(self) -> None:
        """Close what belongs to this event loop; what another one left behind ends with it."""
        rounds = self._by_loop.pop(asyncio.get_running_loop(), None)
        if rounds is not None:
            await rounds.close()

    async def carry_out(
        self, id: str, decide: Callable[[Aggregate | None], Aggregate], *, is_new: bool
    ) -> Carried | None:
        """What a command led to; None when nothing was appended and it has to be carried out alone.

        Raises what `decide` raises, Invalid for what is no id, and LogError.
        """
        id_token(id)  # here, so that a bad id is refused before it is among others
        loop = asyncio.get_running_loop()
        rounds = self._by_loop.get(loop) or self._rounds_of(loop)
        return await rounds.carry_out(Command(id, decide, is_new))

    async def find(self, id: str) -> Aggregate | None:
        """The aggregate as it is; None where there is none.

        Raises NotFoundQuickly for what has to be looked for otherwise, and Invalid for what is no id.
        """
        id_token(id)
        loop = asyncio.get_running_loop()
        rounds = self._by_loop.get(loop) or self._rounds_of(loop)
        return await rounds.find(id)

    def _rounds_of(self, loop: asyncio.AbstractEventLoop) -> "Rounds":
        self._by_loop = {other: rounds for other, rounds in self._by_loop.items() if not other.is_closed()}
        rounds = self._by_loop[loop] = Rounds(self._recorder, self._envelope)
        return rounds


class Rounds:
    """The rounds of one event loop."""

    def __init__(self, recorder: LogApplicationRecorder, envelope: Envelope) -> None:
        self._loop = asyncio.get_running_loop()
        self._envelope = envelope
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="commands")
        self._express = Express(recorder, self._threads, is_plain)
        self._waiting: deque[Command] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._has_ended = asyncio.Event()
        self._is_about_to_begin = False
        self._was_lone = False

    async def carry_out(self, command: Command) -> Carried | None:
        if self._was_lone and not (self._waiting or self._under_way or self._is_about_to_begin):
            # Alone as the last one was: no task and no future for what nobody else takes part in.
            self._under_way += 1
            try:
                await self._carry_out([command])
            finally:
                self._end()
        else:
            command.future = self._loop.create_future()
            self._waiting.append(command)
            self._begin_soon()
            await command.future
        return command.result()

    async def find(self, id: str) -> Aggregate | None:
        """Raises NotFoundQuickly."""
        [found] = await self._express.load([id])
        if found is None:
            raise NotFoundQuickly
        try:
            with without_waiting():
                return self._built(found.events)
        except (Torn, NotAtHand):
            raise NotFoundQuickly from None

    async def close(self) -> None:
        while self._waiting or self._under_way:
            self._has_ended.clear()
            await self._has_ended.wait()
        await self._express.close()
        await asyncio.to_thread(self._threads.shutdown)

    def _begin_soon(self) -> None:
        """Begin a round when everyone who comes in this moment has come."""
        if self._waiting and not self._is_about_to_begin and self._under_way < MOST_ROUNDS:
            self._is_about_to_begin = True
            self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._is_about_to_begin = False
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
        self._was_lone = len(group) == 1
        self._under_way += 1
        round_ = self._loop.create_task(self._carry_out(group))
        self._tasks.add(round_)
        round_.add_done_callback(self._end)
        self._begin_soon()

    def _end(self, round_: asyncio.Task[None] | None = None) -> None:
        if round_ is not None:
            self._tasks.discard(round_)
        self._under_way -= 1
        self._has_ended.set()
        self._begin_soon()

    async def _carry_out(self, group: Sequence[Command]) -> None:
        try:
            firsts = {command.id: command for command in reversed(group)}
            ready = await self._ready([command for command in group if firsts[command.id] is command])
            decided = await self._decided(ready)
            await self._append(decided)
        except Exception as error:  # noqa: BLE001 -- raised where each command is awaited that was not told before
            for command in group:
                command.tell(error)
        except asyncio.CancelledError:
            for command in group:
                if command.future is not None:
                    command.future.cancel()  # the event loop ends
            raise
        for command in group:
            command.tell(None)

    async def _ready(self, commands: Sequence[Command]) -> list[Ready]:
        """Those commands that can go on, with what they need; the others are told so."""
        ready: list[Ready] = []
        to_load: list[Command] = []
        for command in commands:
            if not command.is_new:
                lately = self._express.lately(command.id)
                if lately is None:
                    to_load.append(command)
                else:
                    ready.append(Ready(command, lately, is_certain=False))
            elif self._express.is_known(command.id):
                command.tell(None)
            else:
                ready.append(Ready(command, NOTHING, is_certain=True))
        if to_load:
            found = await self._express.load([command.id for command in to_load])
            for command, page in zip(to_load, found, strict=True):
                if page is None:
                    command.tell(None)
                else:
                    ready.append(Ready(command, page, is_certain=True))
        return ready

    async def _decided(self, ready: Sequence[Ready]) -> list[Decided]:
        decided: list[Decided] = []
        turn_ends = monotonic() + LONGEST_TURN_S
        for command, found, is_certain in ready:
            if monotonic() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = monotonic() + LONGEST_TURN_S
            try:
                with without_waiting():
                    aggregate = command.decide(self._built(found.events))
                    events = aggregate.collect_events()
                    stored = self._envelope.to_stored_event(events[0]) if len(events) == 1 else None
                if stored is None:
                    command.tell(None)
                else:
                    decided.append(Decided(command, aggregate, stored, found))
            except (Torn, NotAtHand):  # read again when it is carried out alone, where a key can be waited for
                command.tell(None)
            except Exception as error:  # noqa: BLE001 -- a refusal, or a fault: raised where this command is awaited
                command.tell(error if is_certain else None)  # of what may have changed, nobody is told
        return decided

    async def _append(self, decided: Sequence[Decided]) -> None:
        by_id: Mapping[object, Decided] = {each.command.id: each for each in decided}

        def tell(stored: StoredEvent, outcome: Outcome) -> None:
            command, aggregate, *_ = by_id[stored.originator_id]
            if isinstance(outcome, int):
                command.tell((aggregate, outcome))
            else:
                command.tell(None if isinstance(outcome, IntegrityError) else outcome)

        if decided:
            await self._express.append([(each.stored, each.found) for each in decided], tell)

    def _built(self, events: Sequence[StoredEvent]) -> Aggregate | None:
        return evolved(None, map(self._envelope.to_domain_event, events))
