"""What every key ring keeps to, the fake included."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.envelope.key_ring import KEY_BYTES, KeyRing
from engine.envelope.refusals import Refusals
from engine.envelope.sqlite_key_ring import SqliteKeyRing
from engine.errors import WrongKeyRing
from tests.fakes.key_ring import KeyRingInMemory

MONTH = "2026-11"


@pytest.fixture(params=["in memory", "sqlite"])
def ring(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyRing]:
    if request.param == "in memory":
        yield KeyRingInMemory()
    else:
        sqlite = SqliteKeyRing(tmp_path / "keys" / "ring.sqlite")
        yield sqlite
        sqlite.close()


def test_a_person_has_one_key_a_month(ring: KeyRing) -> None:
    key = ring.sealing_key("p1", MONTH)

    assert ring.sealing_key("p1", MONTH) == key
    assert len(key.secret) == KEY_BYTES


def test_another_person_and_another_month_have_other_keys(ring: KeyRing) -> None:
    keys = [ring.sealing_key(person, month) for person in ("p1", "p2") for month in (MONTH, "2026-12")]

    assert len({key.id for key in keys}) == len({key.secret for key in keys}) == 4


def test_what_a_key_sealed_is_opened_by_its_id(ring: KeyRing) -> None:
    key = ring.sealing_key("p1", MONTH)

    assert ring.opening_key(key.id) == key.secret


def test_a_key_says_nothing_of_its_person_or_bytes(ring: KeyRing) -> None:
    key = ring.sealing_key("robin", MONTH)

    assert "robin" not in key.id
    assert repr(key.secret) not in repr(key)


def test_destroying_takes_every_key_of_a_person_and_nobody_elses(ring: KeyRing) -> None:
    theirs = [ring.sealing_key("p1", month) for month in (MONTH, "2026-12")]
    others = ring.sealing_key("p2", MONTH)

    assert ring.destroy("p1") == 2
    assert [ring.opening_key(key.id) for key in theirs] == [None, None]
    assert ring.opening_key(others.id) == others.secret


def test_a_person_without_keys_has_none_to_destroy(ring: KeyRing) -> None:
    ring.sealing_key("p1", MONTH)

    assert ring.destroy("p2") == 0
    assert (ring.destroy("p1"), ring.destroy("p1")) == (1, 0)


def test_who_comes_back_after_destruction_gets_a_new_key(ring: KeyRing) -> None:
    old = ring.sealing_key("p1", MONTH)
    ring.destroy("p1")
    new = ring.sealing_key("p1", MONTH)

    assert new.id != old.id
    assert new.secret != old.secret
    assert (ring.opening_key(old.id), ring.opening_key(new.id)) == (None, new.secret)


def test_a_key_that_was_never_here_means_the_wrong_ring(ring: KeyRing) -> None:
    with pytest.raises(WrongKeyRing):
        ring.opening_key("0123456789abcdef")


def test_a_keyed_hash_is_the_same_for_the_same_text_and_purpose_only(ring: KeyRing) -> None:
    assert ring.keyed_hash("slug", "lyra") == ring.keyed_hash("slug", "lyra")
    others = [ring.keyed_hash("slug", "orin"), ring.keyed_hash("person", "lyra"), ring.keyed_hash("slugl", "yra")]
    assert ring.keyed_hash("slug", "lyra") not in others


def test_two_rings_hash_differently(ring: KeyRing) -> None:
    assert ring.keyed_hash("slug", "lyra") != KeyRingInMemory().keyed_hash("slug", "lyra")


def test_a_new_ring_takes_a_new_log_and_keeps_to_it(ring: KeyRing) -> None:
    ring.belong_to("log-a", log_is_empty=True)
    ring.belong_to("log-a", log_is_empty=True)
    ring.belong_to("log-a", log_is_empty=False)

    with pytest.raises(WrongKeyRing):
        ring.belong_to("log-b", log_is_empty=True)


def test_a_new_ring_does_not_take_a_log_that_has_events(ring: KeyRing) -> None:
    with pytest.raises(WrongKeyRing):
        ring.belong_to("log-a", log_is_empty=False)

    ring.belong_to("log-b", log_is_empty=True)


def test_threads_that_ask_at_once_get_one_key(ring: KeyRing) -> None:
    with ThreadPoolExecutor(16) as threads:
        keys = list(threads.map(lambda n: ring.sealing_key(f"p{n % 4}", MONTH), range(200)))

    assert len(set(keys)) == 4
    assert all(ring.opening_key(key.id) == key.secret for key in keys)


@pytest.fixture
def refusals(ring: KeyRing) -> Refusals:
    assert isinstance(ring, KeyRingInMemory | SqliteKeyRing)
    return ring


def test_nobody_refuses_unless_they_said_so(refusals: Refusals) -> None:
    refusals.refuse("p1")

    assert refusals.refused("p2") == 0
    assert refusals.refused("p1") == 1


def test_a_refusal_is_taken_back(refusals: Refusals) -> None:
    refusals.refuse("p1")

    assert refusals.allow("p1", refused=1)
    assert refusals.refused("p1") == 0


def test_a_refusal_that_was_repeated_meanwhile_is_not_taken_back(refusals: Refusals) -> None:
    refusals.refuse("p1")
    known = refusals.refused("p1")
    refusals.refuse("p1")

    assert not refusals.allow("p1", refused=known)
    assert refusals.refused("p1") == 2


def test_a_refusal_after_one_that_was_taken_back_is_another(refusals: Refusals) -> None:
    refusals.refuse("p1")
    refusals.allow("p1", refused=1)
    refusals.refuse("p1")

    assert refusals.refused("p1") == 2
    assert not refusals.allow("p1", refused=1)


def test_a_refusal_outlives_the_destruction_of_the_keys(ring: KeyRing, refusals: Refusals) -> None:
    ring.sealing_key("p1", MONTH)
    refusals.refuse("p1")
    ring.destroy("p1")

    assert refusals.refused("p1") == 1
