from adapters.models.watchdogs import Limit, Patience, Watch

PATIENCE = Patience(first_token_s=10, stall_s=5, total_s=20, after_finish_s=2)


def test_the_first_token_has_its_own_limit() -> None:
    watch = Watch(PATIENCE, started_s=100)

    assert (watch.limit, watch.deadline_s) == (Limit.FIRST_TOKEN, 110)


def test_each_token_starts_the_stall_limit_anew() -> None:
    watch = Watch(PATIENCE, started_s=100)

    watch.token(103)
    watch.token(104)

    assert (watch.limit, watch.deadline_s, watch.first_token_at_s) == (Limit.STALL, 109, 103)


def test_nothing_extends_the_total() -> None:
    watch = Watch(PATIENCE, started_s=100)

    watch.token(118)

    assert (watch.limit, watch.deadline_s) == (Limit.TOTAL, 120)
    assert Watch(Patience(first_token_s=99, total_s=20), started_s=0).limit is Limit.TOTAL


def test_after_the_finish_only_a_moment_is_left_however_much_still_comes() -> None:
    watch = Watch(PATIENCE, started_s=100)

    watch.finished(104)
    watch.finished(105)

    assert (watch.limit, watch.deadline_s) == (Limit.AFTER_FINISH, 106)
