"""The quick way to a stream, for commands of an event loop: what goes well goes without a thread.

Everything is asked once, on a connection of the loop's own, and only what leaves no doubt counts here: a whole page,
an acknowledgement with its sequence. What does not, of a load, is for the caller to load otherwise. Of an append it
goes with the same id and the same condition to `appending.py`, on a thread, which finds out what became of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

from eventsourcing.persistence import IntegrityError, StoredEvent

from engine.errors import LogError
from engine.log.coalescing import Coalescing, new_batch_id, rounds
from engine.log.codec import stored_event
from engine.log.entries import Entry, Trouble, batch_frames, judge
from engine.log.heads import Head
from engine.log.lately import Lately, Loaded
from engine.log.loop_connection import LoopConnection, connect
from engine.log.recorders import LogApplicationRecorder
from engine.log.stream import left_after, record_of
from engine.log.wire import Message

MAX_LOADED_EVENTS = 64
"""Of one aggregate: longer ones, which are rare, are not to hold the loop up."""

type Outcome = int | IntegrityError | LogError


class Express:
    """The quick way for one event loop. Close it when nothing is under way.

    `threads` do what is not quick; `is_plain` says of an event that it is nobody's words.
    """

    def __init__(
        self, recorder: LogApplicationRecorder, threads: Executor, is_plain: Callable[[StoredEvent], bool]
    ) -> None:
        self._recorder = recorder
        self._appender = recorder.appender
        self._pool = recorder.stream.pool
        self._threads = threads
        self._is_plain = is_plain
        self._lately = Lately()
        self._coalescing = Coalescing()
        self._connection: LoopConnection | None = None
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def is_known(self, originator_id: str) -> bool:
        """Whether it is known, without asking, that this aggregate has events."""
        return self._recorder.heads.get(self._recorder.subject(originator_id)) is not None

    def lately(self, originator_id: str) -> Loaded | None:
        """An aggregate as it was lately; whether it still is so, only an append tells that is taken."""
        found = self._lately.get(originator_id)
        if found is None:
            return None
        head = self._recorder.heads.get(self._recorder.subject(originator_id))
        return found if head is not None and head.sequence == found.sequence else None

    async def load(self, originator_ids: Sequence[str]) -> list[Loaded | None]:
        """All events of each of several aggregates; None where they have to be loaded otherwise."""
        connection = await self._connected()
        if connection is None or not originator_ids:
            return [None] * len(originator_ids)
        subjects = [self._recorder.subject(originator_id) for originator_id in originator_ids]
        query = self._recorder.stream.query
        questions = [partial(query, subject, 1, MAX_LOADED_EVENTS) for subject in subjects]
        pages = await connection.ask(questions, _is_end)
        loaded = [_loaded(id_, page) for id_, page in zip(originator_ids, pages, strict=True)]
        for subject, found in zip(subjects, loaded, strict=True):
            if found is not None and found.events:
                self._note(subject, found)
        return loaded

    async def append(
        self, events: Sequence[tuple[StoredEvent, Loaded]], tell: Callable[[StoredEvent, Outcome], None]
    ) -> None:
        """Append events of different aggregates to what was loaded; `tell` what became of each as soon as it is known.

        They have nothing to do with one another: one may be stored and another not.
        """
        entries = {self._recorder.entry_after(before.sequence, event): (event, before) for event, before in events}

        def known(entry: Entry, outcome: Outcome) -> None:
            event, before = entries[entry]
            if isinstance(outcome, int):
                self._note(entry.subject, Loaded([*before.events, event], outcome))
            else:
                self._recorder.heads.drop(entry.subject)
            tell(event, outcome)

        refused = {entry: refusal for entry in entries if (refusal := self._appender.refusal(entry))}
        for entry, refusal in refused.items():
            known(entry, refusal)
        troubled: list[tuple[Entry, Trouble]] = []
        for round_ in rounds([entry for entry in entries if entry not in refused]):
            for entry, verdict in zip(round_, await self._sent(round_), strict=True):
                if isinstance(verdict, Trouble):
                    troubled.append((entry, verdict))
                else:
                    known(entry, verdict)
        if self._appender.capacity.is_due(len(entries)):
            self._threads.submit(self._appender.capacity.check)
        if troubled:
            settling = asyncio.get_running_loop().run_in_executor(self._threads, self._appender.settle_each, troubled)
            for (entry, _), outcome in zip(troubled, await settling, strict=True):
                known(entry, outcome)

    def _note(self, subject: str, found: Loaded) -> None:
        """Remember where an aggregate ends, and where it is nobody's words, what it is."""
        last = found.events[-1]
        self._recorder.heads.put(subject, Head(last.originator_version, found.sequence))
        if all(self._is_plain(event) for event in found.events):
            self._lately.put(str(last.originator_id), found)
        else:
            self._lately.drop(str(last.originator_id))

    async def _sent(self, entries: list[Entry]) -> list[int | Trouble]:
        """Send messages once, and what became of each as far as it is beyond doubt."""
        connection = await self._connected()
        if connection is None:
            return [Trouble.NOT_TAKEN] * len(entries)
        if self._coalescing.is_batch_worthwhile(entries):
            opening = connection.new_inbox()
            [answers] = await connection.ask([partial(batch_frames, entries, new_batch_id(), opening)])
            verdict = _verdict(answers)
            if isinstance(verdict, int):
                return [verdict + offset for offset in range(len(entries))]
            if verdict is Trouble.UNKNOWN:
                return [verdict] * len(entries)
            self._coalescing.batch_was_refused()
        return [_verdict(answers) for answers in await connection.ask([entry.frame for entry in entries])]

    async def _connected(self) -> LoopConnection | None:
        """The loop's connection, made anew where it was lost; None where no server answers."""
        if self._connection is None or self._connection.is_lost:
            async with self._connecting:
                if self._connection is None or self._connection.is_lost:
                    self._connection = await self._connect()
        return self._connection

    async def _connect(self) -> LoopConnection | None:
        for address in self._pool.addresses:
            connection = await connect(address)
            if connection is not None:
                return connection
        return None


def _is_end(answer: Message) -> bool:
    return answer.status is not None


def _loaded(originator_id: str, page: list[Message] | None) -> Loaded | None:
    if page is None or left_after(page[-1]) != 0:
        return None
    records = [record_of(answer) for answer in page[:-1]]
    return Loaded([stored_event(record, originator_id) for record in records], records[-1].sequence if records else 0)


def _verdict(answers: list[Message] | None) -> int | Trouble:
    try:
        return judge(answers[-1] if answers else None)
    except LogError:
        return Trouble.NOT_TAKEN  # sent again on the careful way, it meets the same refusal, and that one counts
