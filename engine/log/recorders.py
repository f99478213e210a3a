"""The `eventsourcing` library's recorders, on a JetStream stream."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)

from engine.log.appending import Appender
from engine.log.codec import event_fields, notification, stored_event, version_of
from engine.log.entries import Entry
from engine.log.heads import Head, Heads
from engine.log.stream import PAGE_EVENTS, Record, Stream
from engine.log.subjects import EVENTS, TRACKING, escape, id_token
from engine.log.subscription import LogSubscription

FIRST_VERSION = 1  # the library's; an event of it or below begins its aggregate
APPEND_ID_BYTES = 12


class LogRecorder:
    """What all recorders of one application share: its stream and the way to append to it."""

    def __init__(self, stream: Stream, appender: Appender | None = None, *, purpose: str = EVENTS) -> None:
        self.stream = stream
        self.appender = appender or Appender(stream)
        self.purpose = purpose
        self.heads = Heads()


class LogAggregateRecorder(LogRecorder, AggregateRecorder):
    """Events of aggregates. A purpose other than events (snapshots) may leave out versions and record them late."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        self._insert(stored_events, kwargs.get("tracking"))
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        subject = self.subject(originator_id)
        if self.purpose != EVENTS:
            records = sorted(self._records(subject), key=version_of)
        elif desc and limit == 1 and lte is None:
            last = self.stream.last_of(subject)
            records = [] if last is None else [last]
        else:
            wanted = limit if gt is None and lte is None and not desc else None
            records = self._events_after(subject, gt, lte, wanted)
        events = [
            stored_event(record, originator_id)
            for record in records
            if (gt is None or version_of(record) > gt) and (lte is None or version_of(record) <= lte)
        ]
        if desc:
            events.reverse()
        return events[:limit]

    def entry_after(self, sequence: int, event: StoredEvent) -> Entry:
        """The message that appends an event by itself, building on this sequence of its aggregate."""
        return _entry(self.subject(event.originator_id), sequence, secrets.token_hex(APPEND_ID_BYTES), 0, event)

    def sequences(self, originator_id: UUID | str) -> list[tuple[int, int]]:
        """Version and sequence of each event of an aggregate that is there."""
        records = self._records(self.subject(originator_id))
        return [(version_of(record), record.sequence) for record in records]

    def erase(self, originator_id: UUID | str, before_version: int) -> list[int]:
        """Overwrite and remove the events of an aggregate below a version, and return their sequences.

        The aggregate's last event stays, since without it the id would be free again. Raises ProgrammingError if
        the last event itself is to go.
        """
        found = self.sequences(originator_id)
        if not found:
            return []
        if found[-1][0] < before_version:
            raise ProgrammingError(
                f"The last event of an aggregate cannot be erased: append the one that is to stay before erasing "
                f"below version {before_version}"
            )
        erased = [sequence for version, sequence in found if version < before_version]
        for sequence in erased:
            self.stream.delete(sequence)
        return erased

    def _insert(self, stored_events: Sequence[StoredEvent], tracking: Tracking | None) -> list[int]:
        entries, heads = self._entries(stored_events)
        if tracking is not None:
            raise ProgrammingError("Only a process recorder records tracking")
        return self._append(entries, heads)

    def _append(self, entries: list[Entry], ends: dict[str, tuple[int, int]]) -> list[int]:
        """Append and remember where the aggregates then end; `ends` is subject → (version, index of entry)."""
        if not entries:
            return []
        try:
            first = self.appender.append(entries)
        except IntegrityError:
            for subject in ends:
                self.heads.drop(subject)
            raise
        for subject, (version, index) in ends.items():
            self.heads.put(subject, Head(version, first + index))
        return list(range(first, first + len(entries)))

    def _entries(self, stored_events: Sequence[StoredEvent]) -> tuple[list[Entry], dict[str, tuple[int, int]]]:
        append_id = secrets.token_hex(APPEND_ID_BYTES)
        ends: dict[str, tuple[int, int]] = {}
        entries = []
        for index, event in enumerate(stored_events):
            subject, version = self.subject(event.originator_id), event.originator_version
            expected: int | None = None
            if subject in ends:
                self._check_follows(version, ends[subject][0])
            else:
                expected = self._expected_sequence(subject, version)
            ends[subject] = (version, index)
            entries.append(_entry(subject, expected, append_id, index, event))
        return entries, ends

    def _expected_sequence(self, subject: str, version: int) -> int:
        """The sequence that an event of this version builds on; asks the server only where it is not known."""
        head = self.heads.get(subject)
        if head is None and version <= FIRST_VERSION:
            return 0
        if head is None or version > head.version + 1:
            last = self.stream.last_of(subject)
            if last is None:
                return 0
            head = Head(version_of(last), last.sequence)
            self.heads.put(subject, head)
        if self.purpose == EVENTS:
            self._check_follows(version, head.version)
        elif version <= head.version and any(version_of(record) == version for record in self._records(subject)):
            raise IntegrityError(f"Version {version} is recorded already")
        return head.sequence

    def _check_follows(self, version: int, last_version: int) -> None:
        is_next = version == last_version + 1 if self.purpose == EVENTS else version > last_version
        if not is_next:
            raise IntegrityError(f"Version {version} does not follow version {last_version}")

    def _events_after(self, subject: str, gt: int | None, lte: int | None, limit: int | None) -> list[Record]:
        """The events above a version, up to another one or to a count; begins where it is known to be possible."""
        head = self.heads.get(subject)
        start = head.sequence + 1 if head and gt is not None and gt >= head.version else 1
        records: list[Record] = []
        for page in self.stream.scan(subject, start, min(limit or PAGE_EVENTS, PAGE_EVENTS)):
            records += page
            if limit is not None and len(records) >= limit:
                return records
            if lte is not None and version_of(records[-1]) >= lte:
                return records
        if records:
            self.heads.put(subject, Head(version_of(records[-1]), records[-1].sequence))
        return records

    def _records(self, subject: str) -> list[Record]:
        return [record for page in self.stream.scan(subject, 1) for record in page]

    def subject(self, originator_id: UUID | str) -> str:
        """Where the events of an aggregate are kept. Raises Invalid for an id that is no subject."""
        return f"{self.stream.name}.{self.purpose}.{id_token(originator_id)}"


def _entry(subject: str, expected: int | None, append_id: str, index: int, event: StoredEvent) -> Entry:
    message_id = f"{append_id}.{event.originator_version}.{index}"
    return Entry(subject, expected, message_id, event_fields(event), event.state)


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Events of an application in one order: a notification's id is its sequence on the stream."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        return self._insert(stored_events, kwargs.get("tracking"))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = (start or 0) + (0 if inclusive_of_start else 1)
        found: list[Notification] = []
        for event in self._notifications(first, limit if not topics else PAGE_EVENTS):
            if stop is not None and event.id > stop:
                break
            if not topics or event.topic in topics:
                found.append(event)
            if len(found) >= limit:
                break
        return found

    def max_notification_id(self) -> int | None:
        last_sequence = self.stream.state().last_sequence
        if not last_sequence:
            return None
        # The stream's last message is an event as a rule: only where it is none are the subjects searched.
        last = self.stream.at(last_sequence)
        if last is None or not last.subject.startswith(f"{self.stream.name}.{EVENTS}.".encode()):
            last = self.stream.last_of(f"{self.stream.name}.{EVENTS}.>")
        return None if last is None else last.sequence

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        return LogSubscription(self, self.stream, gt=gt, topics=topics)

    def _notifications(self, first: int, page_events: int) -> Iterator[Notification]:
        prefix = f"{self.stream.name}.{EVENTS}."
        for page in self.stream.scan(f"{prefix}>", first, min(page_events, PAGE_EVENTS)):
            for record in page:
                yield notification(record, len(prefix))


class LogTrackingRecorder(LogRecorder, TrackingRecorder):
    """How far this application has followed others: the last message of one subject for each."""

    def insert_tracking(self, tracking: Tracking) -> None:
        entry = self._tracking_entry(tracking)
        try:
            first = self.appender.append([entry])
        except IntegrityError:
            self.heads.drop(entry.subject)
            raise
        self.heads.put(entry.subject, Head(tracking.notification_id, first))

    def max_tracking_id(self, application_name: str) -> int | None:
        head = self._tracking_head(self._tracking_subject(application_name))
        return None if head is None else head.version

    def _tracking_entry(self, tracking: Tracking) -> Entry:
        subject = self._tracking_subject(tracking.application_name)
        head = self.heads.get(subject) or self._tracking_head(subject)
        if head is not None and tracking.notification_id <= head.version:
            raise IntegrityError(
                f"Tracking {tracking.notification_id} of {tracking.application_name} is not above {head.version}"
            )
        message_id = f"{secrets.token_hex(APPEND_ID_BYTES)}.{tracking.notification_id}"
        body = str(tracking.notification_id).encode()
        return Entry(subject, 0 if head is None else head.sequence, message_id, b"", body)

    def _tracking_head(self, subject: str) -> Head | None:
        last = self.stream.last_of(subject)
        return None if last is None else Head(int(last.body), last.sequence)

    def _tracking_subject(self, application_name: str) -> str:
        return f"{self.stream.name}.{TRACKING}.{escape(application_name)}"


class LogProcessRecorder(LogTrackingRecorder, LogApplicationRecorder, ProcessRecorder):
    """Events together with how far their cause was followed, in one atomic append."""

    def _insert(self, stored_events: Sequence[StoredEvent], tracking: Tracking | None) -> list[int]:
        entries, ends = self._entries(stored_events)
        if tracking is not None:
            entry = self._tracking_entry(tracking)
            ends[entry.subject] = (tracking.notification_id, len(entries))
            entries.append(entry)
        return self._append(entries, ends)[: len(stored_events)]
