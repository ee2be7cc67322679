"""What follows from areas and cells that are changed one by one: their days, the stamps, the ground of others."""

import json

from editing import FIRST, SECOND, WEST_TOWN, box, feature, fill
from makers import at, today
from sqlalchemy import select, text

from geodata.models import Area, CellSuccession, DutyGrid, DutyGridCell, ImportRun, Ticket
from geodata.models.base import OPEN_START
from geodata.services.stamps import check_stamps

FILLED_BY = {"filled_ground": fill}


# --- what follows --------------------------------------------------------------------------------------


def codes(records, column="village_code"):
    with records() as session:
        rows = session.execute(select(Ticket.number, getattr(Ticket, column)).order_by(Ticket.number))
        return dict(rows.all())


def test_a_border_moves_in_two_steps_and_tickets_of_the_past_keep_their_village(send, records):
    assert codes(records) == {"OLD": FIRST, "NEW": FIRST, "FAR": SECOND}
    grown = send("PATCH", f"villages/items/{SECOND}", {"geometry": box(0.8, 0, 2, 2)})
    assert grown.status_code == 422
    assert FIRST in json.loads(grown.text)["detail"]
    shrunk = send("PATCH", f"villages/items/{FIRST}", {"geometry": box(0, 0, 0.8, 2)})
    assert shrunk.status_code == 200
    assert "nobody's now" in json.loads(shrunk.text)["warnings"][0]
    assert codes(records) == {"OLD": FIRST, "NEW": None, "FAR": SECOND}
    grown = send("PATCH", f"villages/items/{SECOND}", {"geometry": box(0.8, 0, 2, 2)})
    assert grown.status_code == 200
    assert "warnings" not in json.loads(grown.text)
    assert codes(records) == {"OLD": FIRST, "NEW": SECOND, "FAR": SECOND}
    with records() as session:
        assert check_stamps(session) == []
        rows = session.scalars(select(Area).where(Area.level == "village").order_by(Area.code, Area.valid_from)).all()
        spans = [(row.code, row.valid_from, row.valid_to) for row in rows]
        assert spans == [
            span
            for code in (FIRST, SECOND, "310112102001")
            for span in ((code, OPEN_START, today()), (code, today(), None))
        ]


def test_the_name_of_last_year_stays_that_of_last_year(send, records):
    assert send("PATCH", f"villages/items/{FIRST}", {"properties": {"name": "新名村"}}).status_code == 200
    with records() as session:
        rows = session.scalars(select(Area).where(Area.code == FIRST).order_by(Area.valid_from)).all()
        assert [row.name for row in rows] == ["一村", "新名村"]
        run = session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
        assert (run.kind, run.actor, run.report["before"]["name"], run.report["after"]["name"]) == (
            "areas",
            "planner",
            "一村",
            "新名村",
        )


def test_a_town_is_not_drawn_over_another_nor_away_from_its_villages(send):
    path = f"towns/items/{WEST_TOWN}"
    assert "common" in send("PATCH", path, {"geometry": box(0, 0, 2.1, 2)}).text
    left = send("PATCH", path, {"geometry": box(0, 0, 1.5, 2)})
    assert left.status_code == 422
    assert SECOND in json.loads(left.text)["detail"]


def test_the_district_follows_towns_that_it_was_derived_from(send, records):
    with records() as session:
        session.execute(text("UPDATE area SET origin = 'derived' WHERE level = 'district'"))
    assert send("POST", "towns/items", feature(box(4, 0, 5, 2), code="310112103000", name="南镇")).status_code == 201
    lon, lat = at(4.5, 1)
    with records() as session:
        inside = "SELECT ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) FROM area WHERE level = 'district'"
        assert session.scalar(text(inside), {"lon": lon, "lat": lat})


def test_the_outline_of_an_area_that_is_used_is_not_taken_away(send):
    assert send("PATCH", f"villages/items/{FIRST}", {"geometry": None}).status_code == 409


def test_a_cell_that_is_drawn_anew_hands_its_ground_on(send, records):
    with records() as session:
        grid = DutyGrid(scheme="责任网格", code="D1", name="一格", town_code=WEST_TOWN)
        session.add(grid)
        session.flush()
        session.add(DutyGridCell(duty_grid_id=grid.id, cell_code=f"{FIRST}002"))
        session.execute(
            text("UPDATE ticket SET duty_grid_code = 'D1' WHERE cell_code = :code"), {"code": f"{FIRST}002"}
        )
    one, two = f"grid_cells/items/{FIRST}001", f"grid_cells/items/{FIRST}002"
    assert codes(records, "cell_code") == {"OLD": f"{FIRST}002", "NEW": f"{FIRST}002", "FAR": None}
    assert send("PATCH", two, {"geometry": box(0.95, 0, 1, 2)}).status_code == 200
    assert send("PATCH", one, {"geometry": box(0, 0, 0.95, 2)}).status_code == 200
    assert codes(records, "cell_code") == {"OLD": f"{FIRST}002", "NEW": f"{FIRST}001", "FAR": None}
    with records() as session:
        assert check_stamps(session) == []
        rows = session.execute(
            select(CellSuccession.old_code, CellSuccession.new_code, CellSuccession.share).order_by(
                CellSuccession.old_code, CellSuccession.new_code
            )
        ).all()
        assert [(old[-3:], new[-3:], round(share, 3)) for old, new, share in rows] == [
            ("001", "001", 1.0),
            ("002", "001", 0.9),
            ("002", "002", 0.1),
        ]


def test_a_cell_without_anything_in_it_is_removed(send, records):
    assert send("POST", "grid_cells/items", feature(box(1, 0, 1.2, 2), code=f"{SECOND}001")).status_code == 201
    assert send("DELETE", f"grid_cells/items/{SECOND}001").status_code == 204
    assert send("GET", f"grid_cells/items/{SECOND}001").status_code == 404
