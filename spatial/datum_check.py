"""Which datum a file of positions looks like, whatever it was declared as.

A wrong datum moves a point by 500 m or 1,100 m: usually into a neighbouring
town, rarely out of the district, so no box finds it. But many rows together tell. Each
hypothesis decodes the file, and each row then says how likely it is if
that hypothesis is true: the position is inside the district (99 of 100 are), in the
area its address names (95 of 100), near the known place of its name
(40 m in the median, log-normal, three in ten mistaken and anywhere in the district). The logarithms
add up, in nats.

When the declared datum is contradicted
---------------------------------------
* Another hypothesis leads by 6 nats: it makes the file 400 times as likely.
* The lead is not a few rows against others: it is at least twice the square root of the
  summed squares of the rows' own leads, what a coin would rarely do. Four rows that agree
  pass this, three do not, unless all three agree and lead by 30 nats together.
* Rows with one position count once: a geocoder's default place is one witness.
* Being inside the district is only weighed when some hypothesis puts 95 of 100 rows there;
  otherwise the file is of a wider region, and the border says nothing about its datum.

A point decoded to nowhere counts as outside and as far away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.conversion import to_wgs84
from spatial.crs import BD09, GCJ02, WGS84, Datum
from spatial.gcj02 import Floats
from spatial.witnesses import Clues, DatumWeight, intersects

HYPOTHESES = (WGS84, GCJ02, BD09)

CLEAR_NATS = 6.0
OVERWHELMING_NATS = 30.0
CONSISTENCY = 2.0
FEWEST_ROWS = 3
DISTRICT_FILE_SHARE = 0.95
REPEATS_ALLOWED = 6


@dataclass(frozen=True, slots=True)
class DatumVerdict:
    """How the declared datum fares among the hypotheses.

    best          the likeliest; the declared one when nothing leads it.
    margin_nats   the lead of `best` over the declared.
    contradicts   whether the lead is clear, see the module.
    rows          distinct usable positions.
    weighs_inside whether the outline was weighed, see the module.
    weights       one per hypothesis, the declared first.
    """

    declared: Datum
    best: Datum
    margin_nats: float
    contradicts: bool
    rows: int
    weighs_inside: bool
    weights: tuple[DatumWeight, ...]

    def weight(self, datum: Datum) -> DatumWeight:
        """What speaks for one of the hypotheses."""
        return next(weight for weight in self.weights if weight.datum == datum)

    def says(self) -> str:
        """One or two sentences with the numbers."""
        told = "; ".join(f"as {weight.datum} {weight.told()}" for weight in self.weights if weight.told())
        if not told:
            return f"Nothing to check the datum {self.declared} against: no outline, named area or known place."
        if self.contradicts:
            return (
                f"Declared as {self.declared}, but the positions look like {self.best}: {told}. "
                f"Check the source and import as {self.best.name}, or confirm {self.declared.name}."
            )
        doubt = (
            ""
            if self.weighs_inside or not self.weights[0].inside_of
            else (" Too few rows lie in the district under any datum for its outline to say anything.")
        )
        return f"Nothing clearly contradicts {self.declared}: {told}.{doubt}"


class OddityKind(StrEnum):
    """What looks wrong with raw coordinates, whatever their datum."""

    NOT_A_NUMBER = "not_a_number"
    ZERO = "zero"
    SWAPPED = "swapped"
    METRES = "metres"
    DEGREES = "degrees"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Oddity:
    """Rows (counted from 0) that look wrong in one way; for `repeated`, the rows of one position."""

    kind: OddityKind
    rows: tuple[int, ...]
    detail: str


def weigh_datums(
    x: ArrayLike,
    y: ArrayLike,
    *,
    declared: Datum,
    clues: Clues,
    hypotheses: Sequence[Datum] = HYPOTHESES,
) -> DatumVerdict:
    """Weigh the declared datum of a file against others.

    x, y         raw coordinates (n,) as received; rows with NaN are passed over.
    hypotheses   datums to try; the declared one is always among them.

    Raises BadGeometry when the sequences differ in length.
    """
    px, py = np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
    witness, rows = clues.witness(px, py)
    tried = (declared, *(datum for datum in hypotheses if datum != declared))
    marks = [witness.marks(px[rows], py[rows], datum) for datum in tried]
    weighs_inside = any(mark.inside_share >= DISTRICT_FILE_SHARE for mark in marks)
    scores = [mark.score(weighs_inside=weighs_inside) for mark in marks]
    totals = [float(score.sum()) for score in scores]
    best = int(np.argmax(totals))  # the first of equals, which is the declared one
    lead = scores[best] - scores[0]
    return DatumVerdict(
        declared=declared,
        best=tried[best],
        margin_nats=float(lead.sum()),
        contradicts=is_clear(lead),
        rows=len(rows),
        weighs_inside=weighs_inside,
        weights=tuple(
            mark.weight(datum, total, has_outline=clues.inside is not None)
            for datum, total, mark in zip(tried, totals, marks, strict=True)
        ),
    )


def oddities(x: ArrayLike, y: ArrayLike, *, declared: Datum, inside: BaseGeometry | None = None) -> list[Oddity]:
    """What looks wrong with raw coordinates, in the order of OddityKind; an empty list is good news.

    inside   outline of the district in WGS 84: with it, a swap shows also where both
             numbers would do as a latitude.
    """
    px, py = np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
    finite = np.isfinite(px) & np.isfinite(py)
    zero = finite & (np.abs(px) < 1e-6) & (np.abs(py) < 1e-6)
    odd: list[tuple[OddityKind, NDArray[np.bool_], str]] = [
        (OddityKind.NOT_A_NUMBER, ~finite, "a coordinate is missing or not finite"),
        (OddityKind.ZERO, zero, "0, 0 usually stands for an unknown position"),
    ]
    real = finite & ~zero
    with np.errstate(invalid="ignore"):
        degrees = real & (np.abs(px) <= 180.0) & (np.abs(py) <= 180.0)
        if declared.is_projected:
            odd.append((OddityKind.DEGREES, degrees, f"degrees, but {declared} is in metres"))
        else:
            metres = real & ((np.abs(px) > 360.0) | (np.abs(py) > 360.0))
            swapped = degrees & (np.abs(py) > 90.0)
            odd.append((OddityKind.SWAPPED, swapped | _swapped_by_outline(px, py, declared, inside), "x and y swapped"))
            odd.append((OddityKind.METRES, metres, f"metres, but {declared} is in degrees"))
    found = [Oddity(kind, tuple(np.flatnonzero(rows).tolist()), detail) for kind, rows, detail in odd if rows.any()]
    return found + _repeated(px, py, real)


def is_clear(lead: Floats) -> bool:
    """Whether what rows say for one hypothesis against another is enough, see the module."""
    margin = float(lead.sum())
    if margin < CLEAR_NATS:
        return False
    agrees = int((lead > 0).sum()) >= FEWEST_ROWS and not (lead < 0).any()
    return margin >= CONSISTENCY * float(np.sqrt((lead**2).sum())) or (agrees and margin >= OVERWHELMING_NATS)


def _swapped_by_outline(x: Floats, y: Floats, declared: Datum, outline: BaseGeometry | None) -> NDArray[np.bool_]:
    """Rows that fall into the outline only when x and y change places."""
    if outline is None:
        return np.zeros(len(x), dtype=bool)
    shapely.prepare(outline)
    as_is = intersects(outline, *to_wgs84(x, y, declared))
    return ~as_is & intersects(outline, *to_wgs84(y, x, declared))


def _repeated(x: Floats, y: Floats, real: NDArray[np.bool_]) -> list[Oddity]:
    rows = np.flatnonzero(real)
    places, group = np.unique(np.column_stack([x[rows], y[rows]]), axis=0, return_inverse=True)
    counts = np.bincount(group.ravel(), minlength=len(places))
    return [
        Oddity(
            OddityKind.REPEATED,
            tuple(rows[group.ravel() == i].tolist()),
            f"({places[i, 0]:g}, {places[i, 1]:g}) stands {counts[i]} times",
        )
        for i in np.flatnonzero(counts > REPEATS_ALLOWED)
    ]
