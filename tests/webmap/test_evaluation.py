"""The pages of evaluation: who reads which figures, the records behind them, weights and certificates."""

import pytest
from makers import add_areas, add_unit

from geodata.models import EvaluationRun, MemberUnit, RegistrationCount
from geodata.services.evaluation import freeze
from geodata.services.periods import period

TOWN, OTHER, VILLAGE = "310112101000", "310112102000", "310112101001"


@pytest.fixture
def counted(records):
    """A unit of each town with counts, and the year before last published."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", name="医院", town_code=TOWN, village_code=VILLAGE)
        add_unit(session, "U2", name="工厂", town_code=OTHER)
        for code, came in (("U1", 30), ("U2", 20)):
            session.add(
                RegistrationCount(
                    of_kind="unit", of_code=code, period="2024", members_total=40, members_registered=came
                )
            )  # fmt: skip
        session.flush()
        return freeze(session, "unit", period("2024"), actor="centre").id


def test_the_centre_reads_all_figures(signed_in, counted):
    page = signed_in("district").get("/evaluation?of=unit&period=2024").text
    assert page.count("30/40") == 1
    assert page.count("20/40") == 1
    assert "/evaluation/unit/U2" in page


def test_an_office_reads_the_scores_of_all_and_the_figures_of_its_own(signed_in, counted):
    page = signed_in("town_office", area_code=TOWN).get("/evaluation?of=unit&period=2024").text
    assert "50.0" in page
    assert ("30/40" in page, "20/40" in page) == (True, False)
    assert "/evaluation/unit/U2" not in page


def test_the_ranking_leaves_as_a_sheet_with_the_figures_that_its_reader_may_open(signed_in, counted):
    centre = signed_in("district").get("/evaluation/unit.csv?period=2024", headers={"Accept-Language": "en"})
    assert centre.mimetype == "text/csv"
    (_head, *rows) = centre.data.decode("utf-8-sig").splitlines()
    assert [row.split(",")[:5] for row in rows] == [
        ["", "U1", "医院", "西镇", "75.0"],
        ["", "U2", "工厂", "东镇", "50.0"],
    ]
    assert [row for row in rows if "40.0" not in row] == []
    office = signed_in("town_office", area_code=TOWN).get("/evaluation/unit.csv?period=2024").text.splitlines()
    assert [("75.0" in row or "50.0" in row, "40.0" in row) for row in office[1:]] == [
        (True, True),
        (True, False),
    ]


@pytest.mark.parametrize(("code", "status"), [("U1", 200), ("U2", 403), ("NONE", 404)])
def test_an_office_opens_its_own_units_alone(signed_in, counted, code, status):
    office = signed_in("town_office", area_code=TOWN)
    assert office.get(f"/evaluation/unit/{code}?period=2024").status_code == status


def test_a_figure_opens_its_records(signed_in, counted):
    page = signed_in("district").get("/evaluation/unit/U1?period=2024").text
    assert "30 ÷ 40" in page
    assert 'href="/registrations"' in page
    assert "75.0 %" in page


@pytest.mark.parametrize("query", ["of=planet", "period=never", "town=999", "x=1"])
def test_what_cannot_be_asked_is_refused(signed_in, counted, query):
    assert signed_in("district").get(f"/evaluation?{query}").status_code == 400


@pytest.mark.parametrize("kind", ["unit", "village", "town"])
def test_each_kind_has_its_ranking_and_its_weights(signed_in, counted, kind):
    centre = signed_in("district")
    assert centre.get(f"/evaluation?of={kind}").status_code == 200
    assert centre.get(f"/evaluation/weights?of={kind}").status_code == 200


def test_weights_are_changed_by_the_centre(signed_in, counted):
    centre = signed_in("district")
    form = {"of": "unit", "in_time": "0", "registration": "100"}
    assert centre.post("/evaluation/weights", data=form).status_code == 302
    assert 'value="100"' in centre.get("/evaluation/weights?of=unit").text


@pytest.mark.parametrize("weight", ["-1", "many", "1e9", "nan"])
def test_a_weight_that_cannot_be_comes_back_with_the_form(signed_in, counted, weight):
    answer = signed_in("district").post("/evaluation/weights", data={"of": "unit", "in_time": weight})
    assert answer.status_code == 422
    assert 'id="wrong-in_time"' in answer.text


def test_a_certificate_shows_what_was_published(signed_in, counted):
    page = signed_in("viewer").get(f"/evaluation/published/{counted}/U1").text
    assert "医院" in page
    assert "30 / 40" in page


def test_a_certificate_is_read_by_whoever_reads_the_figures(signed_in, counted):
    office = signed_in("town_office", area_code=TOWN)
    assert office.get(f"/evaluation/published/{counted}/U1").status_code == 200
    assert office.get(f"/evaluation/published/{counted}/U2").status_code == 403


def test_a_certificate_of_a_unit_that_is_gone_stays_with_the_centre(signed_in, records, counted):
    with records() as session:
        session.query(MemberUnit).filter_by(code="U1").one().is_active = False
    assert signed_in("district").get(f"/evaluation/published/{counted}/U1").status_code == 200
    assert signed_in("town_office", area_code=TOWN).get(f"/evaluation/published/{counted}/U1").status_code == 403


def test_a_year_that_is_over_is_published_and_one_that_runs_is_not(signed_in, records, counted):
    centre = signed_in("district")
    assert centre.post("/evaluation/publish", data={"of": "town", "period": "2023"}).status_code == 302
    assert centre.post("/evaluation/publish", data={"of": "town", "period": "2199"}).status_code == 422
    assert centre.post("/evaluation/publish", data={"of": "planet", "period": "2023"}).status_code == 404
    with records() as session:
        assert [run.period for run in session.query(EvaluationRun).filter_by(subject="town")] == ["2023"]


def test_each_published_line_has_its_certificate_and_what_was_not_counted_has_none(signed_in, records, counted):
    with records() as session:
        add_unit(session, "U3", name="空单位", town_code=TOWN)
        session.flush()
        run = freeze(session, "unit", period("2024"), actor="centre").id
    reader = signed_in("viewer")
    assert f'href="/evaluation/published/{run}"' in reader.get("/evaluation?of=unit&period=2024").text
    page = reader.get(f"/evaluation/published/{run}").text
    assert [code for code in ("U1", "U2", "U3") if f'href="/evaluation/published/{run}/{code}"' in page] == ["U1", "U2"]
    # the best first
    assert page.index("医院") < page.index("工厂") < page.index("空单位")
    assert "20 / 40" in reader.get(f"/evaluation/published/{run}/U2").text
    assert reader.get(f"/evaluation/published/{run}/U3").status_code == 404
    assert reader.get("/evaluation/published/999999").status_code == 404
    own = signed_in("district").get("/evaluation/unit/U2?period=2024").text
    assert all(f'href="/evaluation/published/{one}/U2"' in own for one in (counted, run))
