"""Who answers for which ground: regions, blocks, points and teams of a town, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import DUTY_KINDS
from geodata.queries import duty_ground as queries
from geodata.queries.duty_ground import DeputyRow, DutyRow, Overlapping
from geodata.services.duty_shapes import ALLOWED

# What can be amiss, the most urgent first.
GAPS = (
    "no_holder",
    "holder_inactive",
    "no_shape",
    "no_place",
    "no_parent",
    "outside_own",
    "outside_all",
    "overlaps",
    "outside_town",
)


class DutyGap(NamedTuple):
    """One thing amiss: a word of GAPS, and the facts its sentence wants."""

    word: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Duty:
    """A region, block, point or team with who answers for it; the deputies in the order in which they step in."""

    kind: str
    row: DutyRow
    deputies: Sequence[DeputyRow]
    gaps: Sequence[DutyGap]

    @property
    def has_place(self) -> bool:
        """Whether it has a border, or a position."""
        return self.row.west is not None


@dataclass(frozen=True)
class DutyGround:
    """All of a town, or of the district; each list by town and code."""

    regions: list[Duty]
    blocks: list[Duty]
    points: list[Duty]
    teams: list[Duty]

    @property
    def all(self) -> list[Duty]:
        """Regions, then blocks, points and teams."""
        return [*self.regions, *self.blocks, *self.points, *self.teams]

    @property
    def with_gaps(self) -> list[Duty]:
        """Those with something amiss, the most urgent first."""
        found = [one for one in self.all if one.gaps]
        return sorted(found, key=lambda one: (GAPS.index(one.gaps[0].word), DUTY_KINDS.index(one.kind), one.row.code))

    def blocks_of(self, region: Duty | None) -> list[Duty]:
        """Blocks of a region; of None those that are in no region there is."""
        return _children(self.blocks, region)

    def points_of(self, block: Duty | None) -> list[Duty]:
        """Points of a block; of None those that are in no block there is."""
        return _children(self.points, block)


def duty_ground(session: Session, *, town_code: str | None = None) -> DutyGround:
    """Regions, blocks, points and teams of a town, or of all, with their deputies and gaps."""
    deputies = queries.deputies(session)
    shared = queries.overlapping(session, town_code=town_code, allowed=ALLOWED)
    beyond = queries.beyond_town(session, town_code=town_code, allowed=ALLOWED)
    found: dict[str, list[Duty]] = {}
    for kind in DUTY_KINDS:
        found[kind] = [
            Duty(
                kind,
                row,
                deputies.get((kind, row.code), []),
                _gaps(kind, row, overlaps=shared.get(row.code, ()), outside_m2=beyond.get(row.code)),
            )
            for row in queries.duties(session, kind, town_code=town_code)
        ]
    return DutyGround(found["region"], found["block"], found["point"], found["team"])


def duty(session: Session, kind: str, code: str) -> Duty:
    """One of them with its gaps. Raises NotFound."""
    found = queries.duties(session, kind, code=code)
    if not found:
        raise NotFound(kind, code)
    row = found[0]
    town_code, is_block = row.town_code, kind == "block"
    shared = queries.overlapping(session, town_code=town_code, allowed=ALLOWED) if is_block else {}
    beyond = queries.beyond_town(session, town_code=town_code, allowed=ALLOWED) if is_block else {}
    deputies = queries.deputies(session, kind=kind, code=code)
    gaps = _gaps(kind, row, overlaps=shared.get(code, ()), outside_m2=beyond.get(code))
    return Duty(kind, row, deputies.get((kind, code), []), gaps)


def _children(those: Sequence[Duty], parent: Duty | None) -> list[Duty]:
    if parent is None:
        return [one for one in those if not one.row.has_parent]
    return [one for one in those if one.row.has_parent and one.row.parent_code == parent.row.code]


def _gaps(kind: str, row: DutyRow, *, overlaps: Sequence[Overlapping], outside_m2: float | None) -> list[DutyGap]:
    found = []
    if row.holder_code is None and kind in {"block", "point"}:
        found.append(DutyGap("no_holder", {}))
    if row.is_holder_active is False:
        found.append(DutyGap("holder_inactive", {"holder": row.holder_name}))
    if kind == "block" and row.west is None:
        found.append(DutyGap("no_shape", {}))
    if kind == "point" and row.west is None:
        found.append(DutyGap("no_place", {}))
    if row.parent_code is not None and not row.has_parent:
        found.append(DutyGap("no_parent", {"code": row.parent_code}))
    if row.is_in_own is False:
        found.append(DutyGap("outside_own", {"code": row.parent_code}))
    elif kind == "point" and row.is_in_own is None and row.west is not None and not row.is_in_any:
        found.append(DutyGap("outside_all", {}))
    found += [DutyGap("overlaps", {"code": one.code, "name": one.name, "m2": round(one.shared_m2)}) for one in overlaps]
    if outside_m2 is not None:
        found.append(DutyGap("outside_town", {"m2": round(outside_m2)}))
    return sorted(found, key=lambda gap: GAPS.index(gap.word))
