from engine.domain import Claim
from engine.errors import AlreadyExists
from tests.builders import AT, CHARACTER, CLAIM, claim_released, claimed
from tests.unit.given import given

OTHER = "character.orin"


def test_a_name_is_claimed() -> None:
    given().when(lambda _: Claim.first(CLAIM, by=CHARACTER, at=AT)).then(claimed())


def test_who_has_a_name_may_take_it_again() -> None:
    given(claimed()).when(lambda it: it.take(by=CHARACTER, at=AT)).then_nothing_happened()


def test_a_name_has_one_bearer() -> None:
    given(claimed()).when(lambda it: it.take(by=OTHER, at=AT)).then_refused(AlreadyExists, "choose another")


def test_a_released_name_is_free_for_anyone() -> None:
    given(claimed()).when(lambda it: it.release(by=CHARACTER, at=AT)).then(claim_released())
    given(claimed(), claim_released()).when(lambda it: it.take(by=OTHER, at=AT)).then(claimed(by=OTHER))


def test_only_its_bearer_releases_a_name() -> None:
    given(claimed()).when(lambda it: it.release(by=OTHER, at=AT)).then_nothing_happened()


def test_a_name_is_released_once() -> None:
    given(claimed(), claim_released()).when(lambda it: it.release(by=CHARACTER, at=AT)).then_nothing_happened()
