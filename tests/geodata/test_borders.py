"""Where a place belongs that lies near a border, and what is written down of it."""

from datetime import UTC, date, datetime

import pytest
from makers import add_areas, at
from sqlalchemy import select

from geodata.errors import MoveRefused
from geodata.models import DutyGrid, DutyGridCell, GridCell
from geodata.services.borders import rulings
from geodata.services.grids import make_grid
from geodata.services.history import events
from geodata.services.moves import move_ticket
from geodata.services.placing import move_place, pin
from geodata.services.stamps import check_stamps
from geodata.services.tickets import Position, open_ticket

WEST, EAST = "310112101000", "310112102000"
FIRST, SECOND = "310112101001", "310112101002"
# a ten-thousandth of a hundredth of a degree is about a centimetre
TEN_METRES = 0.0105


def ruled(session, east, north=1.0):
    lon, lat = at(east, north)
    return [
        (one.level, one.rule, one.chosen, [side.code for side in one.sides])
        for one in rulings(session, lon=lon, lat=lat, day=date(2026, 3, 10))
    ]


@pytest.mark.parametrize(
    ("east", "said"),
    [
        pytest.param(0.5, [], id="far from any border"),
        pytest.param(1 - TEN_METRES, [("village", "holds", FIRST, [FIRST, SECOND])], id="ten metres west of a line"),
        pytest.param(1 + TEN_METRES, [("village", "holds", SECOND, [SECOND, FIRST])], id="ten metres east of it"),
        pytest.param(1.0, [("village", "line", FIRST, [FIRST, SECOND])], id="on the line: the lower code"),
        pytest.param(2 + TEN_METRES, [("town", "holds", EAST, [EAST, WEST])], id="between towns"),
    ],
)
def test_both_sides_of_a_border_are_told_and_a_fixed_rule_decides(session, east, said):
    add_areas(session)
    assert ruled(session, east) == said


def test_the_ruling_is_written_into_the_history(session):
    add_areas(session)
    made = open_ticket(
        session, category="0102", title="x", actor="officer", position=Position(*at(1 - TEN_METRES, 1), "wgs84")
    )
    ruling = events(session, made)[0].facts["borders"][0]
    assert (ruling["chosen"], ruling["rule"], made.village_code) == (FIRST, "holds", FIRST)
    assert [side["metres"] for side in ruling["sides"]] == pytest.approx([10, 10], abs=0.5)


@pytest.fixture
def posts(session):
    """Cells of 500 m, and a post for those of each village."""
    add_areas(session)
    make_grid(session, size_m=500.0)
    for code in (FIRST, SECOND):
        grid = DutyGrid(scheme="responsibility", code=f"{code}D1", name="一", town_code=WEST)
        session.add(grid)
        session.flush()
        cells = session.scalars(select(GridCell.code).where(GridCell.village_code == code))
        session.add_all(DutyGridCell(duty_grid_id=grid.id, cell_code=cell) for cell in cells)
    session.flush()
    return session


def pinned(session, east, north):
    lon, lat = at(east, north)
    return pin(session, lon=lon, lat=lat, datum="wgs84")


def test_a_ticket_that_is_moved_is_stamped_anew_and_keeps_where_it_was(posts):
    made = open_ticket(posts, category="0102", title="x", actor="a", position=Position(*at(0.5, 1), "wgs84"))
    assert made.duty_grid_code == f"{FIRST}D1"
    move_place(posts, made.number, pinned(posts, 1.5, 1), actor="town", role="town_office")
    assert (made.village_code, made.duty_grid_code) == (SECOND, f"{SECOND}D1")
    facts = events(posts, made)[-1].facts
    assert (facts["before"]["village_code"], facts["after"]["village_code"]) == (FIRST, SECOND)
    assert check_stamps(posts) == []


def test_an_ended_ticket_stays_where_it_is(posts):
    made = open_ticket(posts, category="0102", title="x", actor="a", position=Position(*at(0.5, 1), "wgs84"))
    move_ticket(posts, made.number, "cancel", actor="town", role="town_office", reason="x")
    with pytest.raises(MoveRefused):
        move_place(posts, made.number, pinned(posts, 1.5, 1), actor="town", role="town_office")


def test_a_wrong_post_is_noticed(posts):
    made = open_ticket(posts, category="0102", title="x", actor="a", position=Position(*at(0.5, 1), "wgs84"))
    made.duty_grid_code = "other"
    assert [(one.column, one.stored, one.found) for one in check_stamps(posts)] == [
        ("duty_grid_code", "other", f"{FIRST}D1")
    ]


def test_posts_keep_their_ground_when_the_grid_is_cut_again(posts):
    made = open_ticket(
        posts,
        category="0102",
        title="x",
        actor="a",
        position=Position(*at(0.5, 1), "wgs84"),
        reported_at=datetime(2026, 3, 10, tzinfo=UTC),
    )
    old = made.cell_code
    make_grid(posts, size_m=250.0)
    posts.refresh(made)
    assert made.cell_code == old
    assert made.duty_grid_code == f"{FIRST}D1"
    held = posts.scalars(
        select(GridCell.village_code)
        .join(DutyGridCell, DutyGridCell.cell_code == GridCell.code)
        .join(DutyGrid, DutyGrid.id == DutyGridCell.duty_grid_id)
        .where(DutyGrid.code == f"{FIRST}D1", GridCell.valid_to.is_(None))
    ).all()
    assert set(held) == {FIRST}
    assert len(held) > 30
    assert check_stamps(posts) == []
