from engine.domain import ERASED, Avatar
from engine.domain.avatar import MAX_PICTURE_BYTES, Picture
from engine.errors import CannotUndo, Invalid
from tests.builders import AT, AVATAR, PERSON_TOKEN, avatar_cleared, avatar_erased, avatar_set
from tests.unit.given import after, given

RIFF = Picture("image/webp", b"RIFF")
OTHER = Picture("image/png", b"other")
OTHER_IMAGE = {"media_type": "image/png", "image": "b3RoZXI=", "sha256": OTHER.sha256}


def test_a_character_is_given_a_picture() -> None:
    avatar = given().when(lambda _: Avatar.first(AVATAR, RIFF, person=PERSON_TOKEN, at=AT)).then(avatar_set())
    assert avatar.picture == RIFF


def test_the_same_picture_again_changes_nothing() -> None:
    given(avatar_set()).when(lambda it: it.show(RIFF, person=PERSON_TOKEN, at=AT)).then_nothing_happened()


def test_another_picture_replaces_it() -> None:
    avatar = (
        given(avatar_set()).when(lambda it: it.show(OTHER, person=PERSON_TOKEN, at=AT)).then(avatar_set(**OTHER_IMAGE))
    )
    assert avatar.picture == OTHER


def test_a_picture_is_cleared_once() -> None:
    cleared = given(avatar_set()).when(lambda it: it.clear(person=PERSON_TOKEN, at=AT)).then(avatar_cleared())
    assert cleared.picture is None
    given(avatar_set(), avatar_cleared()).when(lambda it: it.clear(person=PERSON_TOKEN, at=AT)).then_nothing_happened()


def test_the_same_picture_can_be_set_again_after_it_was_cleared() -> None:
    given(avatar_set(), avatar_cleared()).when(lambda it: it.show(RIFF, person=PERSON_TOKEN, at=AT)).then(avatar_set())


def test_a_picture_that_is_too_large_for_the_log_is_refused() -> None:
    large = Picture("image/webp", bytes(MAX_PICTURE_BYTES + 1))
    given().when(lambda _: Avatar.first(AVATAR, large, person=PERSON_TOKEN, at=AT)).then_refused(Invalid, "200 KB")


def test_undoing_the_first_picture_clears_it() -> None:
    first = avatar_set()
    given(first).when(lambda it: it.undo(first, before=None, person=PERSON_TOKEN, at=AT)).then(avatar_cleared(undoes=1))


def test_undoing_another_picture_gives_back_the_one_before() -> None:
    first, second = avatar_set(), avatar_set(version=2, **OTHER_IMAGE)
    before = after(first)
    given(first, second).when(lambda it: it.undo(second, before=before, person=PERSON_TOKEN, at=AT)).then(
        avatar_set(undoes=2)
    )


def test_undoing_a_clear_gives_back_the_picture() -> None:
    first, second = avatar_set(), avatar_cleared(version=2)
    before = after(first)
    given(first, second).when(lambda it: it.undo(second, before=before, person=PERSON_TOKEN, at=AT)).then(
        avatar_set(undoes=2)
    )


def test_what_was_erased_is_not_given_back() -> None:
    second = avatar_set(version=2, **OTHER_IMAGE)
    before = after(avatar_set(image=ERASED, sha256=ERASED))
    given(avatar_set(), second).when(
        lambda it: it.undo(second, before=before, person=PERSON_TOKEN, at=AT)
    ).then_refused(CannotUndo, "was erased")


def test_a_picture_whose_key_was_destroyed_is_none() -> None:
    assert after(avatar_set(image=ERASED, sha256=ERASED)).picture is None


def test_an_erased_picture_is_gone_and_another_one_can_be_set_and_erased() -> None:
    erased = given(avatar_set()).when(lambda it: it.erase(receipt="r1", at=AT)).then(avatar_erased())
    assert erased.picture is None
    given(avatar_set(), avatar_erased()).when(lambda it: it.erase(receipt="r1", at=AT)).then_nothing_happened()
    again = (avatar_set(), avatar_erased(), avatar_set(**OTHER_IMAGE))
    given(*again).when(lambda it: it.erase(receipt="r1", at=AT)).then(avatar_erased())


def test_an_erasure_is_never_undone() -> None:
    given(avatar_erased()).when(
        lambda it: it.undo(avatar_erased(), before=None, person=PERSON_TOKEN, at=AT)
    ).then_refused(CannotUndo, "cannot be undone")
