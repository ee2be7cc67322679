"""Who hears of what: every move of the table, told to those concerned, once, and never to who made it."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import event, select, text

from geodata.errors import NotFound
from geodata.models import CellSuccession, DutyGrid, DutyGridCell, GridCell, Notice, TicketFollow, User, UserDutyGrid
from geodata.queries.scope import ALL, Scope
from geodata.queries.stamping import give_posts, pass_posts_on, today
from geodata.services import notices
from geodata.services.assignment import assign
from geodata.services.merging import follow, merge
from geodata.services.moves import move_ticket
from geodata.services.notices import ANSWERS, HEARS, WHOM
from geodata.services.tickets import Position, Report, open_ticket, open_tickets
from geodata.services.workflow import MOVES

WEST, EAST, DISTRICT = "310112101000", "310112102000", "310112"
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
BOX = "SRID=4326;MULTIPOLYGON(((121.4 31.1,121.42 31.1,121.42 31.12,121.4 31.12,121.4 31.1)))"
PLACE = Position(*at(0.5, 1.0), "wgs84")


def user(session, name, role, **facts):
    made = User(name=name, role=role, password_hash="-", stamp="-", **facts)
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def town(session):
    """Two towns with a post in the western one, two units there, and somebody of every kind on both sides."""
    add_areas(session)
    first, second = (add_unit(session, f"U{n}", 0.5, 1.0 + n / 10, town_code=WEST) for n in (1, 2))
    grids = [DutyGrid(scheme="responsibility", code=code, name=code, town_code=WEST) for code in ("D1", "D2")]
    session.add_all(grids)
    session.add(GridCell(code="C1", town_code=WEST, geom=BOX))
    session.flush()
    session.add(DutyGridCell(duty_grid_id=grids[0].id, cell_code="C1"))
    user(session, "unit1", "unit", unit_id=first.id)
    user(session, "unit2", "unit", unit_id=second.id)
    for name, grid in (("post1", grids[0]), ("post2", grids[1])):
        session.add(UserDutyGrid(user_id=user(session, name, "officer", area_code=WEST).id, duty_grid_id=grid.id))
    user(session, "walker", "officer", area_code=WEST)
    user(session, "east walker", "officer", area_code=EAST)
    user(session, "office", "town_office", area_code=WEST)
    user(session, "east office", "town_office", area_code=EAST)
    user(session, "centre", "district")
    user(session, "reader", "viewer")
    user(session, "gone", "town_office", area_code=WEST, is_active=False)
    session.flush()
    return session


def opened(session, *, actor="reporter", position=PLACE, **facts):
    return open_ticket(
        session, category="0102", title="路边垃圾", actor=actor, position=position, reported_at=MORNING, **facts
    )


def told(session, word):
    """Names of those who have a notice of a word, once for each notice."""
    wanted = select(User.name).join(Notice, Notice.user_id == User.id).where(Notice.word == word).order_by(User.name)
    return list(session.scalars(wanted))


def move(session, made, action, actor, role, **more):
    return move_ticket(session, made.number, action, actor=actor, role=role, **more)


def test_the_table_speaks_of_moves_and_people_that_there_are():
    assert set(HEARS) <= set(MOVES)
    assert {whom for whoms in HEARS.values() for whom in whoms} <= set(WHOM)
    assert set(ANSWERS) == {move.action for move in MOVES.values() if move.answers} | {"answer"}
    assert set(ANSWERS.values()) <= set(MOVES)


def test_whoever_it_is_given_to_and_the_post_hear_of_it(town):
    opened(town)
    assert told(town, "assign") == ["post1", "unit1", "walker"]


def test_what_no_unit_can_take_lies_with_the_office_and_the_office_hears(town):
    opened(town, position=Position(*at(3.5, 1.0), "wgs84"))
    assert told(town, "assign") == ["east office", "east walker"]


def test_what_has_no_place_is_the_districts(town):
    opened(town, position=None)
    assert told(town, "assign") == ["centre"]


def test_whoever_works_for_the_whole_district_hears_of_every_town(town):
    user(town, "all towns", "town_office")
    user(town, "whole district", "town_office", area_code=DISTRICT)
    made = opened(town)
    move(town, made, "return", "unit1", "unit", reason="x")
    assert told(town, "return") == ["all towns", "office", "whole district"]


def test_the_unit_it_is_taken_from_hears_of_it_too(town):
    made = opened(town)
    town.execute(text("DELETE FROM notice"))
    town.execute(text("UPDATE member_unit SET is_active = false WHERE code = 'U1'"))
    assign(town, made, actor="office", at=MORNING)
    assert told(town, "assign") == ["post1", "unit1", "unit2", "walker"]


def test_the_post_that_has_the_ground_hears_of_it_after_the_grid_was_cut_again(town):
    made = opened(town)
    town.execute(text("UPDATE grid_cell SET valid_to = CURRENT_DATE"))
    # the old code now stands for other ground, which another post has
    town.add(GridCell(code="C2", town_code=WEST, valid_from=today(town), geom=BOX))
    town.add(GridCell(code="C1", town_code=WEST, valid_from=today(town), geom=BOX))
    town.add(CellSuccession(old_code="C1", new_code="C2", cut_on=today(town), share=1.0))
    town.flush()
    pass_posts_on(town, today(town))
    second = town.scalars(select(DutyGrid).where(DutyGrid.code == "D2")).one()
    town.add(DutyGridCell(duty_grid_id=second.id, cell_code="C1"))
    town.flush()
    give_posts(town)
    move(town, made, "supervise", "centre", "district", reason="x")
    assert told(town, "supervise") == ["office", "post1", "unit1", "walker"]


def test_a_unit_that_returned_it_hears_no_more(town):
    made = opened(town)
    move(town, made, "return", "unit1", "unit", reason="x")
    town.execute(text("DELETE FROM notice"))
    assign(town, made, actor="office", at=MORNING)
    assert told(town, "assign") == ["post1", "unit2", "walker"]


@pytest.mark.parametrize(
    ("moves", "word", "people"),
    [
        pytest.param(
            [("return", "unit1", "unit", {"reason": "x"})], "return", ["office"], id="returned: the office it goes to"
        ),
        pytest.param(
            [("ask_extend", "unit1", "unit", {"reason": "x", "facts": {"amount": 1.0}})],
            "ask_extend",
            ["office"],
            id="asked for more time: who may grant",
        ),
        pytest.param(
            [
                ("ask_extend", "unit1", "unit", {"reason": "x", "facts": {"amount": 1.0}}),
                ("grant_extend", "office", "town_office", {}),
            ],
            "grant_extend",
            ["unit1"],
            id="granted: who asked",
        ),
        pytest.param(
            [
                ("accept", "post1", "officer", {}),
                ("ask_suspend", "post1", "officer", {"reason": "x"}),
                ("refuse_suspend", "office", "town_office", {"reason": "x"}),
            ],
            "refuse_suspend",
            ["post1", "unit1"],
            id="refused: who asked and who has it",
        ),
        pytest.param(
            [("accept", "unit1", "unit", {}), ("appeal", "unit1", "unit", {"reason": "x"})],
            "appeal",
            ["centre"],
            id="appealed: the referee",
        ),
        pytest.param(
            [("supervise", "centre", "district", {"reason": "x"})],
            "supervise",
            ["office", "post1", "unit1", "walker"],
            id="supervised: all who work on it",
        ),
        pytest.param(
            [
                ("supervise", "centre", "district", {"reason": "x"}),
                ("answer", "unit1", "unit", {"reason": "x"}),
            ],
            "answer",
            ["centre"],
            id="answered: who supervised",
        ),
        pytest.param(
            [("accept", "unit1", "unit", {}), ("done", "unit1", "unit", {"photos": ("after",)})],
            "done",
            ["office", "post1", "walker"],
            id="done: who may check",
        ),
        pytest.param(
            [
                ("accept", "post1", "officer", {}),
                ("done", "post1", "officer", {"photos": ("after",)}),
                ("rework", "office", "town_office", {"reason": "x"}),
            ],
            "rework",
            ["post1", "unit1"],
            id="rework: who has it and who handled it",
        ),
        pytest.param(
            [("cancel", "office", "town_office", {"reason": "x"})], "cancel", ["reporter", "unit1"], id="cancelled"
        ),
    ],
)
def test_who_hears_of_a_move(town, moves, word, people):
    user(town, "reporter", "officer", area_code=EAST)
    made = opened(town)
    for action, actor, role, more in moves:
        move(town, made, action, actor, role, **more)
    assert told(town, word) == people


def test_the_district_hears_of_the_second_return(town):
    made = opened(town)
    move(town, made, "return", "unit1", "unit", reason="x")
    assign(town, made, actor="office", at=MORNING)
    town.execute(text("DELETE FROM notice"))
    move(town, made, "return", "unit2", "unit", reason="x")
    assert told(town, "return") == ["centre", "office"]


def test_whoever_reports_follows_and_hears_of_the_end(town):
    reporter = user(town, "reporter", "officer", area_code=EAST)
    made = opened(town)
    assert town.scalars(select(TicketFollow.user_id)).all() == [reporter.id]
    move(town, made, "accept", "post1", "officer")
    move(town, made, "done", "post1", "officer", photos=("after",))
    move(town, made, "close", "office", "town_office")
    assert told(town, "close") == ["post1", "reporter", "unit1"]


def test_followers_hear_that_it_was_merged(town):
    reader = town.scalars(select(User).where(User.name == "reader")).one()
    one, other = opened(town), opened(town)
    follow(town, one, reader.id)
    merge(town, one.number, other.number, actor="office", role="town_office", reason="同一件")
    assert told(town, "merge") == ["reader", "unit1"]
    move(town, other, "cancel", "office", "town_office", reason="x")
    assert told(town, "cancel") == ["reader", "unit1"]


def test_nobody_is_told_of_what_they_did_themselves(town):
    made = opened(town, actor="post1")
    move(town, made, "supervise", "office", "town_office", reason="x")
    assert "office" not in told(town, "supervise")
    assert "post1" not in told(town, "assign")


def test_nobody_is_told_of_one_thing_twice(town):
    unit1 = town.scalars(select(User).where(User.name == "unit1")).one()
    made = opened(town)
    follow(town, made, unit1.id)
    move(town, made, "note", "office", "town_office", reason="x")
    assert told(town, "note") == ["unit1"]


def test_what_is_kept_holds_no_free_text(town):
    made = opened(town)
    move(town, made, "return", "unit1", "unit", reason="请打 13800138000")
    assert {tuple(sorted(kept.facts)) for kept in town.scalars(select(Notice))} == {("seq",)}


@pytest.fixture
def statements(session):
    """The statements that reach the database, one entry each."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [1, 300])
def test_however_many_there_are_it_is_one_statement(town, statements, count):
    reports = [Report("0102", f"垃圾{n}", "office", MORNING, PLACE) for n in range(count)]
    open_tickets(town, reports)
    for table in ("notice", "ticket_follow", "outbox_message"):
        assert sum(f"INSERT INTO {table}" in one for one in statements) <= 1
    assert town.scalar(text("SELECT count(*) FROM ticket_follow")) == count


def test_the_list_has_unread_ones_first_then_the_newest(town):
    post = town.scalars(select(User).where(User.name == "post1")).one()
    made = [opened(town) for _ in range(3)]
    before = notices.listed(town, post.id, scope=ALL, limit=10)
    assert [line.number for line in before] == [each.number for each in reversed(made)]
    notices.mark_read(town, post.id, before[0].id, at=MORNING)
    assert [line.number for line in notices.listed(town, post.id, scope=ALL, limit=10)] == [
        each.number for each in (made[1], made[0], made[2])
    ]
    assert (before[0].actor, before[0].unit_name, before[0].title) == ("reporter", "单位U1", "路边垃圾")
    assert len(notices.listed(town, post.id, scope=ALL, limit=2, skip=2)) == 1


def test_of_a_ticket_out_of_sight_the_words_are_not_told(town):
    post = town.scalars(select(User).where(User.name == "post1")).one()
    made = opened(town)
    for scope, title in ((Scope(towns=(WEST,)), "路边垃圾"), (Scope(towns=(EAST,)), None)):
        (line,) = notices.listed(town, post.id, scope=scope, limit=1)
        assert (line.number, line.title) == (made.number, title)


def test_they_are_counted_to_ninety_nine_and_marked_up_to_the_newest_seen(town):
    post = town.scalars(select(User).where(User.name == "post1")).one()
    town.add_all(Notice(user_id=post.id, word="note") for _ in range(120))
    town.flush()
    assert notices.unread(town, post.id) == notices.MOST_COUNTED + 1
    newest = notices.listed(town, post.id, scope=ALL, limit=1)[0].id
    town.add(Notice(user_id=post.id, word="note"))
    town.flush()
    assert notices.mark_all_read(town, post.id, until=newest) == 120
    assert notices.unread(town, post.id) == 1
    assert notices.total(town, post.id) == 121


def test_a_notice_of_somebody_else_is_not_there(town):
    opened(town)
    owner, other = (town.scalars(select(User).where(User.name == name)).one() for name in ("post1", "office"))
    line = notices.listed(town, owner.id, scope=ALL, limit=1)[0]
    with pytest.raises(NotFound):
        notices.mark_read(town, other.id, line.id)
    assert notices.unread(town, owner.id) == 1
    notices.mark_all_read(town, other.id, until=line.id)
    assert notices.unread(town, owner.id) == 1


def test_old_ones_are_forgotten_read_or_not(town):
    opened(town)
    assert notices.prune(town, before=MORNING) == 0
    assert notices.prune(town, before=MORNING + timedelta(seconds=1)) == 3
    assert town.scalars(select(Notice)).all() == []
