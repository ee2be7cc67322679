"""Joint projects as the board, the calendar, the list and the map show them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from flask import url_for
from sqlalchemy.orm import Session

from geodata.models import JOINTS, LEVELS, STAGES
from geodata.queries import projects as queries
from geodata.queries.projects import ProjectCount, ProjectLine
from geodata.services.project_stages import StageMove, moves_from
from webmap.access import may, may_in
from webmap.maps.drawing_projects import ProjectSpot
from webmap.pages import project_words

ACTION = "project.set"

# Longer columns are cut: the list has them all.
MOST_CARDS = 30


class ProjectRow(NamedTuple):
    """A project in words; `moves` are those that whoever asks may make."""

    line: ProjectLine
    joint: str
    stage: str
    level: str
    place: str
    standing: str
    when: str
    moves: Sequence[StageMove]


class Column(NamedTuple):
    """A stage of the board: how many there are, and the cards that are shown."""

    stage: str
    title: str
    total: int
    rows: list[ProjectRow]


class Bar(NamedTuple):
    """A project in a year: months before it (0 to 11), months it takes, its days, and whether it goes on beyond."""

    row: ProjectRow
    first: int
    months: int
    days: str
    is_from_before: bool
    is_beyond: bool

    @property
    def after(self) -> int:
        """Months of the year behind it."""
        return 12 - self.first - self.months


class UnitsRow(NamedTuple):
    """A project of a unit in words, and as what the unit takes part."""

    code: str
    name: str
    joint: str
    stage: str
    part: str


class Sums(NamedTuple):
    """Projects by joint and level, each with its sum, and what all of them come to."""

    cells: dict[tuple[str, str], int]
    by_joint: dict[str, int]
    by_level: dict[str, int]
    by_stage: dict[str, int]
    projects: int
    people: int


class May:
    """Whether whoever asks may move the projects of an area, asked once an area."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bool] = {}

    def of(self, level: str, area_code: str | None) -> bool:
        """Of what belongs to that area."""
        if not may(ACTION):
            return False
        key = (level, area_code or "")
        if key not in self._known:
            self._known[key] = may_in(ACTION, *key)
        return self._known[key]


def rows(lines: Sequence[ProjectLine], today: date) -> list[ProjectRow]:
    """Each project in words, in their order."""
    allowed = May()
    joints, stages, levels = project_words.joints(), project_words.stages(), project_words.levels()
    made = []
    for line in lines:
        standing, when = project_words.standing(line, today)
        moves = moves_from(line.stage) if allowed.of(line.level, line.area_code) else ()
        place = line.area_name or line.area_code or levels[line.level]
        made.append(
            ProjectRow(line, joints[line.joint], stages[line.stage], levels[line.level], place, standing, when, moves)
        )
    return made


def columns(found: Sequence[ProjectRow]) -> list[Column]:
    """The board: what presses most stands on top of its column, the ended ones by their last day, the newest first."""
    order = {"late": 0, "soon": 1, "ontime": 2, "none": 3, "ended": 4}
    titles = project_words.stages()
    made = []
    for stage in STAGES:
        mine = [row for row in found if row.line.stage == stage]
        if stage in {"done", "stopped"}:
            mine.sort(key=lambda row: row.line.ends_on or date.min, reverse=True)
        else:
            mine.sort(key=lambda row: (order[row.standing], row.line.ends_on or date.max))
        made.append(Column(stage, titles[stage], len(mine), mine[:MOST_CARDS]))
    return made


def bars(found: Sequence[ProjectRow], year: int) -> list[Bar]:
    """What runs in a year, the earliest first; without any day a project is in none."""
    made = []
    for row in found:
        begins = row.line.starts_on or row.line.ends_on
        ends = row.line.ends_on or row.line.starts_on
        if begins is None or ends is None or begins.year > year or ends.year < year:
            continue
        first = begins.month - 1 if begins.year == year else 0
        last = ends.month - 1 if ends.year == year else 11
        days = project_words.days(row.line.starts_on, row.line.ends_on)
        made.append(Bar(row, first, last - first + 1, days, begins.year < year, ends.year > year))
    return sorted(made, key=lambda bar: (bar.row.line.starts_on or date.min, bar.row.line.code))


def sums(found: Sequence[ProjectCount]) -> Sums:
    """Counts brought together, zeros included."""
    cells = {(joint, level): 0 for joint in JOINTS for level in LEVELS}
    by_stage = dict.fromkeys(STAGES, 0)
    for one in found:
        cells[one.joint, one.level] += one.projects
        by_stage[one.stage] += one.projects
    by_joint = {joint: sum(cells[joint, level] for level in LEVELS) for joint in JOINTS}
    by_level = {level: sum(cells[joint, level] for joint in JOINTS) for level in LEVELS}
    return Sums(cells, by_joint, by_level, by_stage, sum(by_level.values()), sum(one.people for one in found))


def spots(found: Sequence[ProjectRow]) -> list[ProjectSpot]:
    """Those with a place, their own or their lead's."""
    return [
        ProjectSpot(
            row.line.lon,
            row.line.lat,
            row.line.joint,
            f"{row.line.name} · {row.joint} · {row.stage}",
            url_for("projects.show", code=row.line.code),
        )
        for row in found
        if row.line.lon is not None and row.line.lat is not None
    ]


def of_unit(session: Session, unit_id: int) -> list[UnitsRow]:
    """The projects that a unit leads or takes part in, those under way first."""
    joints, stages, parts = project_words.joints(), project_words.stages(), project_words.parts()
    return [
        UnitsRow(one.code, one.name, joints[one.joint], stages[one.stage], parts[one.part])
        for one in queries.of_unit(session, unit_id)
    ]
