import gc
from contextlib import ExitStack

from projections.freeing import CONTAINERS_BETWEEN_LOOKS, looking_less_often


def test_python_looks_as_often_as_before_once_the_last_replay_has_ended() -> None:
    usual = gc.get_threshold()
    first, second = ExitStack(), ExitStack()
    first.enter_context(looking_less_often())
    second.enter_context(looking_less_often())
    first.close()
    assert gc.get_threshold() == (CONTAINERS_BETWEEN_LOOKS, *usual[1:])
    second.close()
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
