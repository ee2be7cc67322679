"""Grid cells changed one by one.

A cell that is drawn anew ends today, and another one of the same code begins: tickets of the past keep the cell of
their day, and who took over whose ground is written down with shares, as when the whole grid is cut again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.queries import generations, stamping
from geodata.queries import grids as queries
from geodata.queries.grids import CellRow, NewCell
from geodata.queries.namers import namers
from geodata.queries.references import area_shapes
from geodata.record_errors import BadValue, StillUsed
from geodata.services import changes, ground_checks
from geodata.services.feature_drafts import Done, Draft, is_same
from geodata.services.grids import heirs
from geodata.services.installation import installation
from geodata.services.stamps import restamp_near
from spatial.codes import CELL, CodePattern
from spatial.errors import BadCode

# Under which a change is kept: the name of the kind of import.
KIND = "grid"


class _Home(NamedTuple):
    """The area that a cell lies in: a village, or a town where its villages have no boundary."""

    town_code: str | None
    village_code: str | None
    is_provisional: bool = False


@dataclass(frozen=True)
class CellEditor:
    """Cells of today. All that can be set of one is its outline: its areas follow from its code."""

    settable: tuple[str, ...] = ()
    types: tuple[str, ...] = ("Polygon", "MultiPolygon")
    action: str = "area.set"
    longest: Mapping[str, int] = field(default_factory=dict)

    def hold(self, session: Session, code: str) -> None:  # noqa: ARG002 - a cell's neighbours must stay as they are too
        """Wait for whoever changes any cell or area."""
        generations.hold(session)
        session.expire_all()

    def town_of(self, session: Session, code: str) -> str | None:
        """The town that the cell is of. Raises NotFound."""
        return _current(session, code).town_code

    def town_for(self, session: Session, draft: Draft) -> str | None:
        """The town that the code names. Raises BadValue and BadCode."""
        return _home(session, draft.code).town_code

    def add(self, session: Session, draft: Draft, *, actor: str) -> Done:
        """Add a cell, from today on."""
        generations.hold(session)
        home = _home(session, draft.code)
        code = draft.code or ""
        if queries.cell_of_code(session, code) is not None:
            raise BadValue("code", "taken", code)
        shape = _needed(draft.shape)
        notes = _checked(session, code, shape, home, before=None)
        _store(session, code, shape, home, former=None)
        _keep(session, code, actor=actor, did="add", before=None, after=shape)
        return Done(code, tuple(notes))

    def change(self, session: Session, code: str, draft: Draft, *, actor: str) -> Done:
        """Draw a cell anew, from today on."""
        held, shape = _current(session, code), _needed(draft.shape)
        if is_same(held.shape, shape):
            return Done(code)
        home = _Home(held.town_code, held.village_code, is_provisional=held.village_code is None)
        notes = _checked(session, code, shape, home, before=held.shape)
        _store(session, code, shape, home, former=held)
        _keep(session, code, actor=actor, did="set", before=held.shape, after=shape)
        return Done(code, tuple(notes))

    def remove(self, session: Session, code: str, *, actor: str) -> None:
        """Have there be no such cell from today on. Raises StillUsed where a post holds it, or anything lies in it."""
        held = _current(session, code)
        users = namers(session, CELL, code)
        if users:
            raise StillUsed("cell", code, count=users[0].rows, users=users[0].words)
        queries.end_cells(session, [held.id])
        _follow(session, held.shape)
        _keep(session, code, actor=actor, did="remove", before=held.shape, after=None)


CELLS = CellEditor()


def _current(session: Session, code: str) -> CellRow:
    held = queries.cell_of_code(session, code)
    if held is None:
        raise NotFound("cell", code)
    return held


def _needed(shape: BaseGeometry | None) -> shapely.MultiPolygon:
    if not isinstance(shape, shapely.MultiPolygon):
        raise BadValue("geometry", "missing")
    return shape


def _home(session: Session, code: str | None) -> _Home:
    """The areas of today that the code of a new cell names. Raises BadValue and BadCode."""
    if code is None:
        raise BadValue("code", "missing")
    pattern = CodePattern.parse(installation(session).code_pattern)
    if pattern.level_of(code) != CELL:
        raise BadCode(code, pattern.text, "it is not the code of a cell")
    is_provisional = pattern.is_provisional(code)
    above = {level: pattern.parent_code(code, CELL, level) for level in pattern.levels}
    home = _Home(above.get("town"), None if is_provisional else above.get("village"), is_provisional)
    level = "village" if home.village_code else "town"
    named = home.village_code or home.town_code or ""
    if named not in {area.code for area in queries.areas_today(session, (level,))}:
        raise BadValue("code", "unknown", named)
    return home


def _checked(
    session: Session, code: str, shape: shapely.MultiPolygon, home: _Home, *, before: BaseGeometry | None
) -> list[str]:
    """Sentences on what is amiss and may be. Raises BadValue for what may not."""
    ground_checks.demand_near(session, shape)
    level, area = ("village", home.village_code) if home.village_code else ("town", home.town_code)
    around = area_shapes(session, level, queries.today(session)).get(area or "")
    if around is not None:
        ground_checks.demand_within(session, shape, around, area or "")
    wide = shape if before is None else shapely.union_all([shape, before])
    others = {cell.code: cell.shape for cell in queries.cells_near(session, wide) if cell.code != code}
    notes = ground_checks.demand_apart(session, shape, others, before=before)
    return notes + ground_checks.left_open(session, before, shape, others)


def _store(session: Session, code: str, shape: shapely.MultiPolygon, home: _Home, *, former: CellRow | None) -> None:
    day = queries.today(session)
    if former is not None:
        queries.end_cells(session, [former.id])
    made = NewCell(
        code=code,
        town_code=home.town_code,
        village_code=home.village_code,
        # a square of no raster
        size_m=None,
        gx=None,
        gy=None,
        is_whole=False,
        is_provisional=home.is_provisional,
        valid_from=day,
        shape=shape,
    )
    queries.add_cells(session, [made])
    ground = shape if former is None else shapely.union_all([shape, former.shape])
    _follow(session, ground)


def _follow(session: Session, ground: BaseGeometry) -> None:
    """Write down who took over whose ground today, let posts keep theirs, and stamp what lies there anew."""
    day, srid = queries.today(session), installation(session).metre_srid
    ended = [cell for cell in queries.cells_ended_today(session) if shapely.intersects(cell.shape, ground)]
    codes = [cell.code for cell in ended]
    if ended:
        around = shapely.union_all([ground, *(cell.shape for cell in ended)])
        current = queries.cells_near(session, around)
        before = queries.posts_of_cells(session, [cell.code for cell in current])
        queries.replace_succession(session, codes, heirs(ended, current, srid))
        stamping.pass_posts_on(session, day)
        has_passed = before != queries.posts_of_cells(session, [cell.code for cell in current])
    session.expire_all()
    restamp_near(session, ground)
    if ended and has_passed:
        stamping.give_posts(session)


def _keep(
    session: Session,
    code: str,
    *,
    actor: str,
    did: str,
    before: BaseGeometry | None,
    after: BaseGeometry | None,
) -> None:
    told = [None if shape is None else {"shape": ground_checks.in_words(shape)} for shape in (before, after)]
    facts = {"did": did, "code": code, "name": code, "before": told[0], "after": told[1]}
    changes.keep(session, KIND, actor=actor, facts=facts)
