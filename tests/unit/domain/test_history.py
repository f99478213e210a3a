from engine.domain import History
from engine.errors import CannotUndo
from tests.builders import AT, HISTORY, history_clear_undone, history_cleared, message_heard
from tests.unit.given import after, given


def test_a_history_begins_with_its_first_clear() -> None:
    given().when(lambda _: History.first_clear(HISTORY, at=AT)).then(history_cleared())


def test_every_clear_counts_and_the_last_is_the_epoch() -> None:
    history = given(history_cleared()).when(lambda it: it.clear(at=AT)).then(history_cleared())

    assert history.clears == (1, 2)


def test_undo_takes_back_the_last_clear_in_force() -> None:
    history = (
        given(history_cleared(), history_cleared())
        .when(lambda it: it.undo_clear(at=AT))
        .then(history_clear_undone(undone=2))
    )

    assert history.clears == (1,)


def test_undo_goes_as_deep_as_the_log() -> None:
    past = [history_cleared() for _ in range(5)]

    def undo_all(history: History) -> None:
        for _ in past:
            history.undo_clear(at=AT)

    history = given(*past).when(undo_all).then(*(history_clear_undone(undone=n) for n in (5, 4, 3, 2, 1)))
    assert history.clears == ()


def test_a_history_that_is_not_cleared_has_nothing_to_undo() -> None:
    given(history_cleared(), history_clear_undone(undone=1)).when(lambda it: it.undo_clear(at=AT)).then_refused(
        CannotUndo, "nothing to undo"
    )


def test_an_earlier_clear_can_be_undone_while_later_ones_stay() -> None:
    first = history_cleared(version=1)
    history = (
        given(first, history_cleared()).when(lambda it: it.undo(first, at=AT)).then(history_clear_undone(undone=1))
    )

    assert history.clears == (2,)


def test_an_undone_clear_is_put_in_force_again_in_its_old_place() -> None:
    undone = history_clear_undone(undone=1, version=3)
    history = (
        given(history_cleared(), history_cleared(), undone)
        .when(lambda it: it.undo(undone, at=AT))
        .then(history_cleared(again=1))
    )

    assert history.clears == (1, 2)


def test_a_clear_that_is_in_force_again_can_be_undone_again() -> None:
    again = history_cleared(again=1, version=3)
    history = (
        given(history_cleared(), history_clear_undone(undone=1), again)
        .when(lambda it: it.undo(again, at=AT))
        .then(history_clear_undone(undone=1))
    )

    assert history.clears == ()


def test_a_clear_that_is_undone_is_not_undone_twice() -> None:
    given(history_cleared(), history_clear_undone(undone=1)).when(
        lambda it: it.undo(history_cleared(version=1), at=AT)
    ).then_refused(CannotUndo, "undone already")


def test_a_clear_that_is_in_force_again_is_not_put_in_force_twice() -> None:
    undone = history_clear_undone(undone=1, version=2)
    given(history_cleared(), undone, history_cleared(again=1)).when(lambda it: it.undo(undone, at=AT)).then_refused(
        CannotUndo, "in force again already"
    )


def test_an_event_of_something_else_has_nothing_to_undo_here() -> None:
    given(history_cleared()).when(lambda it: it.undo(message_heard(), at=AT)).then_nothing_happened()


def test_the_epoch_does_not_move_when_an_older_clear_is_in_force_again() -> None:
    history = after(history_cleared(), history_clear_undone(undone=1), history_cleared(), history_cleared(again=1))

    assert history.clears[-1] == 3
