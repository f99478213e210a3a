import itertools
from collections import Counter

import pytest

from adapters.benchmarks.talk import Plan, Pulse, Standing, Talk, Turn, moments_s, pulse_of, seats, standing_of


def test_overhead_is_what_is_left_without_the_models_time() -> None:
    turn = Turn(said_s=10.0, asked_s=10.025, answered_s=10.525, posted_s=[10.540])
    assert turn.until_asked_ms == pytest.approx(25)
    assert turn.after_answer_ms == pytest.approx(15)
    assert turn.overhead_ms == pytest.approx(40)


def test_who_asks_no_model_has_everything_as_overhead() -> None:
    assert Turn(said_s=10.0, posted_s=[10.003]).overhead_ms == pytest.approx(3)


def test_replies_a_second_count_from_the_first_message_to_the_last_answer() -> None:
    turns = [Turn(1.0, posted_s=[2.0]), Turn(1.5, posted_s=[3.0, 9.0]), Turn(1.6)]
    talk = Talk(turns)
    assert talk.replies_per_s == pytest.approx(2 / 2)
    assert talk.overhead_ms(0.5) == pytest.approx(1_250)


def test_everything_answered_once_and_in_order_stands_as_it_should() -> None:
    assert standing_of([([1, 4], [1, 4]), ([2, 3], [2, 3])]) == Standing(said=4, channels=2)


def test_what_is_missing_twice_there_or_out_of_order_is_counted() -> None:
    found = standing_of([([1, 2, 3], [1, 3]), ([4, 5], [4, 4, 5]), ([6, 7], [7, 6])])
    assert found == Standing(said=7, unanswered=1, answered_again=1, channels=3, channels_out_of_order=1)


def test_order_is_that_in_which_they_were_said_not_that_of_their_numbers() -> None:
    assert standing_of([([9, 3], [9, 3])]).channels_out_of_order == 0
    assert standing_of([([9, 3], [3, 9])]).channels_out_of_order == 1


def test_an_answer_to_nothing_that_was_said_there_is_out_of_order() -> None:
    assert standing_of([([1, 2], [1, 8])]).channels_out_of_order == 1


def test_a_heartbeat_that_came_too_late_or_not_at_all_was_missed() -> None:
    assert pulse_of([0.0, 5.0, 10.1], until_s=12.0, every_s=5, dead_after_s=7.5) == Pulse(2, 0, pytest.approx(100))
    assert pulse_of([0.0, 8.0], until_s=9.0, every_s=5, dead_after_s=7.5).missed == 1
    assert pulse_of([0.0], until_s=9.0, every_s=5, dead_after_s=7.5).missed == 1


def test_at_a_rate_things_are_said_at_random_moments_that_keep_to_it() -> None:
    plan = Plan(messages=4_000, rate_per_s=50, seed=1)
    moments = list(moments_s(plan))
    assert moments == list(moments_s(plan))
    assert len(moments) == 4_000
    assert moments[-1] == pytest.approx(80, rel=0.1)
    gaps = {round(later - earlier, 4) for earlier, later in itertools.pairwise(moments)}
    assert len(gaps) > 100


def test_without_a_rate_everything_is_said_at_once() -> None:
    assert list(moments_s(Plan(messages=3, rate_per_s=None, seed=1))) == [0.0, 0.0, 0.0]


def test_every_channel_has_its_turn_before_any_has_another_and_speakers_take_turns_there() -> None:
    chosen = list(seats(Plan(messages=14, rate_per_s=1, seed=1), channels=4, speakers=3))
    assert len(chosen) == 14
    assert {channel for channel, _ in chosen[:4]} == {channel for channel, _ in chosen[4:8]} == set(range(4))
    assert [speaker for _, speaker in chosen[::4]] == [0, 1, 2, 0]
    assert Counter(chosen[:12]) == dict.fromkeys(itertools.product(range(4), range(3)), 1)
