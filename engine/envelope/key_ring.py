"""The keys that seal what people said. Destroying a key erases whatever it sealed, wherever copies of it lie.

A key belongs to one person and one month. The ring also holds the secret behind every keyed hash, so that a log
without its key ring names nobody. It is kept outside the log and the database, because both leave deleted bytes on
disk.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Protocol

KEY_BYTES = 32
"""AES-256."""

HASH_HEX_CHARS = 32
"""128 bits of HMAC-SHA-256: no collision to be feared among 2^40 people."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key and the opaque name that stands beside what it sealed."""

    id: str
    secret: bytes = field(repr=False)


class KeyRing(Protocol):
    """Where keys are kept. Every method is safe to call from several threads."""

    def sealing_key(self, person: str, month: str) -> SealingKey:
        """The key of this person for this month (`2026-11`), made durable before it is returned."""
        ...

    def opening_key(self, key_id: str) -> bytes | None:
        """The key's bytes, None once it was destroyed. Raises WrongKeyRing for a key that was never here."""
        ...

    def destroy(self, person: str) -> int:
        """Destroy every key of a person; returns how many there were."""
        ...

    def keyed_hash(self, purpose: str, text: str) -> str:
        """A hash that only holders of this ring can make; the same text gives another hash for another purpose."""
        ...

    def belong_to(self, log_id: str, *, log_is_empty: bool) -> None:
        """Bind a new ring to its log, check a used one. Raises WrongKeyRing."""
        ...


def keyed_hash(secret: bytes, purpose: str, text: str) -> str:
    """The hash that every key ring makes."""
    digest = hmac.digest(secret, f"{purpose}\0{text}".encode(), hashlib.sha256)
    return digest.hex()[:HASH_HEX_CHARS]
