"""A key ring in memory, for tests that need no file."""

import secrets
from typing import override

from engine.envelope.key_ring import KEY_BYTES, KeyRing, SealingKey, keyed_hash
from engine.envelope.refusals import Refusals
from engine.errors import WrongKeyRing


class KeyRingInMemory(KeyRing, Refusals):
    def __init__(self) -> None:
        self._hash_secret = secrets.token_bytes(KEY_BYTES)
        self._by_owner: dict[tuple[str, str], SealingKey] = {}
        self._by_id: dict[str, bytes | None] = {}
        self._log_id: str | None = None
        self._refused: dict[str, int] = {}
        self._allowed: set[str] = set()

    @override
    def sealing_key(self, person: str, month: str) -> SealingKey:
        key = self._by_owner.setdefault(
            (person, month), SealingKey(secrets.token_hex(8), secrets.token_bytes(KEY_BYTES))
        )
        self._by_id.setdefault(key.id, key.secret)
        return key

    @override
    def opening_key(self, key_id: str) -> bytes | None:
        if key_id not in self._by_id:
            raise WrongKeyRing
        return self._by_id[key_id]

    @override
    def destroy(self, person: str) -> int:
        theirs = [owner for owner in self._by_owner if owner[0] == person]
        for owner in theirs:
            self._by_id[self._by_owner.pop(owner).id] = None
        return len(theirs)

    @override
    def keyed_hash(self, purpose: str, text: str) -> str:
        return keyed_hash(self._hash_secret, purpose, text)

    @override
    def belong_to(self, log_id: str, *, log_is_empty: bool) -> None:
        if self._log_id is None and not log_is_empty:
            raise WrongKeyRing
        self._log_id = self._log_id or log_id
        if self._log_id != log_id:
            raise WrongKeyRing

    @override
    def refuse(self, person: str) -> None:
        self._refused[person] = self._refused.get(person, 0) + 1
        self._allowed.discard(person)

    @override
    def refused(self, person: str) -> int:
        return 0 if person in self._allowed else self._refused.get(person, 0)

    @override
    def allow(self, person: str, *, refused: int) -> bool:
        if self._refused.get(person) == refused:
            self._allowed.add(person)
        return self.refused(person) == 0
