import pytest
from sqlalchemy import update

from geodata.models import Installation
from geodata.services import masks

CELL = "310112101001001"


def test_codes_of_this_districts_cells_are_nobodys_papers(session):
    text = f"网格{CELL}，身份证130102900131123，电话13812345678"
    assert masks.masked(session, text) == f"网格{CELL}，身份证1301*******1123，电话138****5678"
    assert masks.told(session, f"网格{CELL}", "无") == frozenset()
    assert masks.told(session, CELL, "13812345678", "沪A12345") == {"telephone", "plate"}


@pytest.mark.parametrize(
    ("pattern", "code", "shown"),
    [
        pytest.param("{district:6}{town:3}{village:3}{cell:3}", CELL, True, id="a cell"),
        pytest.param("{district:6}{town:3}{village:3}{cell:3}", f"{CELL[:12]}00001", True, id="a provisional cell"),
        pytest.param("{district:6}{town:3}{village:3}{cell:3}", "440112101001001", False, id="another district's"),
        pytest.param("{town:1}{village:2}{cell:4}", CELL, False, id="a pattern without the district"),
    ],
)
def test_the_pattern_of_the_district_says_what_a_code_is(session, pattern, code, shown):
    session.execute(update(Installation).values(code_pattern=pattern))
    session.expire_all()
    assert bool(masks.own_codes(session).fullmatch(code)) == shown
