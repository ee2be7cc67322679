"""How evenly something is spread over areas: the Lorenz curve, and the indices of Gini and of Theil.

Each area has an amount (units, tickets) and a size (1 for each area alike, or its ground, or its people). Spread evenly
is where each has as much as its size would give it. Source: A. F. Shorrocks, The Class of Additively Decomposable
Inequality Measures, Econometrica 48 (1980).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Lorenz(NamedTuple):
    """Points of the curve from (0, 0) to (1, 1): shares of the sizes, and of the amounts of those areas.

    Areas stand in the order of amount per size, those with least first.
    """

    sizes: Floats
    amounts: Floats


class Theil(NamedTuple):
    """The index of Theil and its two parts, each 0 or more: between groups, and within them; they add up to `total`.

    `within_of` has each group's part of `within`, by its label.
    """

    total: float
    between: float
    within: float
    within_of: dict[str, float]


def lorenz(amounts: ArrayLike, sizes: ArrayLike | None = None) -> Lorenz | None:
    """The curve of amounts (n,) over sizes (n,), all alike where None; None where there is nothing to spread.

    Raises ValueError for negative or missing amounts, for sizes that are not above 0, and for unequal lengths.
    """
    held, room = _checked(amounts, sizes)
    if not held.sum():
        return None
    order = np.argsort(held / room, kind="stable")
    return Lorenz(_shares(room[order]), _shares(held[order]))


def gini(amounts: ArrayLike, sizes: ArrayLike | None = None) -> float | None:
    """The index of Gini, 0 (spread evenly) to below 1 (all in one place): twice the area over the Lorenz curve.

    Raises as `lorenz` does; None where there is nothing to spread.
    """
    curve = lorenz(amounts, sizes)
    if curve is None:
        return None
    below = float(np.sum(np.diff(curve.sizes) * (curve.amounts[1:] + curve.amounts[:-1])))
    return max(0.0, 1.0 - below)


def theil(amounts: ArrayLike, groups: Sequence[str], sizes: ArrayLike | None = None) -> Theil | None:
    """The index of Theil (T), 0 where spread evenly, and how much of it lies between groups of areas and within them.

    groups   the label of each area's group (n,).

    Raises as `lorenz` does; None where there is nothing to spread.
    """
    held, room = _checked(amounts, sizes)
    if len(groups) != len(held):
        raise ValueError(f"{len(groups)} groups for {len(held)} areas")
    whole = held.sum()
    if not whole:
        return None
    shares, fair = held / whole, room / room.sum()
    labels = np.asarray(groups, dtype=object)
    between, within_of = 0.0, {}
    for label in dict.fromkeys(groups):
        mine = labels == label
        share, due = float(shares[mine].sum()), float(fair[mine].sum())
        between += _term(share, due)
        within_of[label] = max(0.0, float(np.sum(_terms(shares[mine], fair[mine]))) - _term(share, due))
    total = max(0.0, float(np.sum(_terms(shares, fair))))
    between = max(0.0, between)
    return Theil(total, between, max(0.0, total - between), within_of)


def _checked(amounts: ArrayLike, sizes: ArrayLike | None) -> tuple[Floats, Floats]:
    held = np.asarray(amounts, dtype=np.float64).reshape(-1)
    room = np.ones_like(held) if sizes is None else np.asarray(sizes, dtype=np.float64).reshape(-1)
    if len(held) != len(room):
        raise ValueError(f"{len(held)} amounts and {len(room)} sizes")
    if not np.all(np.isfinite(held)) or np.any(held < 0):
        raise ValueError("amounts must be numbers, 0 or more")
    if not np.all(np.isfinite(room)) or np.any(room <= 0):
        raise ValueError("sizes must be numbers above 0")
    return held, room


def _shares(values: Floats) -> Floats:
    """Running shares of a whole, from 0 to 1."""
    running = np.concatenate(([0.0], np.cumsum(values)))
    shares: Floats = running / running[-1]
    return shares


def _terms(shares: Floats, fair: Floats) -> Floats:
    """What each area adds to the index; one that has nothing adds nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(shares > 0, shares * np.log(shares / fair), 0.0)
    return found


def _term(share: float, due: float) -> float:
    return float(_terms(np.array([share]), np.array([due]))[0])
