"""All moves of a ticket in any order, over HTTP, beside a model written from the trade's rules alone."""

import os
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from makers import add_areas, add_unit, at

from geodata.services.chain import verify
from geodata.services.tickets import Position, open_ticket, ticket
from geodata.services.users import add_user

WEST = "310112101000"

PEOPLE = {
    "anna": "officer",
    "berta": "officer",
    "clara": "town_office",
    "doris": "town_office",
    "emma": "district",
    "frieda": "viewer",
}
OFFICE = {"town_office", "district"}
FIELD = OFFICE | {"officer"}
DISTRICT = {"district"}

NEW = {"reported", "verifying", "filed"}
AT_WORK = {"dispatched", "accepted", "handling"}
ENDED = {"closed", "cancelled", "merged"}
EVERY = NEW | AT_WORK | {"waiting", "done", "checking", "returned", "reopened"}

# action: from where, to where (None stays), who, what else must hold
MODEL = {
    "verify": ({"reported"}, "verifying", OFFICE, ""),
    "file": ({"reported", "verifying"}, "filed", OFFICE, ""),
    "assign": (NEW | {"dispatched", "returned", "reopened"}, "dispatched", OFFICE, "referee"),
    "accept": ({"dispatched"}, "accepted", FIELD, ""),
    "handle": ({"dispatched", "accepted"}, "handling", FIELD, ""),
    "done": ({"accepted", "handling"}, "done", FIELD, ""),
    "return": (AT_WORK, "returned", FIELD, "reason unbound no_appeal"),
    "ask_extend": (AT_WORK, None, FIELD, "reason amount quiet"),
    "grant_extend": (AT_WORK, None, OFFICE, "asked:extend not_asker"),
    "refuse_extend": (AT_WORK, None, OFFICE, "asked:extend reason"),
    "ask_suspend": ({"accepted", "handling"}, None, FIELD, "reason quiet"),
    "grant_suspend": ({"accepted", "handling"}, "waiting", OFFICE, "asked:suspend not_asker"),
    "refuse_suspend": ({"accepted", "handling"}, None, OFFICE, "asked:suspend reason"),
    "resume": ({"waiting"}, "handling", FIELD, ""),
    "supervise": (EVERY, None, OFFICE, "reason"),
    "answer": (EVERY, None, FIELD, "reason"),
    "check": ({"done"}, "checking", FIELD, "other"),
    "close": ({"done", "checking"}, "closed", FIELD, "other"),
    "rework": ({"done", "checking"}, "handling", FIELD, "reason other"),
    "cancel": (EVERY - {"done", "checking"}, "cancelled", OFFICE, "reason referee"),
    "reopen": ({"closed", "cancelled"}, "reopened", OFFICE, "reason"),
    "appeal": (AT_WORK | {"waiting", "done", "checking", "closed"}, None, FIELD, "reason quiet"),
    "grant_appeal": (EVERY | {"closed"}, None, DISTRICT, "asked:appeal reason not_asker"),
    "refuse_appeal": (EVERY | {"closed"}, None, DISTRICT, "asked:appeal reason"),
    "visit": ({"closed"}, None, FIELD, "satisfied other"),
    "note": (EVERY | {"closed", "cancelled"}, None, FIELD, "reason"),
}


SENSIBLE = {"reason": "因为", "amount": "1", "satisfied": "yes"}


class Expected:
    """What a ticket should be by now."""

    def __init__(self):
        self.state, self.pending = "reported", None
        self.returns = self.reworks = self.reopens = 0
        self.is_binding = False
        self.handlers, self.asker = set(), None

    def allows(self, action, who, form):
        sources, _target, roles, words = MODEL[action]
        role = PEOPLE[who]
        if self.pending == "referee" and "referee" in words:
            roles = DISTRICT
        holds = {
            "reason": bool(form.get("reason", "").strip()),
            "amount": form.get("amount") in {"1", "2.5"},
            "satisfied": form.get("satisfied") in {"yes", "no"},
            "quiet": self.pending is None,
            "unbound": not self.is_binding,
            "no_appeal": self.pending != "appeal",
            "other": who not in self.handlers,
            "not_asker": who != self.asker,
            "referee": True,
        }
        asked = [word.partition(":")[2] for word in words.split() if word.startswith("asked:")]
        return (
            self.state in sources
            and role in roles
            and all(holds[word] for word in words.split() if not word.startswith("asked:"))
            and all(self.pending == each for each in asked)
        )

    def makes(self, action, who):
        self.state = MODEL[action][1] or self.state
        self.returns += action == "return"
        self.reworks += action == "rework"
        self.reopens += action == "reopen"
        if action in {"accept", "handle", "done"}:
            self.handlers.add(who)
        if action == "assign":
            self.is_binding = self.is_binding or self.pending == "referee"
        if action == "reopen":
            self.is_binding = False
        self.waits(action, who)

    def waits(self, action, who):
        if action.startswith("ask_") or action == "appeal":
            self.pending, self.asker = action.removeprefix("ask_"), who
        if action.startswith(("grant_", "refuse_")) or action == "cancel":
            self.pending = None
        if action in {"assign", "done", "close", "return"} and self.pending != "appeal":
            self.pending = "referee" if action == "return" and self.returns >= 2 else None


@pytest.fixture
def town(records, app):
    """Two towns with units, and a browser for everybody."""
    app.config["WTF_CSRF_ENABLED"] = False
    with records() as session:
        add_areas(session)
        for number, north in enumerate((1.0, 1.1, 1.2)):
            add_unit(session, f"U{number}", 0.5, north, kind="police", town_code=WEST)
        for name, role in PEOPLE.items():
            area = WEST if role == "town_office" else None
            add_user(session, name, password="a long password", role=role, area_code=area)
    browsers = {}
    for name in PEOPLE:
        browsers[name] = app.test_client()
        answer = browsers[name].post("/login", data={"name": name, "password": "a long password"})
        assert answer.status_code == 302
    return browsers


class Played:
    """One ticket with what it is expected to be, and everybody's browser."""

    titles = count(1)

    def __init__(self, town, records, tried):
        self.town, self.records, self.tried = town, records, tried
        lon, lat = at(0.5, 1.05)
        with records() as session:
            made = open_ticket(
                session,
                category="2102",
                title=f"第{next(self.titles)}件",
                actor="anna",
                position=Position(lon, lat, "wgs84"),
                assign_now=False,
            )
            self.number = made.number
        self.expected = Expected()

    def able(self, form=SENSIBLE):
        """Who may make which move now, by move."""
        found = {
            action: [who for who in sorted(PEOPLE) if self.expected.allows(action, who, form)]
            for action in sorted(MODEL)
        }
        return {action: people for action, people in found.items() if people}

    def step(self, action, who, form):
        may, role = self.expected.allows(action, who, form), PEOPLE[who]
        answer = self.town[who].post(
            f"/tickets/{self.number}/{action}", data=form, headers={"Accept": "application/json"}
        )
        refused = 403 if role == "viewer" or (action, role) == ("assign", "officer") else 409
        told = (action, who, form, vars(self.expected), answer.text)
        assert answer.status_code == (302 if may else refused), told
        self.tried[action, answer.status_code] = self.tried.get((action, answer.status_code), 0) + 1
        if may:
            self.expected.makes(action, who)
        else:
            assert answer.json["said"]
        self.compare()

    def compare(self):
        with self.records() as session:
            held = ticket(session, self.number)
            found = (
                *(held.state, held.pending, held.return_count, held.rework_count),
                *(held.reopen_count, held.is_binding),
            )
        wanted = self.expected
        assert found == (
            *(wanted.state, wanted.pending, wanted.returns, wanted.reworks, wanted.reopens, wanted.is_binding),
        )


class Tickets(RuleBasedStateMachine):
    """Anybody tries anything, and what is sensible; `begin` is the test's."""

    begin = None

    @initialize()
    def report(self):
        self.played = self.begin()

    @rule(
        action=st.sampled_from(sorted(MODEL)),
        who=st.sampled_from(sorted(PEOPLE)),
        reason=st.sampled_from(["因为", "因为", "因为", " ", ""]),
        amount=st.sampled_from(["1", "2.5", "0", "-1", "x", ""]),
        satisfied=st.sampled_from(["yes", "no", "maybe"]),
    )
    def anything(self, action, who, reason, amount, satisfied):
        self.played.step(action, who, {"reason": reason, "amount": amount, "satisfied": satisfied})

    @rule(data=st.data())
    def something_sensible(self, data):
        able = self.played.able()
        if able:
            action = data.draw(st.sampled_from(sorted(able)))
            self.played.step(action, data.draw(st.sampled_from(able[action])), SENSIBLE)


def play(begin, *, runs, steps):
    run_state_machine_as_test(
        type("TicketsOfThisTown", (Tickets,), {"begin": staticmethod(begin)}),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def whole(records):
    with records() as session:
        return verify(session).faults == ()


def test_no_order_of_moves_surprises_the_model(town, records):
    play(lambda: Played(town, records, {}), runs=12, steps=30)
    assert whole(records)


def test_every_move_is_made_and_refused_as_the_model_says(town, records):
    random, tried = Random(7), {}  # noqa: S311 - a walk to be walked again, no secret
    for _ticket in range(10):
        played = Played(town, records, tried)
        for turn in range(40):
            able = played.able()
            if able and turn % 4:
                # what has been made least is made next, so that a walk goes everywhere
                action = min(sorted(able), key=lambda each: (tried.get((each, 302), 0), random.random()))
                played.step(action, random.choice(able[action]), SENSIBLE)
            else:
                form = {**SENSIBLE, "reason": random.choice(["因为", " "]), "amount": random.choice(["1", "0", "x"])}
                action = min(sorted(MODEL), key=lambda each: (tried.get((each, 409), 0), random.random()))
                played.step(action, random.choice(sorted(PEOPLE)), form)
    assert {action for action, status in tried if status == 302} == set(MODEL)
    assert {action for action, status in tried if status == 409} == set(MODEL)
    assert whole(records)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_order_of_moves_surprises_the_model_for_long(town, records):
    play(lambda: Played(town, records, {}), runs=int(os.environ.get("WANGGE_MACHINE_RUNS", "300")), steps=40)
    assert whole(records)
