"""People who sign in."""

import time

import pytest
from makers import add_unit

from geodata.errors import BadSetting, NameTaken, NotFound
from geodata.models import DutyGrid
from geodata.services import users
from geodata.services.users import (
    add_user,
    by_stamp,
    change_password,
    list_users,
    set_role,
    verify,
    work_of_users,
)

WORD = "stone-bridge"


@pytest.fixture(autouse=True)
def real_passwords(quick_passwords, monkeypatch):
    """What the program itself hashes with."""
    monkeypatch.setattr(users, "_hasher", quick_passwords)
    users._decoy.cache_clear()
    yield
    users._decoy.cache_clear()


def test_a_user_signs_in_with_the_password_and_with_nothing_else(session):
    made = add_user(session, "zhang", password=WORD, role="officer", area_code="310112101000")
    assert verify(session, "zhang", WORD) is made
    assert verify(session, " zhang ", WORD) is made
    assert verify(session, "zhang", WORD + " ") is None
    assert verify(session, "zhang", "") is None
    assert verify(session, "li", WORD) is None


def test_the_password_is_kept_as_an_argon2_hash_of_its_own(session):
    one, two = (add_user(session, name, password=WORD) for name in ("zhang", "li"))
    assert one.password_hash.startswith("$argon2id$")
    assert one.password_hash != two.password_hash
    assert one.stamp != two.stamp


def test_an_unknown_name_takes_as_long_as_a_wrong_password(session):
    add_user(session, "zhang", password=WORD)
    verify(session, "nobody", WORD)

    times = {"zhang": [], "nobody": []}
    for _ in range(7):
        for name, took in times.items():
            start = time.process_time()
            verify(session, name, "wrong-password")
            took.append(time.process_time() - start)
    known, unknown = (min(took) for took in times.values())
    # both spend their time on one hash; a shared machine is not a stop-watch, so no absolute figure here
    assert 0.4 < known / unknown < 2.5


def test_who_is_switched_off_cannot_sign_in(session):
    made = add_user(session, "zhang", password=WORD)
    made.is_active = False
    session.flush()
    assert verify(session, "zhang", WORD) is None
    assert by_stamp(session, id=made.id, stamp=made.stamp) is None


def test_a_new_password_ends_the_old_one_and_open_sign_ins(session):
    made = add_user(session, "zhang", password=WORD)
    old = made.stamp
    change_password(session, "zhang", password="new-stone-bridge")
    assert verify(session, "zhang", WORD) is None
    assert verify(session, "zhang", "new-stone-bridge") is made
    assert by_stamp(session, id=made.id, stamp=old) is None
    assert by_stamp(session, id=made.id, stamp=made.stamp) is made


def test_roles_are_given_and_users_listed_by_name(session):
    add_user(session, "zhang", password=WORD)
    add_user(session, "li", password=WORD, role="planner")
    set_role(session, "zhang", role="town_office", area_code="310112101000")
    assert [(user.name, user.role, user.area_code) for user in list_users(session)] == [
        ("li", "planner", None),
        ("zhang", "town_office", "310112101000"),
    ]


@pytest.mark.parametrize(
    ("name", "facts", "error"),
    [
        pytest.param("zhang", {"password": WORD}, NameTaken, id="name taken"),
        pytest.param("  ", {"password": WORD}, BadSetting, id="no name"),
        pytest.param("a\nb", {"password": WORD}, BadSetting, id="line break in the name"),
        pytest.param("li", {"password": "short"}, BadSetting, id="short password"),
        pytest.param("li", {"password": WORD, "role": "king"}, BadSetting, id="unknown role"),
    ],
)
def test_who_cannot_be_added_is_refused(session, name, facts, error):
    add_user(session, "zhang", password=WORD)
    with pytest.raises(error) as caught:
        add_user(session, name, **facts)
    assert facts["password"] not in str(caught.value)


@pytest.mark.parametrize("change", [pytest.param(set_role, id="role"), pytest.param(change_password, id="password")])
def test_a_user_that_is_not_there_cannot_be_changed(session, change):
    facts = {"role": "viewer"} if change is set_role else {"password": WORD}
    with pytest.raises(NotFound, match="zhang"):
        change(session, "zhang", **facts)


@pytest.fixture
def work(session):
    """Two duty grids, one code of them in two schemes, and a unit."""
    add_unit(session, "U1")
    grids = [DutyGrid(scheme=scheme, code=code, name=code) for scheme, code in (("s", "D1"), ("s", "D2"), ("t", "D2"))]
    session.add_all(grids)
    session.flush()
    return session


def test_officers_walk_duty_grids_and_people_of_a_unit_work_for_it(work):
    zhang = add_user(work, "zhang", password=WORD, role="officer", duty_grids=["D1", "D2"])
    li = add_user(work, "li", password=WORD, role="unit", unit="U1")
    add_user(work, "wang", password=WORD)
    assert work_of_users(work) == {zhang.id: (("D1", "D2", "D2"), None), li.id: ((), "U1")}


def test_another_role_takes_its_own_work_and_leaves_the_rest(work):
    zhang = add_user(work, "zhang", password=WORD, role="officer", duty_grids=["D1"])
    set_role(work, "zhang", role="officer", area_code="310112101000")
    assert work_of_users(work)[zhang.id].duty_grids == ("D1",)
    set_role(work, "zhang", role="officer", duty_grids=["D2"])
    assert work_of_users(work)[zhang.id].duty_grids == ("D2", "D2")
    set_role(work, "zhang", role="unit", unit="U1")
    assert work_of_users(work)[zhang.id] == ((), "U1")
    set_role(work, "zhang", role="unit", area_code="310112102000")
    assert work_of_users(work)[zhang.id] == ((), "U1")
    set_role(work, "zhang", role="viewer")
    assert work_of_users(work) == {}


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        pytest.param({"role": "officer", "duty_grids": ["D9"]}, NotFound, id="no such grid"),
        pytest.param({"role": "town_office", "duty_grids": ["D1"]}, BadSetting, id="grids of an office"),
        pytest.param({"role": "unit", "unit": "U9"}, NotFound, id="no such unit"),
        pytest.param({"role": "unit"}, BadSetting, id="a unit's account without its unit"),
        pytest.param({"role": "officer", "unit": "U1"}, BadSetting, id="the unit of an officer"),
    ],
)
def test_work_that_does_not_go_with_the_role_is_refused(work, facts, error):
    with pytest.raises(error):
        add_user(work, "zhang", password=WORD, **facts)
    add_user(work, "li", password=WORD)
    with pytest.raises(error):
        set_role(work, "li", **facts)
