"""Stored events as messages of the stream, and back. Pure.

The state is the body as it is; version and topic are header fields with names of one letter, since they are paid for
with every event.
"""

from uuid import UUID

from eventsourcing.persistence import DataError, Notification, StoredEvent

from engine.log.stream import Record
from engine.log.wire import header_field

VERSION = b"V"
TOPIC = b"T"
IS_UUID = b"U"  # present when the id is a UUID, so that it is read back as one


def event_fields(event: StoredEvent) -> bytes:
    """The header fields of an event."""
    topic = event.topic
    if "\r" in topic or "\n" in topic or topic != topic.strip():
        raise DataError("An event's topic cannot begin or end with space or hold line breaks")
    fields = f"V: {event.originator_version}\r\nT: {topic}\r\n"
    return (fields + "U: 1\r\n" if isinstance(event.originator_id, UUID) else fields).encode()


def version_of(record: Record) -> int:
    value = header_field(record.header, VERSION)
    if value is None:
        raise DataError(f"Message {record.sequence} of the log is no event: it has no version")
    return int(value)


def topic_of(record: Record) -> str:
    value = header_field(record.header, TOPIC)
    if value is None:
        raise DataError(f"Message {record.sequence} of the log is no event: it has no topic")
    return value.decode()


def stored_event(record: Record, originator_id: UUID | str) -> StoredEvent:
    return StoredEvent(originator_id, version_of(record), topic_of(record), record.body)


def notification(record: Record, prefix_bytes: int) -> Notification:
    """The event as a position of the log; the id begins after this many bytes of the subject."""
    token = record.subject[prefix_bytes:].decode()
    is_uuid = header_field(record.header, IS_UUID) is not None
    return Notification(
        UUID(token) if is_uuid else token, version_of(record), topic_of(record), record.body, record.sequence
    )
