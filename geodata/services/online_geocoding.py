"""Asking another house's geocoder for addresses that our own ladder did not accept: off unless an operator says so.

What it answers becomes candidates for a person. Nothing is placed by it, and each answer is kept as it comes, so a
run that has to stop loses nothing and the next one goes on where it stopped.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from ipaddress import ip_network
from typing import Any, NamedTuple, TypeGuard
from urllib.parse import urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import BadSetting, DeliveryFailed, DestinationRefused
from geodata.geocode.adapters import ADAPTERS
from geodata.geocode.adapters.asking import MOST_BYTES, Reply, Transport, WebGeocoder, placed
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Candidate
from geodata.geocode.errors import BadReply, GeocoderError, GeocoderOff, GeocoderUnreachable, QuotaExceeded
from geodata.geocode.gazetteer import Gazetteer, read_gazetteer
from geodata.geocode.ladder import town_evidence
from geodata.geocode.parse import parse_address
from geodata.models import GeocodeResult, Installation
from geodata.queries import geocoder_use
from geodata.services.delivery import fetch
from geodata.services.destinations import PORTS, Allowed, destination
from geodata.services.online_answers import add_answer, was_asked
from geodata.settings import GEOCODER_VARIABLE, GeocoderSettings

Progress = Callable[[int, int], None]

# Their days begin at midnight in China, wherever this server's clock is.
CHINA = timezone(timedelta(hours=8))

# So many answers in a row that cannot be used are no accident.
BAD_IN_A_ROW = 3

# Any place in China, lon before lat.
SOMEWHERE = (121.4, 31.1)

# These say that the address is not ours, which nobody else can mend.
_ELSEWHERE = frozenset({"other_city", "other_district", "unknown_town"})


class House(NamedTuple):
    """A geocoder as this installation may ask it: where, and how many questions in a day."""

    geocoder: WebGeocoder
    url: str
    quota: int


class Question(NamedTuple):
    """One address to ask for: of which result, and what is sent for it, word for word."""

    result_id: int
    text: str
    sent: str
    parsed: ParsedAddress


@dataclass(frozen=True)
class Plan:
    """What a run would send, and to whom.

    questions  one for each address, by code; `before` more were asked in an earlier run, and `unasked` others are
               not worth asking or not to be sent (not understood, elsewhere, only a road, or with a personal number).
    left       how many may still be asked today.
    """

    house: House
    questions: tuple[Question, ...]
    before: int
    unasked: int
    left: int


@dataclass(frozen=True)
class OnlineSummary:
    """What asking came to: `asked` are those with an answer, of which `found` have at least one candidate now.

    bad      answers that could not be used, with the last reason in `why_bad`.
    settled  questions that somebody had settled or asked before it was their turn.
    left     questions that were not asked; `stopped` says why, and is None where all were.
    """

    name: str
    asked: int = 0
    found: int = 0
    bad: int = 0
    settled: int = 0
    left: int = 0
    why_bad: str | None = None
    stopped: GeocoderError | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it stopped at anything but our own count of the day, which is as good an end as any."""
        return self.stopped is not None and getattr(self.stopped, "word", None) != "own"

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {**asdict(replace(self, stopped=None)), "stopped": str(self.stopped) if self.stopped else None}


class Pace:
    """So many questions in a second at most, by a clock that only goes on (seconds)."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = 1.0 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next: float | None = None

    def wait(self) -> None:
        """Return when the next question may be asked; at once at the first."""
        now = self._clock()
        if self._next is not None and now < self._next:
            self._sleep(self._next - now)
            now = max(now, self._next)
        self._next = now + self._gap_s


def check(settings: GeocoderSettings, asked: str) -> None:
    """Raise GeocoderOff unless the operator has turned on the geocoder asked for.

    Raises BadSetting where that is unknown or has no key, OSError for the key's file, and what converting raises
    where this installation does not decode its datum.
    """
    name = settings.name.lower()
    if name and name not in ADAPTERS:
        raise BadSetting(GEOCODER_VARIABLE, settings.name, "one of " + ", ".join(ADAPTERS) + ", or empty")
    if not name or asked != name:
        raise GeocoderOff(asked, name, tuple(ADAPTERS))
    settings.secret()
    # where shifted datums are not decoded, that is said before anything is sent
    placed(*SOMEWHERE, ADAPTERS[asked].datum, geocoder=asked)


def house(session: Session, settings: GeocoderSettings, asked: str, *, transport: Transport | None = None) -> House:
    """The geocoder that was asked for, if it is the one that the operator has turned on.

    Raises GeocoderOff where it is not, BadSetting for settings that cannot be used, and OSError for the key's file.
    """
    check(settings, asked)
    maker = ADAPTERS[asked]
    url = (settings.url or maker.base_url).rstrip("/")
    key = settings.secret()
    carry = transport or _transport(asked, url, _hosts(url, settings), key=key)
    place = session.get(Installation, 1)
    around = settings.around or (place.name if place else "")
    return House(maker(carry, key=key, around=around), url, _quota(settings, maker.daily_quota))


def plan(session: Session, one: House, kind: str, *, now: datetime | None = None) -> Plan:
    """What asking for all of a kind that waits for a person would send. Raises NotInitialised without a district."""
    gazetteer = read_gazetteer(session)
    wanted = select(GeocodeResult).where(GeocodeResult.status == "review", GeocodeResult.target_kind == kind)
    questions, before, unasked = [], 0, 0
    for result in session.scalars(wanted.order_by(GeocodeResult.target_code)):
        parsed = parse_address(result.text, gazetteer.dictionary)
        sent = None if _is_elsewhere(result) else one.geocoder.question(parsed)
        if was_asked(result, one.geocoder.name):
            before += 1
        elif sent is None:
            unasked += 1
        else:
            questions.append(Question(result.id, result.text, sent, parsed))
    used = geocoder_use.asked(session, name=one.geocoder.name, day=_day(now))
    return Plan(one, tuple(questions), before, unasked, max(one.quota - used, 0))


def ask(
    engine: Engine,
    what: Plan,
    *,
    pace: Pace | None = None,
    now: Callable[[], datetime] | None = None,
    progress: Progress | None = None,
) -> OnlineSummary:
    """Ask all questions of a plan, one after the other; each answer is stored before the next is asked.

    Stops, with the reason in the summary, at the quota, at the first failure of the geocoder, and after three
    answers in a row that cannot be used. No transaction is open while somebody else is waited for.
    """
    geocoder = what.house.geocoder
    pace = pace or Pace(geocoder.max_qps)
    with session_on(engine) as session:
        gazetteer = read_gazetteer(session)
    summary, in_a_row = OnlineSummary(geocoder.name), 0
    for number, question in enumerate(what.questions):
        if not _is_open(engine, question, geocoder.name):
            summary = replace(summary, settled=summary.settled + 1)
            continue
        pace.wait()
        try:
            _take(engine, what.house, _day(now() if now else None))
            found = [_judged(one, question.parsed, gazetteer) for one in geocoder.geocode(question.parsed)]
        except BadReply as error:
            in_a_row += 1
            summary = replace(summary, bad=summary.bad + 1, why_bad=str(error))
            if in_a_row == BAD_IN_A_ROW:
                return replace(summary, stopped=error, left=len(what.questions) - number - 1)
            continue
        except GeocoderError as error:
            return replace(summary, stopped=error, left=len(what.questions) - number)
        in_a_row = 0
        with session_on(engine) as session:
            _store(session, question, geocoder.name, found)
        summary = replace(summary, asked=summary.asked + 1, found=summary.found + bool(found))
        if progress:
            progress(number + 1, len(what.questions))
    return summary


def _take(engine: Engine, one: House, day: date) -> None:
    """Count a question before it is asked, for good, also where it then fails: they count it, too."""
    with session_on(engine) as session:
        if not geocoder_use.take(session, name=one.geocoder.name, day=day, quota=one.quota):
            raise QuotaExceeded(one.geocoder.name, "own", quota=one.quota)


def _is_open(engine: Engine, question: Question, geocoder: str) -> bool:
    """Whether it is still worth asking: others work at the same time, at the desk and at the command line."""
    with session_on(engine) as session:
        result = session.get(GeocodeResult, question.result_id)
        return _is_about(result, question) and not was_asked(result, geocoder)


def _store(session: Session, question: Question, geocoder: str, found: list[Candidate]) -> None:
    wanted = select(GeocodeResult).where(GeocodeResult.id == question.result_id).with_for_update()
    result = session.scalars(wanted).first()
    # placed, decided or changed while the answer was under way: it is about something else by now
    if _is_about(result, question):
        add_answer(result, geocoder, found)


def _is_about(result: GeocodeResult | None, question: Question) -> TypeGuard[GeocodeResult]:
    return result is not None and result.status == "review" and result.text == question.text


def _judged(candidate: Candidate, parsed: ParsedAddress, gazetteer: Gazetteer) -> Candidate:
    """The candidate with the town that holds it, and with what that says for or against it."""
    if candidate.lon is None or candidate.lat is None:
        return candidate
    town_code = gazetteer.town_at(candidate.lon, candidate.lat)
    share, cap, reason = town_evidence(parsed, town_code, gazetteer)
    reasons = (*candidate.reasons, reason) if reason else candidate.reasons
    return replace(candidate, town_code=town_code, score=min(candidate.score * share, cap), reasons=reasons)


def _is_elsewhere(result: GeocodeResult) -> bool:
    return any(reason["word"] in _ELSEWHERE for reason in result.why.get("reasons", ()))


def _day(now: datetime | None) -> date:
    return (now or datetime.now(UTC)).astimezone(CHINA).date()


def _quota(settings: GeocoderSettings, plain: int) -> int:
    if settings.quota is None:
        return plain
    if not (settings.quota.isascii() and settings.quota.isdecimal() and 1 <= int(settings.quota[:9]) < 10**8):
        raise BadSetting(
            f"{GEOCODER_VARIABLE}_QUOTA", settings.quota, "a whole number of questions in a day, 1 or more"
        )
    return int(settings.quota[:9])


def _hosts(url: str, settings: GeocoderSettings) -> tuple[Allowed, ...]:
    """The one host that questions may be sent to; a name of a gateway inside needs the network it leads to."""
    variable = f"{GEOCODER_VARIABLE}_NETWORK"
    try:
        network = ip_network(settings.network) if settings.network else None
    except ValueError:
        raise BadSetting(variable, settings.network or "", "a network such as 10.20.0.0/16") from None
    parts = urlsplit(url) if url.isascii() else None
    if parts is None or parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment or "@" in url:
        wanted = "an address such as https://gateway.example.cn/amap, without user, password or question mark"
        # it is not shown: a key may stand in it
        raise BadSetting(f"{GEOCODER_VARIABLE}_URL", "…", wanted)
    return (Allowed(parts.hostname, parts.port, network),)


def _transport(name: str, url: str, hosts: tuple[Allowed, ...], *, key: str) -> Transport:
    """What carries questions over the wire, as messages are: to this one host, no redirect, short, in ten seconds."""
    try:
        destination(url + "/", hosts)
    except DestinationRefused as error:
        raise BadSetting(f"{GEOCODER_VARIABLE}_URL", "…", "the address of a host, or of a folder on it") from error

    # what went wrong is told without what was asked, as the key stands in that
    def carry(target: str) -> Reply:
        try:
            return Reply(*fetch(url + target, hosts=hosts, most_bytes=MOST_BYTES))
        except DeliveryFailed as error:
            raise GeocoderUnreachable(name, error.why.replace(key, "…")) from None
        except DestinationRefused as error:
            why = "the question is too long for an address"
            if error.word == "resolved":
                why = f"its name {error.where} leads into another network than {GEOCODER_VARIABLE}_NETWORK allows"
            raise GeocoderUnreachable(name, why) from None

    return carry
