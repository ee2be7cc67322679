"""Whatever is sent to any address, no answer is an error of the program."""

import random
import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from addresses import address_of, form_of

WEBMAP = Path(__file__).parents[2] / "webmap"

# Every name that some page reads.
READ = re.compile(r'(?:params|forms)\.\w+\(\s*"(\w+)"|(?:form|args)\.get(?:list)?\("(\w+)"')
NAMES = sorted({one or other for path in WEBMAP.rglob("*.py") for one, other in READ.findall(path.read_text("utf-8"))})

NUMBERS = (
    *("0", "-1", "-0", "+1", " 1 ", "1.5", "1e3", "1_000", "0x10", "٣", "１２"),
    *("NaN", "nan", "inf", "-inf", "1e308", "1e400"),
    *("2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "9" * 20),
)
TEXTS = (
    *("", "\x00", "a\x00b", "\t", "\x1b", "\x7f", "\r\nX: y", "\u202e", "\ufeff"),
    *("é", "😀" * 30, "x" * 201, "x" * 5000),
    *("'", '"', "%", "%s", "%(x)s", "{}", "{0}", "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd"),
    *(";", ",", ",,,", ":", "[]", "null", "true", "on", "[" * 300),
)
DAYS = (
    *("0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01", " 2026-03-02 "),
    *("0001", "9999", "9999-12", "2026-Q5", "9999-Q4", "2026-W53", "2026-W54", "9999-W53"),
    *("0001-01-01T00:00", "9999-12-31T23:59", "2026-03-02T25:00", "2026-03-02T14:00+99:00", "2026-03-02T14:00Z"),
    *("12:60", "24:00", "00:00", "Mo-Fr 25:00", "24/7", "2026-03-02"),
)
PLACES = (
    *("181", "-91", "121.4,31.1", "1,2,3,4", "180,90,-180,-90", "-180,-90,180,90", "121.40,31.10,121.42,31.12"),
    *("0,0;0,1;1,1", "0,0;1,1;0,1;1,0", "121.4,31.1;121.5,31.1;121.5,31.2", "POINT(1 1)"),
    '{"type":"Polygon","coordinates":[[[121.4,31.1],[121.41,31.1],[121.41,31.11],[121.4,31.1]]]}',
    *('{"type":"Polygon","coordinates":[]}', '{"type":"Polygon","coordinates":[[[NaN,1],[2,2],[3,3],[1,1]]]}'),
    '{"type":"Point","coordinates":[121.4,31.1]}',
)
WORDS = (
    *("U1", "U2", "单位U1", "L1", "R1", "T1", "J1", "D1", "S1", "0102", "0501", "310112", "310112101000"),
    *("all", "own", "none", "district:310112", "town:310112101000", "town:", "village:310112101001"),
    *("unit", "village", "town", "district", "point", "team", "chair", "member", "governance", "free_clinic"),
    *("held", "planned", "open", "closed"),
)
SENT = (*NUMBERS, *TEXTS, *DAYS, *PLACES, *WORDS)
ROLES = ("admin", "town_office")


@pytest.fixture(autouse=True)
def errors_are_answered(world, monkeypatch):
    """An error of the program is an answer, as on a server, so that all that causes one is found."""
    monkeypatch.setattr(world.app, "testing", value=False)


def routes(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return sorted({(method, rule.rule) for rule in rules for method in rule.methods & {"GET", "POST"}})


class Sender:
    """Spoils what is asked rightly, always in the same order."""

    def __init__(self, world, seed):
        self.world = world
        self.chance = random.Random(seed)  # noqa: S311 - examples, no secrets
        self.known = {}

    def known_names(self, address):
        """The parameters that an address says it knows."""
        if address not in self.known:
            answer = self.world.get(ROLES[0], f"{address}?none=1", headers={"Accept": "application/json"})
            told = re.search(r"known here are ([\w, -]+)", answer.text)
            self.known[address] = told[1].split(", ") if told else []
        return self.known[address]

    def spoilt(self, right, names):
        """Some of what is sent, with other values."""
        wrong = {self.chance.choice(names): self.chance.choice(SENT) for _ in range(self.chance.choice((1, 1, 2, 3)))}
        return {**right, **wrong}

    def ask(self, role, method, rule):
        """One request; returns what was sent, and the answer."""
        address, form = address_of(rule, other=self.chance.random() < 0.2, method=method), None
        place, _, query = address.partition("?")
        if method == "POST":
            right = form_of(rule, other=False)
            form = self.spoilt(right, [*right, *right, *right, *self.chance.sample(NAMES, 2)])
        else:
            right = dict(parse_qsl(query))
            query = urlencode(self.spoilt(right, [*right, *self.known_names(place) * 3, self.chance.choice(NAMES)]))
        if "<" in rule and self.chance.random() < 0.2:
            place = f"{place.rpartition('/')[0]}/{quote(self.chance.choice(SENT), safe='')}"
        accept = self.chance.choice(("text/html", "application/json"))
        sent = f"{place}?{query}" if query else place
        return (role, method, sent, form), self.world.ask(role, method, sent, form, headers={"Accept": accept})


def errors(world, seed, count):
    """What made the program err, of `count` requests of each role to each address."""
    sender, found, let_in = Sender(world, seed), [], 0
    for method, rule in routes(world.app):
        for role in ROLES * count:
            sent, answer = sender.ask(role, method, rule)
            let_in += answer.status_code not in {401, 403}
            if answer.status_code >= 500:
                found.append((answer.status_code, *sent))
    # whoever is sent away at the door tries nothing
    assert let_in > 0.8 * len(routes(world.app)) * len(ROLES) * count
    return found


def test_whatever_is_sent_the_program_does_not_err(world):
    assert len(routes(world.app)) > 150
    assert errors(world, seed=1, count=1) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 5))
def test_however_much_is_sent_the_program_does_not_err(world, seed):
    assert errors(world, seed, count=60) == []


@pytest.mark.parametrize(
    ("method", "address", "form"),
    [
        ("GET", "/units/%00", None),
        ("GET", "/meetings/a%00b", None),
        ("GET", "/tickets?unit=%00", None),
        ("POST", "/assign/selection", {"numbers": "a\x00b"}),
        ("POST", "/mine/visits", {"cell": "\x00"}),
        ("POST", "/mine/visits", {"ce\x00ll": "1"}),
    ],
)
def test_what_no_text_can_hold_is_refused_at_the_door(world, method, address, form):
    answer = world.ask("admin", method, address, form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "U+0000" in answer.json["detail"]


@pytest.mark.parametrize("more", ["", '; filename="a.jpg"'])
@pytest.mark.parametrize("address", ["/report", "/login", "/api/v1/tickets"])
def test_a_part_of_a_form_without_a_name_is_refused(world, address, more):
    content = f"--x\r\nContent-Disposition: form-data{more}\r\n\r\na\r\n--x--\r\n".encode()
    browser = world.app.test_client()
    browser.set_cookie("wangge", world.cookies["admin"])
    kind = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "application/json"}
    answer = browser.post(address, data=content, headers=kind)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/webhooks/2147483647", 404),
        ("/webhooks/2147483648", 404),
        ("/webhooks/99999999999999999999", 404),
        ("/roster?day=2199-12-31", 200),
        ("/roster?day=9999-12-31", 400),
        ("/roster?day=1899-12-31", 400),
    ],
)
def test_what_no_key_and_no_calendar_reaches_is_no_error(world, address, status):
    answer = world.get("admin", address, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert status != 400 or "from 1900-01-01 to 2199-12-31" in answer.json["detail"]
