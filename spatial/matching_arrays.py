"""The rule of matching on arrays: how each of many wants stands among many offers.

It says the same as `matching.offers_for`, for a whole list at once; the tests hold the two together.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.matching import LEAST_SHARE, Want

Numbers = NDArray[np.integer[Any]]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

_WEEK = 7
_ALL_DAYS = (1 << _WEEK) - 1
# An open end lies beyond every day that has a name.
_NEVER, _EVER = -(1 << 29), 1 << 29
# Whoever tells no area or kind shares it with nobody.
_NO_OFFERS, _NO_WANTS = -1, -2
# Two ways to find a length differ by less than this share of it.
_ROUNDING = 1e-9


class Outlook(NamedTuple):
    """How many offers fit a want, and the metres to the best of them; None where nobody knows, or where none fits."""

    fitting: int
    metres: float | None


class OfferColumns(NamedTuple):
    """Offers column by column, in any one order; each column is the field of `matching.Offer` of its name."""

    kind: Sequence[str | None]
    x: Sequence[float | None]
    y: Sequence[float | None]
    capacity: Sequence[int | None]
    weekdays: Sequence[frozenset[int] | None]
    valid_from: Sequence[date | None]
    valid_to: Sequence[date | None]
    is_active: Sequence[bool]
    booked: Sequence[int]
    town_code: Sequence[str | None]
    village_code: Sequence[str | None]


def outlooks(wants: Iterable[Want], offers: OfferColumns) -> list[Outlook]:
    """How each want stands, in their order, as `matching.offers_for` says of it and all the offers."""
    arrays = OfferArrays(offers)
    return [arrays.outlook(want) for want in wants]


class _Kindred(NamedTuple):
    """Active offers of a kind and of none that is known: their numbers, and what every want of the kind asks first."""

    number: Numbers
    first: Numbers
    last: Numbers
    room: Reals


class OfferArrays:
    """Offers as arrays."""

    def __init__(self, offers: OfferColumns) -> None:
        self._codes: dict[str, int] = {}
        self._kind = self._numbered(offers.kind)
        self._town, self._village = self._numbered(offers.town_code), self._numbered(offers.village_code)
        # None becomes nan
        self._x, self._y, self._room = (
            np.array(told, dtype=np.float64) for told in (offers.x, offers.y, offers.capacity)
        )
        self._first = _numbers(_ordinal(day, _NEVER) for day in offers.valid_from)
        # the last day is the one before the first on which it is offered no longer
        self._last = _numbers(_EVER if day is None else day.toordinal() - 1 for day in offers.valid_to)
        self._open = _numbers(map(_bits, offers.weekdays))
        self._hours_unknown = np.array([days is None for days in offers.weekdays], dtype=bool)
        self._is_active = np.array(offers.is_active, dtype=bool)
        self._booked = _numbers(offers.booked)
        # what speaks against an offer whoever wants it
        self._doubt = 4 * (self._kind == _NO_OFFERS) + 2 * self._hours_unknown
        self._of_kind: dict[str, _Kindred] = {}

    def outlook(self, want: Want) -> Outlook:
        """How a want stands."""
        able = self._able(want)
        return Outlook(int(able.size), self._metres(want, self._best(want, able)) if able.size else None)

    def _able(self, want: Want) -> Numbers:
        """Those for which there is no refusal."""
        kindred = self._kindred(want.kind)
        first = np.maximum(kindred.first, _ordinal(want.first, _NEVER))
        last = np.minimum(kindred.last, _ordinal(want.last, _EVER))
        is_then = first <= last
        if want.people is not None:
            # false of nan: who has not told the room is not too small
            is_then &= ~(kindred.room < want.people * LEAST_SHARE)
        kept = np.flatnonzero(is_then)
        able, first, last = kindred.number[kept], first[kept], last[kept]
        days = np.full(able.size, _bits(want.weekdays))
        short = np.flatnonzero(last - first < _WEEK - 1)
        days[short] &= _spans(first[short], last[short])
        return np.asarray(able[self._hours_unknown[able] | (self._open[able] & days != 0)])

    def _best(self, want: Want, able: Numbers) -> Numbers:
        """Those that stand first by all that `matching.rank_key` sorts by before metres, one thing after another."""
        village, town = self._number(want.village_code, _NO_WANTS), self._number(want.town_code, _NO_WANTS)
        for key in (
            lambda few: self._doubt[few] + self._is_partly(want, few),
            lambda few: self._shortage(want, few),
            lambda few: self._village[few] != village,
            lambda few: self._town[few] != town,
            lambda few: self._booked[few],
        ):
            told = key(able)
            able = able[told == told.min()]
        return able

    def _kindred(self, kind: str) -> _Kindred:
        if kind not in self._of_kind:
            fits = (self._kind == self._number(kind, _NO_WANTS)) | (self._kind == _NO_OFFERS)
            number = np.flatnonzero(fits & self._is_active)
            self._of_kind[kind] = _Kindred(number, self._first[number], self._last[number], self._room[number])
        return self._of_kind[kind]

    def _is_partly(self, want: Want, few: Numbers) -> Flags:
        """Whether they serve but a part of the days; open ends lie beyond all days."""
        first, last = _ordinal(want.first, _NEVER), _ordinal(want.last, _EVER)
        return np.asarray((self._first[few] > first) | (self._last[few] < last), dtype=bool)

    def _shortage(self, want: Want, few: Numbers) -> Numbers:
        if want.people is None:
            return np.zeros(few.size, dtype=np.int32)
        room = self._room[few]
        return np.where(np.isnan(room), 1, np.where(room >= want.people, 0, 2))

    def _metres(self, want: Want, best: Numbers) -> float | None:
        """Metres to the nearest of some offers; those that are about as near are measured as the rule does it."""
        if want.x is None or want.y is None:
            return None
        dx, dy = self._x[best] - want.x, self._y[best] - want.y
        metres = np.hypot(dx, dy)
        if np.isnan(metres).all():
            return None
        near = metres <= np.nanmin(metres) * (1 + _ROUNDING)
        return min(map(math.hypot, dx[near].tolist(), dy[near].tolist()))

    def _number(self, code: str | None, unknown: int) -> int:
        """A number for a code, the same for the same; `unknown` for none."""
        return unknown if code is None else self._codes.setdefault(code, len(self._codes))

    def _numbered(self, codes: Iterable[str | None]) -> Numbers:
        return _numbers(self._number(code, _NO_OFFERS) for code in codes)


def _spans(first: Numbers, last: Numbers) -> Numbers:
    """Days of the week of spans of at most seven days, as bits."""
    run = (1 << (last - first + 1)) - 1
    turned = run << ((first - 1) % _WEEK)
    return np.asarray((turned | (turned >> _WEEK)) & _ALL_DAYS)


def _bits(weekdays: frozenset[int] | None) -> int:
    """Days of the week as bits, all where they are not told."""
    return _ALL_DAYS if weekdays is None else sum(1 << day for day in weekdays)


def _ordinal(day: date | None, otherwise: int) -> int:
    return otherwise if day is None else day.toordinal()


def _numbers(told: Iterable[int]) -> Numbers:
    return np.fromiter(told, dtype=np.int32)
