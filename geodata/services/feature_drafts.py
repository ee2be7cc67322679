"""What somebody sends to have a feature be, and what every kind of feature that can be changed offers for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

# Coordinates go out with nine decimals of a degree, or a tenth of a millimetre: what comes back that near is the same.
SAME_DEGREES = 2e-9

LONGEST = 200


@dataclass(frozen=True)
class Draft:
    """A feature as somebody wants it.

    properties   by name, those that can be set and no others; None where it has none.
    shape        WGS 84 degrees: a Point, or a valid MultiPolygon; None without a place.
    code         of a new one, None where none is told.
    """

    properties: Mapping[str, Any]
    shape: BaseGeometry | None
    code: str | None = None


@dataclass(frozen=True)
class Done:
    """A feature that has been stored: its code, and what whoever sent it should know, in sentences."""

    code: str
    notes: tuple[str, ...] = field(default=())


class Editor(Protocol):
    """How features of one collection are changed.

    action     the permission it takes.
    types      the types of geometry that fit.
    settable   names of the properties that can be set.
    longest    how many characters some of them may have; others LONGEST.
    """

    @property
    def action(self) -> str:
        """The permission."""

    @property
    def types(self) -> tuple[str, ...]:
        """Types of geometry."""

    @property
    def settable(self) -> tuple[str, ...]:
        """Names of properties."""

    @property
    def longest(self) -> Mapping[str, int]:
        """Characters by name of property."""

    def hold(self, session: Session, code: str) -> None:
        """Wait for whoever changes the same feature, until this transaction ends; nothing where there is none."""

    def town_of(self, session: Session, code: str) -> str | None:
        """Code of the town that a feature belongs to, None for none. Raises NotFound."""

    def town_for(self, session: Session, draft: Draft) -> str | None:
        """Code of the town that a new feature would belong to, None for none. Raises BadValue."""

    def add(self, session: Session, draft: Draft, *, actor: str) -> Done:
        """Store a new feature. Raises BadValue, BadCode, BadGeometry."""

    def change(self, session: Session, code: str, draft: Draft, *, actor: str) -> Done:
        """Have a feature be what the draft says, in all that can be set. Raises NotFound, BadValue, StillUsed."""

    def remove(self, session: Session, code: str, *, actor: str) -> None:
        """Remove a feature. Raises NotFound, and StillUsed where others hang on it."""


def is_same(stored: BaseGeometry | None, told: BaseGeometry | None) -> bool:
    """Whether a shape that was told is the one that is stored, as it was sent out; vertices in their order."""
    if stored is None or told is None:
        return stored is told
    left, right = (shapely.force_2d(shapely.orient_polygons(shape, exterior_cw=False)) for shape in (stored, told))
    coords, others = shapely.get_coordinates(left), shapely.get_coordinates(right)
    if _rings(left) != _rings(right) or coords.shape != others.shape:
        return False
    return bool(np.allclose(coords, others, rtol=0.0, atol=SAME_DEGREES))


def _rings(shape: BaseGeometry) -> list[tuple[int, ...]]:
    return [tuple(len(ring.coords) for ring in shapely.get_rings(part)) for part in shapely.get_parts(shape)]
