import pytest

from adapters.benchmarks.spread import Spread, percentile, ratio_of, spread_of


def test_a_spread_is_the_median_between_the_lowest_and_the_highest() -> None:
    assert spread_of([3.0, 1.0, 8.0]) == Spread(3.0, 1.0, 8.0, 3)
    assert spread_of([1.0, 4.0]).median == 2.5


def test_a_ratio_is_taken_pair_by_pair_so_that_a_slow_moment_does_not_count() -> None:
    assert ratio_of([100.0, 10.0, 100.0], [200.0, 20.0, 200.0]) == Spread(0.5, 0.5, 0.5, 3)


def test_measurements_without_a_counterpart_are_no_ratio() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio_of([1.0, 2.0], [1.0])


def test_what_was_not_measured_has_neither_spread_nor_percentile() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread_of([])
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 10.0), (0.5, 30.0), (0.95, 48.0), (1.0, 50.0)])
def test_a_percentile_lies_between_its_neighbours_in_proportion(share: float, expected: float) -> None:
    assert percentile([50.0, 10.0, 30.0, 20.0, 40.0], share) == pytest.approx(expected)
