"""Between an event and its bytes on the log.

    {"v": shape, "t": time, "d": {plain fields}, "s": [key id, nonce, sealed fields]}

The sealed fields are one JSON object under AES-256-GCM, bound to subject, version and type as associated data: a
sealed part that was moved to another event does not open. It is a mapper of the event sourcing library; type and
version of the aggregate travel in the message's headers, which the log writes.
"""

import secrets
from base64 import b64decode, b64encode
from datetime import datetime
from functools import lru_cache
from typing import Any, override

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from engine.domain import ERASED, Event
from engine.envelope.key_ring import KeyRing
from engine.envelope.upcasts import upcast
from engine.errors import LogError, ShapeUnknown

NONCE_BYTES = 12
"""What AES-GCM takes; random is safe for 2^32 events under one key, a person's month has far fewer."""

_ENVELOPE_FIELDS = frozenset({"originator_id", "originator_version", "timestamp"})


class Envelope(Mapper[str]):
    """Seals and opens events with the keys of one key ring."""

    def __init__(self, key_ring: KeyRing) -> None:
        super().__init__(transcoder=JSONTranscoder())
        self._key_ring = key_ring

    @override
    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        assert isinstance(domain_event, Event)
        return seal(domain_event, self._key_ring)

    @override
    def to_domain_event(self, stored_event: StoredEvent) -> Event:
        return unseal(stored_event, self._key_ring)


def seal(event: Event, key_ring: KeyRing) -> StoredEvent:
    """Write an event as it lands on the log."""
    event_type = type(event).__name__
    fields = event.model_dump(mode="json", exclude=set(_ENVELOPE_FIELDS))
    sealed = {name: fields.pop(name) for name in type(event).sealed_fields}
    body: dict[str, Any] = {"v": type(event).shape, "t": event.timestamp, "d": fields}
    if sealed:
        key = key_ring.sealing_key(fields["person"], _month(event.timestamp))
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound_to = _bound_to(event.originator_id, event.originator_version, event_type)
        ciphertext = _cipher(key.secret).encrypt(nonce, orjson.dumps(sealed), bound_to)
        body["s"] = [key.id, b64encode(nonce).decode(), b64encode(ciphertext).decode()]
    return StoredEvent(event.originator_id, event.originator_version, event_type, orjson.dumps(body))


def unseal(stored: StoredEvent, key_ring: KeyRing) -> Event:
    """Read an event from the log; fields whose key was destroyed are ERASED."""
    event_class = Event.registered.get(stored.topic)
    if event_class is None:
        raise ShapeUnknown(f"The log holds {stored.topic!r}, which this release does not know: upgrade Tzurot.")
    subject = str(stored.originator_id)
    body = orjson.loads(stored.state)
    fields = body["d"]
    if "s" in body:
        key_id, nonce, ciphertext = body["s"]
        secret = key_ring.opening_key(key_id)
        if secret is None:
            fields |= dict.fromkeys(event_class.sealed_fields, ERASED)
        else:
            bound_to = _bound_to(subject, stored.originator_version, stored.topic)
            try:
                opened = _cipher(secret).decrypt(b64decode(nonce), b64decode(ciphertext), bound_to)
            except InvalidTag:
                raise LogError(
                    f"The sealed part of {subject}, version {stored.originator_version}, was changed or moved on the "
                    "log and does not open: restore the log from a backup."
                ) from None
            fields |= orjson.loads(opened)
    if body["v"] != event_class.shape:
        fields = upcast(stored.topic, fields, shape=body["v"], current=event_class.shape)
    return event_class.model_validate(
        fields | {"originator_id": subject, "originator_version": stored.originator_version, "timestamp": body["t"]}
    )


def is_plain(stored: StoredEvent) -> bool:
    """Whether nothing of an event is sealed: it holds nobody's words."""
    event_class = Event.registered.get(stored.topic)
    return event_class is not None and not event_class.sealed_fields


def _month(at: datetime) -> str:
    """`2026-11`; strftime takes ten times as long, with every event."""
    return f"{at.year:04}-{at.month:02}"


def _bound_to(subject: str, version: int, event_type: str) -> bytes:
    return f"{subject}\n{version}\n{event_type}".encode()


@lru_cache(maxsize=4_096)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)
