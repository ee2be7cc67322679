"""The network of member units on three levels: areas with their figures, one of them in full, its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import BODIES, LEVELS
from geodata.queries import network as queries
from geodata.queries import references
from geodata.queries.network import MemberRow, OverviewRow, PilotRow, SeatRow, TermRow
from geodata.queries.references import AreaFact
from geodata.queries.stamping import today
from geodata.services.installation import installation

# A term that ends this soon, and nobody follows, is told.
SOON = timedelta(days=30)

# The body that every district and every town has; the others are asked about where somebody sits in them.
ALWAYS = "joint_conference"


class Gap(NamedTuple):
    """What an area lacks, by a word of GAPS and its facts."""

    word: str
    number: int = 0
    name: str = ""
    day: date | None = None
    bodies: tuple[str, ...] = ()


GAPS = ("no_member", "none_of_own", "no_convener", "term_ends", "no_chair", "no_liaison", "empty_villages")


class AreaLine(NamedTuple):
    """An area with its figures and what it lacks; `pilots` are how many villages in it are pilots, 0 of a village."""

    row: OverviewRow
    pilots: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class AreaNetwork:
    """All that is told of one area.

    line      its figures and gaps.
    members   those of today, and after them who joins later; of one kind where that was asked for.
    kinds     how many members of today are of each kind (code, names in both languages), most first.
    terms     of conveners, the first one first.
    inside    the areas of the next level in it, by code; empty in a village.
    """

    line: AreaLine
    members: list[MemberRow]
    kinds: list[tuple[str, str, str, int]]
    terms: list[TermRow]
    seats: list[SeatRow]
    pilots: list[PilotRow]
    inside: list[AreaLine]
    day: date


def area_of(session: Session, level: str, code: str) -> AreaFact:
    """The area of today of that level and code. Raises NotFound."""
    for area in references.areas(session, level, today(session)) if level in LEVELS else ():
        if area.code == code:
            return area
    raise NotFound("area", code)


def area_lines(session: Session, level: str, *, code: str | None = None, parent: str | None = None) -> list[AreaLine]:
    """Areas of a level by code: all, that of `code`, or those inside `parent`."""
    day, district = today(session), installation(session).code
    found = queries.overview(session, level, district=district, day=day, code=code, parent=parent)
    if level == "village":
        return [AreaLine(row, 0, gaps_of(row, empty_villages=0, day=day)) for row in found]
    within = code if level == "town" else None
    villages = queries.overview(session, "village", district=district, day=day, parent=within)
    told = []
    for row in found:
        mine = [one for one in villages if level == "district" or one.parent_code == row.code]
        empty = sum(one.total == 0 for one in mine)
        pilots = sum(one.is_pilot for one in mine)
        told.append(AreaLine(row, pilots, gaps_of(row, empty_villages=empty, day=day)))
    return told


def gaps_of(row: OverviewRow, *, empty_villages: int, day: date) -> tuple[Gap, ...]:
    """What an area lacks on a day, in the order of GAPS; a village without any member lacks nothing else."""
    if row.total == 0:
        empty = Gap("empty_villages", number=empty_villages)
        return (Gap("no_member"), *((empty,) if empty_villages else ()))
    found = []
    if row.own == 0:
        found.append(Gap("none_of_own"))
    elif row.convener_code is None:
        found.append(Gap("no_convener"))
    elif row.until is not None and row.until <= day + SOON and not row.has_next:
        found.append(Gap("term_ends", name=row.convener_name or "", day=row.until - timedelta(days=1)))
    bodies = set(row.bodies) | ({ALWAYS} if row.level != "village" else set())
    if unled := tuple(body for body in BODIES if body in bodies - set(row.chaired)):
        found.append(Gap("no_chair", bodies=unled))
    if row.mute:
        found.append(Gap("no_liaison", number=row.mute))
    if empty_villages:
        found.append(Gap("empty_villages", number=empty_villages))
    return tuple(found)


def network_of(session: Session, level: str, code: str, *, kind: str | None = None) -> AreaNetwork:
    """The network of one area of today. Raises NotFound."""
    area_of(session, level, code)
    day = today(session)
    members = queries.members(session, level, code, day=day)
    inner = {"district": "town", "town": "village"}.get(level)
    return AreaNetwork(
        line=area_lines(session, level, code=code)[0],
        members=[one for one in members if kind in {None, one.kind}],
        kinds=_kinds(members),
        terms=queries.terms(session, level, code),
        seats=queries.seats(session, level, code, day=day),
        pilots=queries.pilots(session, level, code, day=day),
        inside=area_lines(session, inner, parent=code) if inner else [],
        day=day,
    )


def _kinds(members: Sequence[MemberRow]) -> list[tuple[str, str, str, int]]:
    counts: dict[tuple[str, str, str], set[str]] = {}
    for one in members:
        if one.is_in:
            counts.setdefault((one.kind, one.kind_zh, one.kind_en), set()).add(one.code)
    ordered = sorted(counts.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [(*names, len(codes)) for names, codes in ordered]
