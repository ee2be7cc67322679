"""How good the answers to a labelled set of addresses are: figures, and the curve over thresholds.

A row with a true place is answerable, one without must be refused. An accepted answer is false when it lies more
than 200 m from the truth, in another town than the truth, or when the row is not answerable at all.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FALSE_M = 200.0
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99)
_BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 1.0000001)


class Areas(NamedTuple):
    """Codes of the areas a place lies in; None outside of all, or where there are none of that kind."""

    town: str | None
    village: str | None
    cell: str | None


class Judged(NamedTuple):
    """One row: what was answered, and how it compares with the truth.

    metres      from the answer to the truth; None without an answer or without a truth.
    answered    the areas that may be assigned from the answer; `true` those of the truth.
    """

    score: float
    is_accepted: bool
    is_answerable: bool
    metres: float | None
    error_m: float | None
    answered: Areas
    true: Areas
    level: str | None = None


@dataclass(frozen=True)
class Bin:
    """Answers of like scores: their number, mean score, and the share that is right."""

    least: float
    count: int
    score: float
    right: float


@dataclass(frozen=True)
class Step:
    """What accepting from a threshold on comes to."""

    threshold: float
    match_rate: float
    false_match_rate: float
    accepted: int


@dataclass(frozen=True)
class Figures:
    """The figures of one run; a share is None where there is nothing to count.

    match_rate        accepted of the answerable rows; `false_match_rate` false of all accepted.
    refusal_rate      not accepted of the rows that cannot be answered.
    median_m, p95_m   of the accepted answers with a truth, metres.
    town_right …      right of the accepted answers that may be assigned to such an area.
    honesty           share of the accepted with an error of at most twice the stated one.
    calibration       expected calibration error: mean distance of score and share right, over answers with a place.
    """

    rows: int
    answerable: int
    accepted: int
    match_rate: float | None
    false_match_rate: float | None
    refusal_rate: float | None
    median_m: float | None
    p95_m: float | None
    town_right: float | None
    village_right: float | None
    cell_right: float | None
    honesty: float | None
    calibration: float | None
    by_level: dict[str, int]
    bins: tuple[Bin, ...]
    curve: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures of a run. Empty input gives counts of zero and shares of None."""
    accepted = [one for one in judged if one.is_accepted]
    answerable = sum(one.is_answerable for one in judged)
    metres = np.array([one.metres for one in accepted if one.metres is not None], dtype=np.float64)
    honest = [one.metres <= 2.0 * one.error_m for one in accepted if one.metres is not None and one.error_m is not None]
    impossible = [one for one in judged if not one.is_answerable]
    bins = _bins(judged)
    levels = sorted({one.level for one in accepted if one.level})
    return Figures(
        rows=len(judged),
        answerable=answerable,
        accepted=len(accepted),
        match_rate=_share(sum(one.is_answerable for one in accepted), answerable),
        false_match_rate=_share(sum(map(is_false, accepted)), len(accepted)),
        refusal_rate=_share(sum(not one.is_accepted for one in impossible), len(impossible)),
        median_m=float(np.median(metres)) if metres.size else None,
        p95_m=float(np.percentile(metres, 95)) if metres.size else None,
        town_right=_areas_right(accepted, "town"),
        village_right=_areas_right(accepted, "village"),
        cell_right=_areas_right(accepted, "cell"),
        honesty=_share(sum(honest), len(honest)),
        calibration=_calibration(bins),
        by_level={level: sum(one.level == level for one in accepted) for level in levels},
        bins=bins,
        curve=tuple(_step(judged, answerable, threshold) for threshold in THRESHOLDS),
    )


def is_false(one: Judged) -> bool:
    """Whether an answer with a place is wrong: too far, in another town, or to what cannot be answered."""
    if one.metres is None:
        return True
    towns = one.answered.town, one.true.town
    return one.metres > FALSE_M or (None not in towns and towns[0] != towns[1])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _areas_right(accepted: Sequence[Judged], kind: str) -> float | None:
    pairs = [(getattr(one.answered, kind), getattr(one.true, kind)) for one in accepted if one.is_answerable]
    known = [(said, true) for said, true in pairs if said is not None and true is not None]
    return _share(sum(said == true for said, true in known), len(known))


def _placed(judged: Sequence[Judged]) -> list[Judged]:
    return [one for one in judged if one.score > 0.0 and one.error_m is not None]


def _bins(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    placed = _placed(judged)
    score: NDArray[np.float64] = np.array([one.score for one in placed], dtype=np.float64)
    right = np.array([not is_false(one) for one in placed], dtype=bool)
    found = []
    for low, high in pairwise(_BINS):
        mine = (score >= low) & (score < high)
        if mine.any():
            found.append(Bin(low, int(mine.sum()), float(score[mine].mean()), float(right[mine].mean())))
    return tuple(found)


def _calibration(bins: Sequence[Bin]) -> float | None:
    count = sum(one.count for one in bins)
    return sum(one.count * abs(one.score - one.right) for one in bins) / count if count else None


def _step(judged: Sequence[Judged], answerable: int, threshold: float) -> Step:
    taken = [one for one in _placed(judged) if one.score >= threshold]
    match = _share(sum(one.is_answerable for one in taken), answerable)
    return Step(threshold, match or 0.0, _share(sum(map(is_false, taken)), len(taken)) or 0.0, len(taken))
