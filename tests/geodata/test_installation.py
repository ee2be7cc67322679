import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from geodata.errors import AlreadyInitialised, BadSetting, NotInitialised
from geodata.models import Area, Category, DutyRule, UnitKind
from geodata.services.installation import init_district, installation, is_initialised
from spatial.errors import WanggeError

ASKED = {"code": "310112", "name": "试验区", "metre_crs": "EPSG:4549"}


@pytest.fixture
def empty(new_database, make_bare_engine):
    return make_bare_engine(new_database())


def test_a_district_begins_with_its_settings_and_seeds(empty):
    assert not is_initialised(empty)
    made = init_district(empty, **ASKED)
    assert (made.code, made.metre_srid, made.timezone) == ("310112", 4549, "Asia/Shanghai")
    assert is_initialised(empty)
    with Session(empty) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (Category, UnitKind, Area)]
        assert counts == [56, 17, 1]
        assert session.scalar(select(func.count()).select_from(DutyRule)) > 100


def test_every_seeded_duty_names_a_category_and_a_kind_that_handles_it(empty):
    init_district(empty, **ASKED)
    with Session(empty) as session:
        handled = set(session.scalars(select(DutyRule.category_code).where(DutyRule.role == "handle")))
        assert handled == set(session.scalars(select(Category.code)))


def test_the_same_call_again_changes_nothing(empty):
    first = init_district(empty, **ASKED)
    again = init_district(empty, **ASKED)
    assert first.created_at == again.created_at


def test_another_district_in_the_same_database_is_refused(empty):
    init_district(empty, **ASKED)
    with pytest.raises(AlreadyInitialised, match="--data"):
        init_district(empty, **{**ASKED, "code": "310101"})
    with pytest.raises(AlreadyInitialised):
        init_district(empty, **{**ASKED, "metre_crs": "EPSG:32651"})


def test_today_is_the_districts_day(make_district):
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        engine = make_district(timezone=zone)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW timezone").scalar_one() == zone


def test_without_a_district_the_error_says_what_to_do(session):
    session.delete(installation(session))
    session.flush()
    with pytest.raises(NotInitialised, match="wangge init"):
        installation(session)


@pytest.mark.parametrize(
    "changes",
    [
        {"code": ""},
        {"code": "3101'12"},
        {"code": "3" * 21},
        {"name": "  "},
        {"timezone": "Shanghai"},
        {"timezone": "../etc/passwd"},
        {"lang": "fr"},
        {"code_pattern": "{district:6}"},
        {"metre_crs": "EPSG:4326"},
        {"metre_crs": "EPSG:2263"},
        {"metre_crs": "EPSG:3857"},
        {"metre_crs": "EPSG:999999"},
        {"metre_crs": "+proj=tmerc +lon_0=121 +ellps=GRS80 +units=m"},
        {"metre_crs": ""},
    ],
    ids=str,
)
def test_a_value_that_cannot_be_used_is_refused_before_anything_is_made(empty, changes):
    with pytest.raises(WanggeError) as refused:
        init_district(empty, **{**ASKED, **changes})
    assert str(refused.value)
    assert not is_initialised(empty)


def test_a_wrong_setting_names_the_option(empty):
    with pytest.raises(BadSetting, match="--timezone"):
        init_district(empty, **{**ASKED, "timezone": "Mars"})


def test_the_settings_are_asked_for_once_a_transaction_and_hold_no_longer(make_district):
    engine = make_district()
    asked = []
    event.listen(engine, "after_cursor_execute", lambda *told: asked.append(told[2]))
    with Session(engine) as session:
        for _ in range(3):
            assert installation(session).name == "试验区"
        assert len(asked) == 1
        session.execute(text("UPDATE installation SET name = '新区'"))
        session.commit()
        assert installation(session).name == "新区"
