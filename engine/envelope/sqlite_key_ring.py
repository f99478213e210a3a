"""The key ring in one SQLite file of its own, with deleted content overwritten (`secure_delete`)."""

import mmap
import os
import secrets
import sqlite3
import threading
from pathlib import Path
from typing import override

from engine.envelope.at_hand import NotAtHand, check_may_wait, may_wait
from engine.envelope.key_ring import KEY_BYTES, KeyRing, SealingKey, keyed_hash
from engine.envelope.refusals import Refusals
from engine.errors import WrongKeyRing

BUSY_TIMEOUT_S = 10.0
HEADER_BYTES = 100
CHANGE_COUNTER = slice(24, 28)
"""SQLite counts here, in the header of the file, with every transaction: looking costs no call to the system, while to
ask SQLite takes several, with every event that is sealed or opened."""
LONGEST_LOOK_S = 0.001
"""Others look up what is at hand in a few microseconds: whoever holds the ring for longer is asking its file."""
OWNER_ONLY = 0o600

_SCHEMA = """
create table if not exists ring (name text primary key, value text not null) strict;
create table if not exists keys (
    id text primary key,
    person text,
    month text,
    secret blob,
    unique (person, month)
) strict;
create table if not exists refusals (person text primary key, refused integer not null, holds integer not null) strict;
"""


class SqliteKeyRing(KeyRing, Refusals):
    """Keys in `path`, readable by its owner only. A destroyed key leaves its id behind, so that it is never taken for
    a key of another ring.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, check_same_thread=False, autocommit=True)
        self._db.execute("pragma secure_delete = on")
        self._db.execute("pragma journal_mode = delete")
        self._db.execute("pragma synchronous = extra")
        self._db.executescript(_SCHEMA)
        self._db.execute("insert or ignore into ring values ('hash_secret', ?)", (secrets.token_hex(KEY_BYTES),))
        self._hash_secret = bytes.fromhex(self._ring_value("hash_secret") or "")
        self._sealing: dict[tuple[str, str], SealingKey] = {}
        self._opening: dict[str, bytes | None] = {}
        self._refused: dict[str, int] = {}
        with path.open("rb") as file:
            self._header = mmap.mmap(file.fileno(), HEADER_BYTES, access=mmap.ACCESS_READ)
        self._counter = self._header[CHANGE_COUNTER]
        self._data_version = self._read_data_version()
        self._read_refusals()

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._header.close()

    @override
    def sealing_key(self, person: str, month: str) -> SealingKey:
        self._hold()
        try:
            self._forget_what_others_changed()
            key = self._sealing.get((person, month))
            if key is None:
                key = self._sealing[person, month] = self._find_or_make(person, month)
                self._forget_what_others_changed()  # the own change counts as well, and is no reason to look later
            return key
        finally:
            self._lock.release()

    @override
    def opening_key(self, key_id: str) -> bytes | None:
        self._hold()
        try:
            self._forget_what_others_changed()
            if key_id not in self._opening:
                check_may_wait()
                row = self._db.execute("select secret from keys where id = ?", (key_id,)).fetchone()
                if row is None:
                    raise WrongKeyRing
                self._opening[key_id] = row[0]
            return self._opening[key_id]
        finally:
            self._lock.release()

    @override
    def destroy(self, person: str) -> int:
        with self._lock:
            destroyed = self._db.execute(
                "update keys set person = null, month = null, secret = null where person = ?", (person,)
            ).rowcount
            self._forget_cache()
            self._forget_what_others_changed()
            return destroyed

    @override
    def keyed_hash(self, purpose: str, text: str) -> str:
        return keyed_hash(self._hash_secret, purpose, text)

    @override
    def belong_to(self, log_id: str, *, log_is_empty: bool) -> None:
        with self._lock:
            bound_to = self._ring_value("log_id")
            if bound_to is None:
                if not log_is_empty:
                    raise WrongKeyRing(
                        "The log has events but this key ring is new: they could never be read. "
                        "Point TZUROT_KEY_RING at the ring that belongs to the log."
                    )
                self._db.execute("insert or ignore into ring values ('log_id', ?)", (log_id,))
                bound_to = self._ring_value("log_id")
            if bound_to != log_id:
                raise WrongKeyRing

    @override
    def refuse(self, person: str) -> None:
        with self._lock:
            self._db.execute(
                "insert into refusals values (?, 1, 1) on conflict do update set refused = refused + 1, holds = 1",
                (person,),
            )
            self._read_refusals()

    @override
    def refused(self, person: str) -> int:
        self._hold()
        try:
            self._forget_what_others_changed()  # always: a wish that another process has taken in holds here, too
            return self._refused.get(person, 0)
        finally:
            self._lock.release()

    @override
    def allow(self, person: str, *, refused: int) -> bool:
        with self._lock:
            self._db.execute("update refusals set holds = 0 where person = ? and refused = ?", (person, refused))
            self._read_refusals()
            return person not in self._refused

    def _hold(self) -> None:
        """Keep other threads out. Raises NotAtHand where nothing may be waited for and one is asking the file."""
        if not self._lock.acquire(timeout=-1 if may_wait() else LONGEST_LOOK_S):
            raise NotAtHand

    def _ring_value(self, name: str) -> str | None:
        row = self._db.execute("select value from ring where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _find_or_make(self, person: str, month: str) -> SealingKey:
        check_may_wait()
        row = None
        while row is None:  # a key that another process destroys between making and reading it is made anew
            self._db.execute(
                "insert or ignore into keys values (?, ?, ?, ?)",
                (secrets.token_hex(8), person, month, secrets.token_bytes(KEY_BYTES)),
            )
            row = self._db.execute(
                "select id, secret from keys where person = ? and month = ?", (person, month)
            ).fetchone()
        return SealingKey(*row)

    def _forget_what_others_changed(self) -> None:
        """Forget what is cached once another process changed the ring: it may have destroyed keys."""
        counter = self._header[CHANGE_COUNTER]
        if counter == self._counter:
            return
        check_may_wait()
        self._counter = counter  # as it was before what follows is read: it can only be too old, never too new
        data_version = self._read_data_version()
        if data_version != self._data_version:
            self._data_version = data_version
            self._forget_cache()
            self._read_refusals()

    def _read_refusals(self) -> None:
        self._refused = dict(self._db.execute("select person, refused from refusals where holds = 1").fetchall())

    def _forget_cache(self) -> None:
        self._sealing.clear()
        self._opening.clear()

    def _read_data_version(self) -> int:
        return int(self._db.execute("pragma data_version").fetchone()[0])
