import io
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from PIL import Image
from sqlalchemy import func, select, update

from geodata.errors import BadSetting, MoveRefused, NotFound, SourceKnown
from geodata.models import Category, Ticket
from geodata.queries.scope import ALL
from geodata.services import reports
from geodata.services.grids import make_grid
from geodata.services.history import events
from geodata.services.moves import move_ticket
from geodata.services.photos import clean_photos, photos_of
from geodata.services.reports import Telling
from geodata.services.tickets import Position, open_ticket


@pytest.fixture
def town(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code="310112101000")
    return session


def told(east=0.5, north=1.0, **facts):
    position = facts.pop("position", None) or Position(*at(east, north), "wgs84", **facts.pop("how", {}))
    return Telling(position, **{"category": "0102", "title": "路边垃圾", "actor": "officer", **facts})


def photo(kind="report", colour="red"):
    written = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(written, "PNG")
    return clean_photos([(kind, written.getvalue())])[0]


def test_a_report_is_stored_with_its_photos_and_given_to_a_unit(town):
    made = reports.report(town, told(), photos=[photo(), photo(colour="blue")])
    assert (made.state, made.unit_id is not None, made.reported_by) == ("dispatched", True, "officer")
    first, *_ = events(town, made)
    assert [one.seq for one in photos_of(town, made)] == [1, 1]
    assert first.facts["photo_sha256"] == [photo().picture.sha256, photo(colour="blue").picture.sha256]


def test_what_is_found_and_put_right_at_once_is_done(town):
    given = [photo("before"), photo("after", "green")]
    made = reports.report_handled(town, told(), role="officer", photos=given)
    assert (made.state, made.is_self_handled, made.unit_id) == ("done", True, None)
    report, handled = events(town, made)
    assert (report.action, handled.action, handled.facts["photos"]) == ("report", "self_handle", ["before", "after"])
    assert handled.facts["photo_sha256"] == [one.picture.sha256 for one in given]
    assert [(one.seq, one.kind) for one in photos_of(town, made)] == [(2, "before"), (2, "after")]
    # four eyes: who did it does not find it well done
    with pytest.raises(MoveRefused, match="somebody else"):
        move_ticket(town, made.number, "close", actor="officer", role="officer")
    assert move_ticket(town, made.number, "close", actor="other", role="officer").state == "closed"


def test_without_both_photos_nothing_was_put_right(town):
    with pytest.raises(MoveRefused) as refused:
        reports.report_handled(town, told(), role="officer", photos=[photo("before")])
    assert refused.value.word == "both_photos"


def test_another_datum_is_kept_and_its_place_is_judged(town):
    lon, lat = at(0.5, 1.0)
    made = reports.report(town, told(position=Position(lon, lat, "gcj02")))
    assert (made.raw_x, made.raw_y, made.datum) == (lon, lat, "gcj02")
    assert 0.003 < abs(reports.lon_lat(town, Position(lon, lat, "gcj02"))[0] - lon) < 0.006
    # inside as it was written, but not where it is
    west = Position(*at(0.001, 1.0), "gcj02")
    with pytest.raises(BadSetting, match="in the district"):
        reports.report(town, told(position=west))


@pytest.mark.parametrize(("how", "what"), [({"accuracy_m": 101.0}, "accuracy_m"), ({}, "place")])
def test_a_place_that_is_badly_known_or_outside_is_refused(town, how, what):
    with pytest.raises(BadSetting, match=what):
        reports.report(town, told(how=how, east=0.5 if how else 9.0))
    assert town.scalar(select(func.count()).select_from(Ticket)) == 0


def test_the_same_number_of_a_source_is_one_ticket(town):
    made = reports.report(town, told(source="hotline", source_ref="SH-1"))
    with pytest.raises(SourceKnown) as known:
        reports.report(town, told(source="hotline", source_ref="SH-1"))
    assert known.value.number == made.number
    assert reports.report(town, told(source="media", source_ref="SH-1")).number != made.number


def test_who_looked_before_it_was_written_down_is_told_all_the_same(town, monkeypatch):
    made = reports.report(town, told(source="hotline", source_ref="SH-1"))
    monkeypatch.setattr(reports, "_check", lambda *_: None)
    with pytest.raises(SourceKnown, match=made.number):
        reports.report(town, told(source="hotline", source_ref="SH-1"))
    assert town.scalar(select(func.count()).select_from(Ticket)) == 1


@pytest.mark.parametrize(
    ("accuracy_m", "east", "level"),
    [
        pytest.param(12, 0.5, "sure", id="well within the cell"),
        pytest.param(60, 0.5, "neighbour", id="may lie in the next cell"),
        pytest.param(99, 0.5, "neighbour", id="just good enough"),
        pytest.param(101, 0.5, "refused", id="too bad to report"),
    ],
)
def test_a_position_is_compared_with_its_cell(town, accuracy_m, east, level):
    make_grid(town, size_m=100)
    lon, lat = at(east, 1.0)
    found = reports.exactness(town, lon=lon, lat=lat, accuracy_m=accuracy_m)
    assert (found.level, found.wide_m) == (level, 100)


def test_a_position_worse_than_a_small_cell_is_said_to_be(town):
    make_grid(town, size_m=50)
    lon, lat = at(0.5, 1.0)
    assert reports.exactness(town, lon=lon, lat=lat, accuracy_m=51).level == "coarse"
    assert reports.exactness(town, lon=lon, lat=lat, accuracy_m=3).wide_m == 50


def test_without_cells_a_position_is_as_good_as_it_is(town):
    lon, lat = at(0.5, 1.0)
    assert reports.exactness(town, lon=lon, lat=lat, accuracy_m=50) == ("sure", 50, None)


def test_how_near_and_how_late_is_the_categorys_own_rule(town):
    town.execute(update(Category).where(Category.code == "0301").values(similar_m=300, similar_days=1))
    now = datetime.now(UTC)
    lon, lat = at(0.5, 1.0)
    for category in ("0102", "0301"):
        for metres, days in ((40, 2), (200, 0.5), (200, 3)):
            place = Position(lon, lat + metres / 111_000, "wgs84")
            moment = now - timedelta(days=days)
            open_ticket(town, category=category, title=f"{metres} m", actor="a", position=place, reported_at=moment)
    found = {
        category: [
            (round(one.ticket.metres, -1), one.ticket.reported_at < now - timedelta(days=1))
            for one in reports.alike(town, lon=lon, lat=lat, category=category, scope=ALL)
        ]
        for category in ("0102", "0301", "0504")
    }
    assert found == {"0102": [(40, True)], "0301": [(200, False)], "0504": []}
    with pytest.raises(NotFound, match="category"):
        reports.alike(town, lon=lon, lat=lat, category="9999", scope=ALL)


def test_tickets_like_it_come_with_photos_to_compare(town):
    made = reports.report(town, told(), photos=[photo(), photo(colour="blue")])
    lon, lat = at(0.5, 1.0)
    (one,) = reports.alike(town, lon=lon, lat=lat, category="0102", scope=ALL)
    assert (one.ticket.number, one.photos) == (made.number, [line.id for line in photos_of(town, made)])


def test_the_usual_kinds_come_first_then_those_with_rules(town):
    ruled = [kind.code for kind in reports.usual_categories(town)]
    assert ruled == ["0102", "0501", "0301", "0101", "2101", "0504"]
    for category in ("0599", "0504", "0599"):
        open_ticket(town, category=category, title="x", actor="a")
    assert [kind.code for kind in reports.usual_categories(town)] == ["0599", "0504", "0102", "0501", "0301", "0101"]


def test_a_unit_or_a_point_is_a_place(town):
    assert reports.place_of(town, "unit", "U1")[3:] == pytest.approx(at(0.5, 1.1))
    add_unit(town, "LOST")
    for code in ("LOST", "NOBODY"):
        with pytest.raises(NotFound, match="place of the unit"):
            reports.place_of(town, "unit", code)
