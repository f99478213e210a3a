import pytest

from adapters.discord.rest.refusals import Denied
from adapters.discord.speaking.refusals import refused
from engine.errors import PostUncertain
from engine.ports import PostRefusal, PostRefused


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, 50001, PostRefusal.NO_PERMISSION),
        (403, 50013, PostRefusal.NO_PERMISSION),
        (403, 50007, PostRefusal.NO_PERMISSION),
        (400, 50083, PostRefusal.NO_PERMISSION),
        (400, 160005, PostRefusal.NO_PERMISSION),
        (404, 10003, PostRefusal.PLACE_GONE),
        (400, 200000, PostRefusal.CONTENT_REFUSED),
        (403, 40001, PostRefusal.NO_PERMISSION),
        (404, 10099, PostRefusal.PLACE_GONE),
        (400, 50035, PostRefusal.CONTENT_REFUSED),
    ],
)
def test_a_refusal_says_for_good_what_kind_it_is(status: int, code: int, reason: PostRefusal) -> None:
    error = refused(Denied(status, code))
    assert isinstance(error, PostRefused)
    assert error.reason is reason
    assert error.message.endswith(".")


def test_a_refusal_that_is_not_known_names_its_code_to_look_up() -> None:
    assert "40001" in refused(Denied(403, 40001)).message


def test_a_wrong_token_is_nothing_about_the_post_and_may_be_put_right() -> None:
    error = refused(Denied(401, 0))
    assert isinstance(error, PostUncertain)
    assert "DISCORD_TOKEN" in error.message
