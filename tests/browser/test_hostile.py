"""Names are text wherever they come from: nothing that somebody typed ever runs."""

import pytest
from makers import SOUTH, WEST, add_areas, add_block, add_point, add_unit
from sqlalchemy import text

from geodata.models import Category, DutyGrid, DutyGridCell, GridCell, MemberUnit, ResponsibilityPoint
from geodata.services.coverage import coverage
from geodata.services.grids import make_grid
from geodata.services.stamps import stamp
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user
from webmap.maps.layers import LAYERS

STRINGS = {
    "img": "<img src=x onerror=\"window.__pwned='img'\">",
    "tick": "`);window.__pwned='tick';(`",
    "dollar": "${window.__pwned='dollar'}",
    "script": "</script><script>window.__pwned='script'</script>",
    "svg": '"><svg onload="window.__pwned=\'svg\'">',
    "link": "javascript:window.__pwned='link'",
    "jinja": "{{ 7 * 7 }}{% raw %}",
}


EVERYTHING = [layer.collection for layer in LAYERS]


@pytest.fixture(scope="module")
def hostile(serve, clone):
    """A site where each text column holds all of the strings at once."""
    engine = clone()
    where = serve(engine)
    bad = " ".join(STRINGS.values())
    with where.records() as session:
        add_areas(session)
        session.execute(text("UPDATE area SET name = :bad"), {"bad": bad})
        session.execute(text("UPDATE installation SET name = :bad"), {"bad": bad})
        session.execute(text("UPDATE unit_kind SET name_zh = :bad WHERE code = 'market'"), {"bad": bad})
        session.execute(text("UPDATE category SET name_zh = :bad, major_zh = :bad WHERE code = '0101'"), {"bad": bad})
        unit = add_unit(
            session, "U1", 0.5, 0.5, name=bad, kind="market", address=bad, liaison_role=bad, liaison_phone=bad
        )
        add_block(session, "B1", 0, 0, 1, 1, unit).name = bad
        add_point(session, "P1", 0.5, 0.5, unit, kind=bad, radius_m=500).name = bad
        stamp(session, MemberUnit)
        stamp(session, ResponsibilityPoint)
        make_grid(session, size_m=500)
        cells = session.query(GridCell).all()
        grid = DutyGrid(scheme=bad, code="D1", name=bad, post=bad, geom=cells[0].geom)
        session.add(grid)
        session.flush()
        session.add_all(DutyGridCell(duty_grid_id=grid.id, cell_code=cell.code) for cell in cells)
        coverage(session, radius_m=300, publish=True)
        category = session.get(Category, "0101")
        place = Position(WEST + 0.005, SOUTH + 0.005, "wgs84")
        open_ticket(session, category=category.code, title=bad, description=bad, address=bad, actor=bad, position=place)
        add_user(session, "district", password="district-demo", role="district")
    return where


def test_no_name_ever_runs(visit, hostile):
    with hostile.records() as session:
        number = session.connection().exec_driver_sql("SELECT number FROM ticket").scalar_one()
    seen = visit("district", at=hostile)
    place = f"lon={WEST + 0.005}&lat={SOUTH + 0.005}"
    paths = [
        f"/#view=15/{SOUTH + 0.005}/{WEST + 0.005}&at={WEST + 0.005},{SOUTH + 0.005}&on={','.join(EVERYTHING)}",
        *("/units", "/units/U1", "/tickets", f"/tickets/{number}", "/coverage", f"/where?{place}", "/login"),
    ]
    for path in paths:
        page = seen.open(path)
        if path.startswith("/#"):
            page.locator("#card .facts").wait_for()
        assert page.evaluate("window.__pwned") is None, path
        assert page.evaluate("document.querySelectorAll('img[src=x], svg[onload]').length") == 0, path
    assert (seen.foreign, seen.violations) == ([], [])
    assert [said for said in seen.complaints if "status of" not in said] == []


@pytest.mark.parametrize("name", list(STRINGS))
def test_the_names_stand_as_text(visit, hostile, name):
    page = visit("district", at=hostile).open("/units/U1")
    assert STRINGS[name] in page.locator("h1").inner_text()


def test_the_card_shows_the_names_as_text(visit, hostile):
    page = visit("district", at=hostile).open(f"/#at={WEST + 0.005},{SOUTH + 0.005}")
    page.locator("#card .facts").wait_for()
    card = page.locator("#card").inner_text()
    assert all(string in card for string in STRINGS.values())


def test_what_is_asked_in_the_address_is_never_written_into_the_page(visit):
    seen = visit()
    for path in ("/units?kind=<img src=x onerror=window.__pwned=1>", "/coverage?radius=</script><svg onload=alert(1)>"):
        page = seen.open(path)
        assert page.evaluate("window.__pwned") is None
        assert page.evaluate("document.querySelectorAll('img, svg[onload]').length") == 0
