from engine.domain import Erasure
from tests.builders import AT, ERASURE, MESSAGE, REPLY, erasure_completed
from tests.unit.given import given


def test_an_erasure_records_what_is_gone_and_what_could_still_be_read() -> None:
    given().when(lambda _: Erasure.complete(ERASURE, subjects=(MESSAGE,), positions=(3, 4), remaining=1, at=AT)).then(
        erasure_completed(subjects=(MESSAGE,), positions=(3, 4), remaining=1)
    )


def test_an_interrupted_erasure_is_taken_up_under_the_same_receipt() -> None:
    erasure = (
        given(erasure_completed(subjects=(REPLY,), positions=(3,), remaining=1))
        .when(lambda it: it.complete_again(subjects=(MESSAGE,), positions=(4,), remaining=0, at=AT))
        .then(erasure_completed(subjects=(REPLY, MESSAGE), positions=(3, 4), remaining=0))
    )

    assert (erasure.subjects, erasure.positions, erasure.remaining) == ((REPLY, MESSAGE), (3, 4), 0)


def test_an_erasure_that_is_complete_is_not_completed_again() -> None:
    given(erasure_completed(subjects=(MESSAGE,), positions=(3,), remaining=0)).when(
        lambda it: it.complete_again(subjects=(MESSAGE,), positions=(), remaining=0, at=AT)
    ).then_nothing_happened()
