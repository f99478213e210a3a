"""What a key ring in a file owes beyond the contract: who can read it, what stays of it, who else has it open."""

import sqlite3
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from engine.envelope.at_hand import NotAtHand, without_waiting
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.errors import WrongKeyRing

MONTH = "2026-11"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "ring.sqlite"


@pytest.fixture
def ring(path: Path) -> Iterator[SqliteKeyRing]:
    with closing(SqliteKeyRing(path)) as ring:
        yield ring


@pytest.fixture
def other(path: Path, ring: SqliteKeyRing) -> Iterator[SqliteKeyRing]:
    """The same ring as another process has it open."""
    with closing(SqliteKeyRing(path)) as other:
        yield other


def bytes_beside(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.rglob("*") if file.is_file())


def test_only_its_owner_can_read_it(path: Path, ring: SqliteKeyRing) -> None:
    ring.sealing_key("p1", MONTH)

    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_keys_and_hashes_outlive_the_process(path: Path) -> None:
    with closing(SqliteKeyRing(path)) as first:
        key, hashed = first.sealing_key("p1", MONTH), first.keyed_hash("slug", "lyra")

    with closing(SqliteKeyRing(path)) as second:
        assert second.sealing_key("p1", MONTH) == key
        assert second.opening_key(key.id) == key.secret
        assert second.keyed_hash("slug", "lyra") == hashed


def test_destroyed_bytes_are_nowhere_in_the_file_or_beside_it(path: Path, ring: SqliteKeyRing) -> None:
    doomed = [ring.sealing_key("p1", f"2026-{month:02}") for month in range(1, 13)]
    kept = ring.sealing_key("p2", MONTH)
    before = bytes_beside(path)
    assert all(key.secret in before for key in doomed), "the test would find them"

    ring.destroy("p1")

    after = bytes_beside(path)
    assert not any(key.secret in after for key in doomed)
    assert kept.secret in after


def test_a_destroyed_key_is_remembered_as_one_of_this_ring(path: Path, ring: SqliteKeyRing) -> None:
    key = ring.sealing_key("p1", MONTH)
    ring.destroy("p1")

    with closing(SqliteKeyRing(path)) as reopened:
        assert reopened.opening_key(key.id) is None


def test_two_processes_share_a_persons_key(ring: SqliteKeyRing, other: SqliteKeyRing) -> None:
    key = ring.sealing_key("p1", MONTH)

    assert other.sealing_key("p1", MONTH) == key


def test_a_key_destroyed_by_another_process_opens_and_seals_nothing_any_more(
    ring: SqliteKeyRing, other: SqliteKeyRing
) -> None:
    key = ring.sealing_key("p1", MONTH)
    assert ring.opening_key(key.id) == key.secret

    assert other.destroy("p1") == 1

    assert ring.opening_key(key.id) is None
    assert ring.sealing_key("p1", MONTH).id != key.id


def test_what_a_process_destroyed_is_seen_by_another_at_once(path: Path, ring: SqliteKeyRing) -> None:
    keys = [ring.sealing_key(f"p{number}", MONTH) for number in range(3)]
    assert all(ring.opening_key(key.id) == key.secret for key in keys)
    source = "import sys; from pathlib import Path; from engine.envelope.sqlite_key_ring import SqliteKeyRing\n"
    source += "ring = SqliteKeyRing(Path(sys.argv[1]))\n"
    source += "for person in sys.stdin: ring.destroy(person.strip()); print(flush=True)"
    with Popen([sys.executable, "-c", source, path], stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number, key in enumerate(keys):
            process.stdin.write(f"p{number}\n")
            process.stdin.flush()
            process.stdout.readline()
            assert ring.opening_key(key.id) is None
            assert ring.sealing_key(f"p{number}", MONTH) != key
        process.stdin.close()


def test_threads_of_two_processes_get_one_key(ring: SqliteKeyRing, other: SqliteKeyRing) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda n: (ring, other)[n % 2].sealing_key(f"p{n % 3}", MONTH), range(60)))

    assert len(set(keys)) == 3


def test_a_log_is_bound_for_every_process(path: Path, ring: SqliteKeyRing, other: SqliteKeyRing) -> None:
    ring.belong_to("log-a", log_is_empty=True)

    with pytest.raises(WrongKeyRing):
        other.belong_to("log-b", log_is_empty=True)
    with closing(SqliteKeyRing(path)) as reopened:
        reopened.belong_to("log-a", log_is_empty=False)


def test_a_new_ring_beside_a_used_log_says_what_to_do(ring: SqliteKeyRing) -> None:
    with pytest.raises(WrongKeyRing, match="TZUROT_KEY_RING"):
        ring.belong_to("log-a", log_is_empty=False)


def test_where_nothing_may_be_waited_for_it_gives_what_is_at_hand_only(path: Path, ring: SqliteKeyRing) -> None:
    """Another process that holds the file for a while would else hold up whoever asks here for as long."""
    key = ring.sealing_key("p1", MONTH)
    with closing(SqliteKeyRing(path)) as other:
        sealed_elsewhere = other.sealing_key("p3", MONTH).id
    assert ring.sealing_key("p1", MONTH) == key
    with closing(sqlite3.connect(path, autocommit=True)) as busy:
        busy.execute("begin exclusive")
        with without_waiting():
            assert ring.sealing_key("p1", MONTH) == key
            assert ring.refused("p2") == 0
            with pytest.raises(NotAtHand):
                ring.sealing_key("p2", MONTH)
            with pytest.raises(NotAtHand):
                ring.opening_key(sealed_elsewhere)
        busy.execute("rollback")

    assert ring.sealing_key("p2", MONTH).id != key.id
    with without_waiting():
        assert ring.sealing_key("p1", MONTH) == key


def test_what_others_changed_is_looked_at_where_it_can_be_waited_for(ring: SqliteKeyRing, other: SqliteKeyRing) -> None:
    key = ring.sealing_key("p1", MONTH)
    other.destroy("p1")

    with without_waiting(), pytest.raises(NotAtHand):
        ring.sealing_key("p1", MONTH)
    assert ring.sealing_key("p1", MONTH) != key


def test_nobody_waits_for_a_thread_that_asks_the_file_where_nothing_may_be_waited_for(
    path: Path, ring: SqliteKeyRing
) -> None:
    key = ring.sealing_key("p1", MONTH)
    with closing(sqlite3.connect(path, autocommit=True)) as busy, ThreadPoolExecutor(1) as threads:
        busy.execute("begin exclusive")
        waits = threads.submit(ring.sealing_key, "p2", MONTH)
        with without_waiting():
            try:
                while not waits.done():
                    ring.sealing_key("p1", MONTH)
            except NotAtHand:
                busy.execute("rollback")
        assert waits.result().id != key.id
