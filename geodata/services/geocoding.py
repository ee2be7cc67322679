"""Records without a place get one from their address, or wait for a person with the candidates."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geodata.errors import BadSetting
from geodata.geocode.answers import GeocodeAnswer
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import parse_address
from geodata.models import GeocodeDecision, GeocodeResult, Ticket
from geodata.services import history
from geodata.services.datum_detection import Pin, doubted_pins
from geodata.services.datums import datum_named
from geodata.services.gazetteer import learn_from_records
from geodata.services.geocode_decisions import Choice, Model, decide, model_of, settle_many
from geodata.services.online_answers import keep_online
from geodata.services.placing import NewPlace, tell
from geodata.services.review_sheets import (
    ReviewReport,
    SheetDecision,
    SheetProblem,
    Standing,
    Waiting,
    read_sheet,
    sheet,
)
from geodata.services.stamps import stamp

__all__ = [
    "GeocodeSummary",
    "Misplaced",
    "ReviewReport",
    "decide",
    "geocode_records",
    "let_wait",
    "misplaced",
    "read_review",
    "review_rows",
    "write_review",
]

Progress = Callable[[int, int], None]
BATCH = 1000


class Misplaced(NamedTuple):
    """A record whose own coordinates lie in another town (`lies_in`, None: in none) than its address says."""

    kind: str
    code: str
    address: str
    says: str
    says_code: str
    lies_in: str | None


@dataclass(frozen=True)
class GeocodeSummary:
    """What a run came to.

    rows        records without a place that have an address and no decision yet.
    accepted    of these, those placed now; `review` the others. They add up to `rows`.
    decided     records that a person declared to have no place, which were left alone.
    no_address  records without a place and without an address: nothing can be done for them here.
    by_level    how many of `accepted` on each level; `review_by_level` of the others ("none": nothing fits).
    misplaced   placed records whose address names another town: neither was changed.
    """

    kind: str
    rows: int
    accepted: int
    review: int
    decided: int
    no_address: int
    by_level: Mapping[str, int]
    review_by_level: Mapping[str, int]
    misplaced: tuple[Misplaced, ...]

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        flags = [one._asdict() for one in self.misplaced]
        levels = {"by_level": dict(self.by_level), "review_by_level": dict(self.review_by_level)}
        return {**asdict(self), **levels, "misplaced": flags}


class _Waiting(NamedTuple):
    id: int
    code: str
    address: str


def geocode_records(
    session: Session, *, kind: str = "units", actor: str = "system", progress: Progress | None = None
) -> GeocodeSummary:
    """Place every record of a kind (`units`, `points`, `tickets`) that has an address and no place yet.

    Accepted answers become the record's place, with level, expected error and codes; a ticket gets the
    event `place`. Every answer is kept as a GeocodeResult, and those not accepted wait there. What a
    person decided stays as long as the address does. Raises NotFound for another kind.
    """
    model = model_of(kind)
    learn_from_records(session)
    waiting, decided = _waiting(session, kind, model)
    _forget_settled(session, kind, [one.code for one in waiting])
    geocoder = Geocoder(session)
    accepted: Counter[str] = Counter()
    review: Counter[str] = Counter()
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        answers = geocoder.geocode_many([one.address for one in batch])
        _keep(session, kind, batch, answers)
        taken = [(one, answer) for one, answer in zip(batch, answers, strict=True) if answer.status == "accepted"]
        _place_all(session, kind, taken, actor=actor)
        accepted.update(answer.level or "none" for _, answer in taken)
        review.update(answer.level or "none" for answer in answers if answer.status == "review")
        if progress:
            progress(min(start + BATCH, len(waiting)), len(waiting))
    return GeocodeSummary(
        kind=kind,
        rows=len(waiting),
        accepted=accepted.total(),
        review=review.total(),
        decided=decided,
        no_address=_without_address(session, model),
        by_level=dict(sorted(accepted.items())),
        review_by_level=dict(sorted(review.items())),
        misplaced=tuple(misplaced(session, kind, geocoder=geocoder)),
    )


def let_wait(session: Session, ticket: Ticket, answer: GeocodeAnswer) -> None:
    """Have the address of a ticket that is stored without a place wait for a person, with what was found for it."""
    session.flush()
    _keep(session, "tickets", [_Waiting(ticket.id, ticket.number, ticket.address or "")], [answer])


def misplaced(session: Session, kind: str, *, geocoder: Geocoder | None = None) -> list[Misplaced]:
    """Records with coordinates of their own whose address names a town they do not lie in, by code.

    Places found by geocoding are not among them: such an answer was never accepted.
    """
    model = model_of(kind)
    key = _key(model)
    wanted = (
        select(key, model.address, model.town_code)
        .where(model.geom.is_not(None), model.address.is_not(None), model.datum_evidence.is_distinct_from("geocoded"))
        .order_by(key)
    )
    dictionary = (geocoder or Geocoder(session)).gazetteer.dictionary
    found = []
    for code, address, lies_in in session.execute(wanted):
        parsed = parse_address(address, dictionary)
        if parsed.town_code and parsed.town_name and parsed.town_code != lies_in:
            found.append(Misplaced(kind, code, address, parsed.town_name, parsed.town_code, lies_in))
    return found


def review_rows(session: Session, kind: str | None = None) -> list[GeocodeResult]:
    """Results that wait for a person, of one kind or all, by kind and code; empty when all is done."""
    wanted = select(GeocodeResult).where(GeocodeResult.status == "review")
    if kind is not None:
        model_of(kind)
        wanted = wanted.where(GeocodeResult.target_kind == kind)
    return list(session.scalars(wanted.order_by(GeocodeResult.target_kind, GeocodeResult.target_code)))


def write_review(session: Session, path: Path | str, *, kind: str | None = None) -> int:
    """Write what waits for a person to a spreadsheet (`.xlsx` or `.csv`); returns its number of rows.

    The columns `decision`, `lon`, `lat`, `datum` and `remember` are to be filled in. Raises BadSetting for another
    ending, and for a file that holds decisions which nobody has read yet.
    """
    if Path(path).exists():
        _, unread = read_sheet(path, *_known(session), datum_of=partial(datum_named, session))
        if unread:
            wanted = f"the name of another file, or given to --decisions first: it holds {len(unread)} decisions"
            raise BadSetting("the review file", Path(path).name, wanted)
    rows = review_rows(session, kind)
    sheet(path, rows)
    return len(rows)


def read_review(
    session: Session, path: Path | str, *, actor: str, skip_bad: bool = False, trust_datum: bool = False
) -> ReviewReport:
    """Settle what a filled-in spreadsheet decides; rows without a decision stay in review.

    With problems nothing is settled unless `skip_bad`; they are all listed, with the row's number. Positions whose
    places speak against the datum they are written in are a problem unless `trust_datum`. A row that says what was
    decided already changes nothing, so a sheet may be read twice.
    Raises BadSetting for another ending and FileRefused for a file that cannot be read.
    """
    waiting, standing = _known(session)
    report, decisions = read_sheet(path, waiting, standing, datum_of=partial(datum_named, session))
    report, decisions = _without_doubted(session, report, decisions, waiting, trust_datum=trust_datum)
    if report.problems and not skip_bad:
        return report
    made, _missed = settle_many(session, [(one.kind, one.code, Choice(**one.choice)) for one in decisions], actor=actor)
    return report._replace(settled=len(made))


def _known(session: Session) -> tuple[Waiting, Standing]:
    """What waits, and which decisions stand, by kind and code."""
    made = session.scalars(select(GeocodeDecision).where(GeocodeDecision.ended.is_(None)).order_by(GeocodeDecision.id))
    waiting = {(row.target_kind, row.target_code): row for row in review_rows(session)}
    return waiting, {(one.target_kind, one.target_code): one for one in made}


def _without_doubted(
    session: Session,
    report: ReviewReport,
    decisions: list[SheetDecision],
    waiting: Mapping[tuple[str, str], GeocodeResult],
    *,
    trust_datum: bool,
) -> tuple[ReviewReport, list[SheetDecision]]:
    """The sheet without positions of a datum that its places contradict, which are a problem of the heading's row."""
    if trust_datum:
        return report, decisions
    pins = {
        i: Pin(one.choice["lon"], one.choice["lat"], datum_named(session, one.choice["datum"]), where.text)
        for i, one in enumerate(decisions)
        if "lon" in one.choice and (where := waiting.get((one.kind, one.code))) is not None
    }
    doubted = doubted_pins(session, list(pins.values()))
    problems = [SheetProblem(1, "datum", datum.name, told) for datum, told in doubted.items()]
    kept = [one for i, one in enumerate(decisions) if i not in pins or pins[i].datum not in doubted]
    return report._replace(problems=(*report.problems, *problems)), kept


# -- looking up records ------------------------------------------------------------------------------


def _key(model: Model) -> Any:  # noqa: ANN401 - a mapped column
    return model.number if model is Ticket else model.code  # type: ignore[union-attr] # tickets have numbers


def _waiting(session: Session, kind: str, model: Model) -> tuple[list[_Waiting], int]:
    """Records to geocode by code, and how many were left out because a person said they have no place."""
    session.flush()
    key = _key(model)
    wanted = (
        select(model.id, key, model.address)
        .where(model.geom.is_(None), func.btrim(model.address) != "")
        .order_by(key)
        .with_for_update()
    )
    found = [_Waiting(*row) for row in session.execute(wanted)]
    settled = {
        (code, about)
        for code, about in session.execute(
            select(GeocodeResult.target_code, GeocodeResult.text).where(
                GeocodeResult.target_kind == kind, GeocodeResult.status == "decided"
            )
        )
    }
    left = [one for one in found if (one.code, one.address) not in settled]
    return left, len(found) - len(left)


def _without_address(session: Session, model: Model) -> int:
    wanted = select(func.count()).select_from(model)
    return session.scalar(wanted.where(model.geom.is_(None), func.coalesce(func.btrim(model.address), "") == "")) or 0


def _forget_settled(session: Session, kind: str, waiting: Sequence[str]) -> None:
    """Drop what waits for records that have found a place otherwise, or are gone."""
    still = set(waiting)
    for row in review_rows(session, kind):
        if row.target_code not in still:
            session.delete(row)
    session.flush()


# -- keeping answers and setting places ------------------------------------------------------------


def _keep(session: Session, kind: str, batch: Sequence[_Waiting], answers: Sequence[GeocodeAnswer]) -> None:
    values = [
        {
            "target_kind": kind,
            "target_code": one.code,
            "text": one.address,
            "level": answer.level,
            "score": answer.score,
            "error_m": answer.error_m,
            "status": answer.status,
            "why": answer.why_record(),
            "candidates": [candidate.to_record() for candidate in answer.candidates],
            "decided_by": None,
        }
        for one, answer in zip(batch, answers, strict=True)
    ]
    keep_online(session, kind, values)
    statement = insert(GeocodeResult)
    changes = {name: statement.excluded[name] for name in values[0]} | {"at": func.now()}
    session.execute(
        statement.on_conflict_do_update(index_elements=["target_kind", "target_code"], set_=changes), values
    )
    session.expire_all()


def _place_all(session: Session, kind: str, taken: Sequence[tuple[_Waiting, GeocodeAnswer]], *, actor: str) -> None:
    model = model_of(kind)
    rows = list(_rows(kind, taken))
    if not rows:
        return
    if model is Ticket:
        for one, answer in taken:
            told = {"level": answer.level, "score": answer.score, "error_m": answer.error_m, "by": "geocoding"}
            tell(session, history.locked(session, one.code), told, actor=actor)
    session.execute(update(model), rows)
    stamp(session, model, ids=[row["id"] for row in rows])


def _rows(kind: str, taken: Sequence[tuple[_Waiting, GeocodeAnswer]]) -> Iterator[dict[str, Any]]:
    for one, answer in taken:
        if answer.lon is None or answer.lat is None or answer.level is None:
            continue
        place = NewPlace(answer.lon, answer.lat, answer.level, "geocoded", answer.error_m)
        yield {"id": one.id, **place.columns()} | ({} if kind == "tickets" else {"place_level": place.level})
