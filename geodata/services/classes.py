"""Classes of a coverage run for the legend: where they begin and end, and how many fall in each."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import floor, log10
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from sqlalchemy.orm import Session

from geodata.errors import NotCalculated, NotFound
from geodata.queries import classes as queries
from geodata.queries.classes import OF_A_RUN, Pile
from geodata.queries.versions import data_version

__all__ = ["OF_A_RUN", "Class", "classes", "run_id"]

WANTED = 5
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

# Metres are told to ten, so that every break is a number one can say.
CELL_STEP_M = 10.0

LEVELS = {"coverage_towns": "town", "coverage_villages": "village"}


class Class(NamedTuple):
    """Values from `low` to before `high` (None: and all above), and how many; both None: without a value."""

    low: float | None
    high: float | None
    count: int  # type: ignore[assignment]  # nobody asks a class how often it holds something


_known: LRUCache[tuple[str, str, int, str], list[Class]] = LRUCache(200)
_lock = Lock()


def run_id(session: Session, *, radius_m: float | None = None, category: str | None = None) -> int | None:
    """The stored run of a radius and a category; None when neither is said, which means the district's own.

    Raises NotCalculated where no such run is stored.
    """
    if radius_m is None and category is None:
        return None
    found = queries.newest_run(session, radius_m=radius_m, category=category)
    if found is None:
        raise NotCalculated(radius_m, category)
    return found


def classes(session: Session, collection_id: str, run: int | None = None) -> list[Class]:
    """Classes of a coverage collection, lowest first, those without a value last where there are any.

    Cells: five classes of metres with about as many cells in each, fewer where values repeat; shares of
    towns and villages: five of a fifth each. `run` None is the run shown; no run, no classes.
    Raises NotFound for another collection.
    """
    if collection_id not in {"coverage_cells", *LEVELS}:
        raise NotFound("collection with classes", collection_id, ("coverage_cells", *LEVELS))
    run = queries.shown_run(session) if run is None else run
    if run is None:
        return []
    # a run's number is never used again, and what it found never changes; areas and cells do
    version = data_version(session, ("area", "grid_cell"))
    key = (str(session.get_bind().engine.url), collection_id, run, version)
    with _lock:
        found = _known.get(key)
    if found is None:
        found = _worked_out(session, collection_id, run)
        with _lock:
            _known[key] = found
    return list(found)


def _worked_out(session: Session, collection_id: str, run: int) -> list[Class]:
    if collection_id == "coverage_cells":
        piles = queries.cell_piles(session, run, width=CELL_STEP_M)
        return _counted(piles, [*_quantiles(piles), None])
    return _counted(queries.share_piles(session, run, level=LEVELS[collection_id], width=0.2), list(SHARES))


def _counted(piles: Sequence[Pile], breaks: Sequence[float | None]) -> list[Class]:
    """The piles gathered into classes; a pile belongs where it begins."""
    lows = [low for low in breaks[:-1] if low is not None]
    counts = [0] * len(lows)
    unknown = 0
    for pile in piles:
        if pile.low is None:
            unknown += pile.count
        else:
            # a share of 0.6 is stored a hair beside it
            counts[bisect_right(lows, pile.low + 1e-9) - 1] += pile.count
    found = [Class(low, high, count) for (low, high), count in zip(pairwise(breaks), counts, strict=True)]
    return found + ([Class(None, None, unknown)] if unknown else [])


def _quantiles(piles: Sequence[Pile]) -> list[float]:
    """Where classes of about the same number begin, from 0, rounded to numbers one can say."""
    known = [(pile.low, pile.count) for pile in piles if pile.low is not None]
    total = sum(count for _low, count in known)
    lows = [0.0]
    seen = 0
    for low, count in known:
        # the pile is passed as a whole, so the break is where the next begins
        seen += count
        break_at = _nice(low + CELL_STEP_M)
        if len(lows) < WANTED and seen >= total * len(lows) / WANTED and break_at > lows[-1] and seen < total:
            lows.append(break_at)
    return lows


def _nice(metres: float) -> float:
    """The nearest number of two figures, and no finer than ten metres: 370, 1,200."""
    step = max(CELL_STEP_M, 10.0 ** (floor(log10(metres)) - 1))
    return round(metres / step) * step
