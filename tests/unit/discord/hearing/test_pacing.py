"""The same is explained once, and again after a while."""

from datetime import timedelta

from adapters.discord.hearing.pacing import MAX_KEPT, PAUSES, Pacing
from tests.unit.discord.hearing.saying import AT


def test_a_hidden_character_is_explained_once_per_person_place_and_hour() -> None:
    pacing = Pacing()
    assert pacing.is_due("hidden", person="alice", place="tavern", at=AT)
    assert not pacing.is_due("hidden", person="alice", place="tavern", at=AT + timedelta(minutes=59))
    assert pacing.is_due("hidden", person="bob", place="tavern", at=AT)
    assert pacing.is_due("hidden", person="alice", place="cellar", at=AT)
    assert pacing.is_due("help", person="alice", place="tavern", at=AT)
    assert pacing.is_due("hidden", person="alice", place="tavern", at=AT + timedelta(hours=1))


def test_only_so_much_is_remembered() -> None:
    pacing = Pacing()
    for number in range(MAX_KEPT + 1):
        pacing.is_due("help", person=str(number), place="tavern", at=AT)
    assert pacing.is_due("help", person="0", place="tavern", at=AT)
    assert not pacing.is_due("help", person=str(MAX_KEPT), place="tavern", at=AT)


def test_every_notice_has_its_pause() -> None:
    assert set(PAUSES) == {"help", "first contact", "hidden", "not recorded"}
