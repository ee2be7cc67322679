"""The pages of double registration: who reads which count, and who writes one down."""

import re

import pytest
from makers import add_areas, add_unit

from geodata.models import RegistrationCount
from geodata.services.registrations import set_counts

TOWN, OTHER = "310112101000", "310112102000"
VILLAGE, NEXT, FAR = "310112101001", "310112101002", "310112102001"
PASSWORD = "a long password"


@pytest.fixture
def counted(records):
    """A district with a small count in the western town and a large one in each."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", name="医院", town_code=TOWN, village_code=VILLAGE)
        for code, total, came in ((VILLAGE, 4, 3), (NEXT, 120, 90), (FAR, 200, 150)):
            set_counts(
                session, "village", code, "2015", {"members_total": total, "members_registered": came}, actor="x"
            )
        set_counts(session, "unit", "U1", "2015", {"members_total": 3, "members_registered": 2}, actor="x")


@pytest.fixture
def browse(signed_in):
    """A function from `west` or `east` to a browser of that town's office."""
    return lambda side: signed_in("town_office", area_code={"west": TOWN, "east": OTHER}[side])


def row(page, name):
    """The cells of the row of that name."""
    found = re.search(rf"<tr><th scope=\"row\"[^>]*>(?:<a[^>]*>)?{name}.*?</tr>", page, re.S)
    return [re.sub(r"<[^>]*>|\s+", " ", cell).strip() for cell in re.findall(r"<td.*?</td>", found[0], re.S)]


def test_an_office_reads_the_small_counts_of_its_own_town(browse, counted):
    assert row(browse("west").get("/registrations").text, "一村")[1:3] == ["4", "3"]


def test_another_office_reads_that_they_are_small_and_no_sum_gives_them_away(browse, counted):
    page = browse("east").get("/registrations").text
    assert row(page, "一村")[1:3] == ["&lt;5", "&lt;5"]
    assert row(page, "医院")[1:3] == ["&lt;5", "&lt;5"]
    assert row(page, "西镇")[0] == "≥120"
    assert "≥320" in page
    assert not re.search(r">\s*324\s*<", page)
    # nor does the list of changes
    assert VILLAGE not in page[page.index("人工修改记录") :]


def test_who_has_not_signed_in_reads_none(client, counted):
    assert client.get("/registrations").status_code == 401


def test_a_district_without_counts_says_so(signed_in, records):
    with records() as session:
        add_areas(session)
    assert "还没有报到数据" in signed_in("town_office").get("/registrations").text


@pytest.mark.parametrize("query", ["period=2031", "town=999", "of=x", "period="])
def test_what_cannot_be_asked_is_refused_or_the_newest(signed_in, counted, query):
    assert signed_in("district").get(f"/registrations?{query}").status_code == (200 if query == "period=" else 400)


def test_an_office_writes_down_counts_of_its_own_town(browse, records, counted):
    form = {"of_kind": "village", "of_code": NEXT, "period": "2016-Q1", "members_total": "9", "members_registered": "7"}
    office = browse("west")
    assert office.post("/registrations/edit", data=form).location.endswith("period=2016-Q1")
    with records() as session:
        made = session.query(RegistrationCount).filter_by(period="2016-Q1").one()
        assert (made.members_total, made.members_registered, made.units_registered) == (9, 7, None)
    assert f"修改 {NEXT} 2016-Q1" in " ".join(office.get("/registrations?period=2015").text.split())


@pytest.mark.parametrize(
    "of", [("village", FAR), ("town", OTHER), ("district", "310112")], ids=["its village", "its town", "the district"]
)
def test_but_of_no_other(browse, records, counted, of):
    form = {"of_kind": of[0], "of_code": of[1], "period": "2016", "members_total": "9"}
    assert browse("west").post("/registrations/edit", data=form).status_code == 403
    with records() as session:
        assert session.query(RegistrationCount).filter_by(period="2016").count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"members_registered": "10"}, "members_registered"),
        ({"members_total": "-1"}, "members_total"),
        ({"members_total": "九"}, "members_total"),
        ({"period": "2016-W02"}, "period"),
        ({"period": ""}, "period"),
    ],
)
def test_a_refused_form_comes_back_as_it_was_typed(browse, counted, changed, field):
    form = {"of_kind": "village", "of_code": NEXT, "period": "2016", "members_total": "9"} | changed
    answer = browse("west").post("/registrations/edit", data=form)
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text
    assert f'value="{NEXT}"' in answer.text


def test_the_sheet_holds_the_office_s_own_rows(browse, counted):
    answer = browse("west").get("/export/sheets/registrations.csv")
    assert answer.status_code == 200, answer.text
    mine = answer.text
    assert (VILLAGE in mine, FAR in mine, "U1" in mine) == (True, False, True)
