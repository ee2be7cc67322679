"""Evaluation: every figure is the sum of its records; scores, ranks, weights from a day on, and what was published."""

from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, add_unit, today
from sqlalchemy import select

from geodata.db import session_on
from geodata.errors import NotFound
from geodata.models import (
    SUBJECTS,
    EvaluationRow,
    IndexWeight,
    Meeting,
    MeetingSeat,
    Pledge,
    Project,
    ProjectPartner,
    RegistrationCount,
    Ticket,
)
from geodata.queries import evaluation as queries
from geodata.queries.registrations import SMALL
from geodata.queries.scope import ALL, NOTHING, Scope
from geodata.record_errors import BadValue
from geodata.services import changes, evaluation
from geodata.services.evaluation import Share, evaluate, freeze, indices, ranked, score, set_weights, weights
from geodata.services.imports import import_file
from geodata.services.periods import period

TOWN, OTHER, VILLAGE = "310112101000", "310112102000", "310112101001"
YEAR = period("2026")
IN_MAY = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def unit(session):
    """A unit of the western town's first village."""
    add_areas(session)
    return add_unit(session, "U1", name="医院", town_code=TOWN, village_code=VILLAGE)


def share(session, index, code, kind="unit", of=YEAR):
    found = evaluate(session, kind, of).line(code).shares[index]
    return found.num, found.den


# -- figures and their records -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town_hall(made_up, moment):
    """The small made-up district, as of now, in which every index has something to count."""
    return made_up(now=moment)


@pytest.mark.parametrize(("kind", "index"), [(kind, index) for kind in SUBJECTS for index in indices(kind)])
def test_a_figure_is_the_sum_of_its_records(town_hall, kind, index):
    with session_on(town_hall) as session:
        span = evaluation.span_of(session, period(str(today().year)))
        for code, figure in queries.figures(session, index, kind, span).items():
            records = queries.records(session, index, kind, span, code=code, scope=ALL, limit=10_000)
            assert figure.num == pytest.approx(sum(record.num for record in records))
            assert figure.den == pytest.approx(sum(record.den for record in records))
            assert 0 <= figure.num <= figure.den


def test_tickets_beyond_what_somebody_sees_are_counted_and_not_listed(session, unit):
    for number, town in (("A", TOWN), ("B", OTHER)):
        add_ticket(session, unit, number, town_code=town)
    assert share(session, "in_time", "U1") == (2, 2)
    span = evaluation.span_of(session, YEAR)

    def listed(scope):
        found = queries.records(session, "in_time", "unit", span, code="U1", scope=scope, limit=9)
        return [record.record for record in found]

    assert (listed(Scope(towns=(TOWN,))), listed(NOTHING)) == (["A"], [])


def add_ticket(session, unit, number, **facts):
    told = {"due_at": IN_MAY, "done_at": IN_MAY - timedelta(hours=1), "reported_at": IN_MAY - timedelta(days=1)}
    told |= {"source": "s", "category_code": "0102", "title": "垃圾", "state": "closed", "unit_id": unit.id}
    session.add(Ticket(number=number, **{**told, **facts}))
    session.flush()


def test_what_was_handled_late_or_again_counts_against(session, unit):
    add_ticket(session, unit, "A")
    add_ticket(session, unit, "B", done_at=IN_MAY + timedelta(hours=1), rework_count=1)
    add_ticket(session, unit, "C", is_excused=True, done_at=IN_MAY + timedelta(hours=1))
    add_ticket(session, unit, "D", due_at=datetime(2025, 5, 4, tzinfo=UTC), done_at=datetime(2025, 5, 3, tzinfo=UTC))
    assert share(session, "in_time", "U1") == (1, 2)
    assert share(session, "first_pass", "U1") == (1, 2)


def test_a_project_counts_for_its_lead_and_its_partners(session, unit):
    partner = add_unit(session, "U2")
    for code, stage, ends in (
        ("J1", "done", "2026-05-01"),
        ("J2", "running", "2026-06-01"),
        ("J3", "done", "2025-1-1"),
    ):
        project = Project(
            code=code, name=code, joint="welfare", level="village", area_code=VILLAGE, stage=stage,
            lead_unit_id=unit.id, ends_on=ends,
        )  # fmt: skip
        session.add(project)
        session.flush()
        session.add(ProjectPartner(project_id=project.id, unit_id=partner.id))
    session.flush()
    assert share(session, "projects", "U1") == (1, 2)
    assert share(session, "projects", "U2") == (1, 2)
    assert share(session, "projects", VILLAGE, "village") == (1, 2)
    assert share(session, "projects", TOWN, "town") == (1, 2)


def test_a_unit_that_has_not_been_said_to_come_or_not_is_not_counted(session, unit):
    for number, attended in enumerate((True, False, None)):
        meeting = Meeting(
            code=f"M{number}", name="联席会议", body="joint_conference", level="town", area_code=TOWN, held_at=IN_MAY,
            state="held",
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        session.add(MeetingSeat(meeting_id=meeting.id, unit_id=unit.id, attended=attended))
    session.flush()
    assert share(session, "attendance", "U1") == (1, 2)


def test_pledges_count_while_they_are_in_force(session, unit):
    for code, first, last in (
        ("P1", "2026-01-01", None),
        ("P2", "2020-01-01", "2025-12-31"),
        ("P3", "2027-01-01", None),
    ):
        session.add(
            Pledge(
                code=code, name=code, unit_id=unit.id, valid_from=date.fromisoformat(first),
                valid_to=last and date.fromisoformat(last),
            )
        )  # fmt: skip
    session.flush()
    assert share(session, "pledges", "U1") == (0, 1)


def test_the_newest_counts_up_to_the_period_are_taken(session, unit):
    for of_kind, code, year, total, came in (
        ("unit", "U1", "2024", 10, 1),
        ("unit", "U1", "2025", 10, 8),
        ("unit", "U1", "2027", 10, 10),
        ("village", VILLAGE, "2025", 100, 50),
        ("village", "310112101002", "2025", 100, 100),
    ):
        session.add(
            RegistrationCount(
                of_kind=of_kind, of_code=code, period=year, members_total=total, members_registered=came
            )
        )  # fmt: skip
    session.flush()
    assert share(session, "registration", "U1") == (8, 10)
    assert share(session, "registration", TOWN, "town") == (150, 200)
    session.add(
        RegistrationCount(of_kind="town", of_code=TOWN, period="2026", members_total=300, members_registered=270)
    )
    session.flush()
    assert share(session, "registration", TOWN, "town") == (270, 300)


@pytest.mark.parametrize(
    ("counted", "asked", "share_told"),
    [
        (["2024", "2025-06", "2025-Q3", "2025-12"], "2025", 12),
        (["2024", "2025-06", "2025-Q3", "2025-12"], "2025-Q3", 9),
        (["2024", "2025-06", "2025-12"], "2025-Q2", 6),
        (["2025", "2025-06"], "2025-11", 6),
        (["2024", "2025"], "2025-01", 1),
    ],
)
def test_counts_of_months_quarters_and_years_follow_each_other_by_their_end(session, unit, counted, asked, share_told):
    """Each count registers ten times the month it ends in, that of 2024 ten."""
    end = {"2024": 10, "2025-06": 60, "2025-Q3": 90, "2025": 120, "2025-12": 120}
    for word in counted:
        session.add(
            RegistrationCount(
                of_kind="unit", of_code="U1", period=word, members_total=1000, members_registered=end[word]
            )
        )  # fmt: skip
    session.flush()
    assert share(session, "registration", "U1", of=period(asked)) == (10 * share_told, 1000)


def add_counts(session, kind, code, came, *, total=10, of="2025"):
    session.add(
        RegistrationCount(of_kind=kind, of_code=code, period=of, members_total=total, members_registered=came)
    )  # fmt: skip
    session.flush()


def test_a_count_that_is_hidden_counts_nowhere(session, unit):
    """What the pages of registration hide can be read from no figure here, nor from a town's less the others'."""
    add_counts(session, "unit", "U1", SMALL - 1)
    add_counts(session, "village", VILLAGE, SMALL - 1)
    add_counts(session, "village", "310112101002", SMALL)
    add_counts(session, "town", TOWN, 9, total=20)
    assert share(session, "registration", "U1") == (0, 0)
    assert share(session, "registration", VILLAGE, "village") == (0, 0)
    assert share(session, "registration", "310112101002", "village") == (SMALL, 10)
    assert share(session, "registration", TOWN, "town") == (SMALL, 10)


def test_a_town_has_its_own_counts_of_another_year_than_the_hidden_ones(session, unit):
    add_counts(session, "village", VILLAGE, SMALL - 1, of="2024")
    add_counts(session, "town", TOWN, 9, total=20)
    assert share(session, "registration", TOWN, "town") == (9, 20)


# -- scores and ranks ----------------------------------------------------------------------------------


def test_what_nobody_could_count_weighs_nothing():
    shares = {"a": Share(1, 2), "b": Share(0, 0), "c": Share(3, 4)}
    assert score(shares, {"a": 30, "b": 50, "c": 10}) == pytest.approx(100 * (0.5 * 30 + 0.75 * 10) / 40)
    assert score({"a": Share(0, 0)}, {"a": 10}) is None
    assert score({"a": Share(1, 1)}, {"a": 0}) is None


def test_equal_scores_share_a_rank_and_the_next_is_left_out():
    assert ranked([90.0, None, 95.0, 90.001, 80.0]) == [2, None, 1, 2, 4]


def test_one_happy_figure_ranks_nobody_first(session, unit):
    # weights hold from today on, so the year is today's
    now = datetime.now(UTC)
    year = period(str(today().year))
    just = {"reported_at": now - timedelta(seconds=3), "done_at": now - timedelta(seconds=2)}
    add_ticket(session, unit, "A", due_at=now - timedelta(seconds=1), **just)
    line = evaluate(session, "unit", year).line("U1")
    assert (line.score, line.rank) == (100, None)
    set_weights(session, "unit", {"in_time": 500}, actor="centre")
    assert evaluate(session, "unit", year).line("U1").rank == 1


def test_a_period_that_is_not_over_reaches_to_now(session):
    add_areas(session)
    span = evaluation.span_of(session, period(str(today().year)))
    assert span.by <= datetime.now(UTC)
    assert span.until == date(today().year + 1, 1, 1)


# -- weights -------------------------------------------------------------------------------------------


def test_weights_hold_from_today_on_and_the_past_keeps_its_own(session, unit):
    set_weights(session, "unit", {"in_time": 40, "pledges": 0}, actor="centre")
    set_weights(session, "unit", {"in_time": 41}, actor="centre")
    assert weights(session, "unit", today())["in_time"] == 41
    assert weights(session, "unit", today() - timedelta(days=1))["in_time"] == 25
    kept = session.scalars(select(IndexWeight).where(IndexWeight.index == "in_time", IndexWeight.subject == "unit"))
    assert sorted((row.weight, row.valid_to) for row in kept) == [(25, today()), (41, None)]
    assert changes.latest(session, ["weights"], limit=1)[0].report["after"]["in_time"] == 41


@pytest.mark.parametrize("told", [{"in_time": -1}, {"in_time": 1e9}, {"nothing": 1}, {"in_time": float("nan")}])
def test_weights_that_cannot_be_are_refused(session, told):
    with pytest.raises(BadValue):
        set_weights(session, "unit", told, actor="centre")


def test_at_least_one_index_weighs_something(session):
    with pytest.raises(BadValue):
        set_weights(session, "unit", dict.fromkeys(indices("unit"), 0), actor="centre")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("单位,覆盖率,10", "no such index of a unit"),
        ("单位,按期处置,-1", "from 0"),
        ("区,按期处置,1", "must be one of"),
    ],
)
def test_bad_rows_of_weights_are_told(session, tmp_path, row, reason):
    path = tmp_path / "w.csv"
    path.write_text(f"评价对象,指标,权重\n{row}\n", encoding="utf-8")
    assert reason in import_file(session, "weights", path).problems[0].reason


# -- published -----------------------------------------------------------------------------------------


def test_what_was_published_stays(session, unit):
    add_ticket(session, unit, "A", due_at=datetime(2025, 5, 4, tzinfo=UTC), done_at=datetime(2025, 5, 3, tzinfo=UTC))
    run = freeze(session, "unit", period("2025"), actor="centre")
    add_ticket(session, unit, "B", due_at=datetime(2025, 5, 4, tzinfo=UTC), done_at=datetime(2025, 5, 5, tzinfo=UTC))
    found, row, _count = evaluation.published(session, run.id, "U1")
    assert (row.figures["in_time"], row.score, found.weights["in_time"]) == ([1, 1], 100, 25)
    assert share(session, "in_time", "U1", of=period("2025")) == (1, 2)
    assert session.query(EvaluationRow).filter_by(run_id=run.id).count() == 1


def test_nothing_is_published_before_it_is_over(session):
    with pytest.raises(BadValue):
        freeze(session, "unit", period(str(today().year)), actor="centre")


def test_what_was_not_published_is_not_found(session):
    with pytest.raises(NotFound):
        evaluation.published(session, 999, "U1")
    with pytest.raises(NotFound):
        evaluate(session, "planet", YEAR)


def test_a_trend_ends_with_the_period_itself(session, unit):
    add_ticket(session, unit, "A")
    assert evaluation.trend(session, "unit", "U1", YEAR) == [None, None, None, 100]
