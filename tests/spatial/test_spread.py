"""How evenly something is spread: known figures, and what must hold of any."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.spread import gini, lorenz, theil

AMOUNTS = st.lists(st.integers(0, 50), min_size=1, max_size=40)


def test_it_works():
    assert gini([3, 3, 3]) == pytest.approx(0.0)
    assert theil([3, 3, 3], ["a", "a", "b"]).total == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [([0, 0, 0, 1], 0.75), ([1, 2, 3, 4], 0.25), ([1, 1], 0.0), ([0, 10], 0.5), ([5], 0.0)],
)
def test_gini_of_what_a_textbook_works_out(amounts, expected):
    assert gini(amounts) == pytest.approx(expected)


def test_all_in_one_of_many_is_nearly_one():
    assert gini([0] * 999 + [7]) == pytest.approx(0.999)
    assert theil([0] * 999 + [7], ["x"] * 1000).total == pytest.approx(math.log(1000))


def test_as_much_as_the_ground_gives_is_even():
    assert gini([1, 2, 4], [10, 20, 40]) == pytest.approx(0.0)
    assert gini([1, 2, 4]) > 0.2


def test_nothing_to_spread_is_not_even():
    assert gini([0, 0]) is None
    assert lorenz([0, 0]) is None
    assert theil([0, 0], ["a", "b"]) is None


def test_the_curve_begins_with_those_that_have_least():
    curve = lorenz([6, 0, 3, 1])
    assert curve.sizes.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.amounts.tolist() == [0, 0, 0.1, 0.4, 1]


@pytest.mark.parametrize(
    ("amounts", "sizes"),
    [([-1, 2], None), ([math.nan, 1], None), ([1, 2], [0, 1]), ([1, 2], [1]), ([1], [math.inf])],
)
def test_what_cannot_be_spread_is_refused(amounts, sizes):
    with pytest.raises(ValueError, match=r"must be|amounts and"):
        gini(amounts, sizes)


@given(AMOUNTS)
def test_gini_is_the_mean_difference_of_all_pairs(amounts):
    found = gini(amounts)
    values = np.array(amounts, dtype=float)
    if not values.sum():
        assert found is None
        return
    pairs = np.abs(values[:, None] - values[None, :]).mean() / (2 * values.mean())
    assert found == pytest.approx(pairs, abs=1e-9)


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_neither_order_nor_scale_matters(amounts, chance):
    mixed = list(amounts)
    chance.shuffle(mixed)
    labels = ["g"] * len(amounts)
    for measure in (gini, lambda values: getattr(theil(values, labels), "total", None)):
        one, other = measure(amounts), measure([3 * value for value in mixed])
        assert one == pytest.approx(other, abs=1e-9) if one is not None else other is None


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abc"), st.integers(1, 9)), min_size=1, max_size=30))
def test_theil_falls_into_its_parts(rows):
    amounts, groups, sizes = (list(column) for column in zip(*rows, strict=True))
    found = theil(amounts, groups, sizes)
    if found is None:
        assert not sum(amounts)
        return
    assert found.between >= 0
    assert found.within >= 0
    assert found.total == pytest.approx(found.between + found.within, abs=1e-9)
    assert found.within == pytest.approx(sum(found.within_of.values()), abs=1e-9)
    whole = sum(amounts)
    again = sum(
        sum(a for a, g in zip(amounts, groups, strict=True) if g == label)
        / whole
        * getattr(
            theil(
                [a for a, g in zip(amounts, groups, strict=True) if g == label],
                [label] * groups.count(label),
                [s for s, g in zip(sizes, groups, strict=True) if g == label],
            ),
            "total",
            0.0,
        )
        for label in set(groups)
    )
    assert found.within == pytest.approx(again, abs=1e-9)
