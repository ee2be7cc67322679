"""What a person decides about the address of one record: made, taken back, and learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import AddressChanged, AddressSettled, BadSetting, DecisionEnded, NotFound
from geodata.geocode.answers import Candidate
from geodata.geocode.gazetteer import read_dictionary
from geodata.geocode.parse import Dictionary
from geodata.models import GazetteerEntry, GeocodeDecision, GeocodeResult, MemberUnit, ResponsibilityPoint, Ticket
from geodata.services import geocode_learning, history
from geodata.services.placing import NewPlace, Record, is_at, is_place, of_candidate, pin, position_of, set_place
from geodata.services.stamps import stamp

Model = type[MemberUnit] | type[ResponsibilityPoint] | type[Ticket]

MODELS: Mapping[str, Model] = {"units": MemberUnit, "points": ResponsibilityPoint, "tickets": Ticket}

_KEPT = ("level", "score", "error_m", "status", "decided_by")
_PLACE = ("raw_x", "raw_y", "datum", "datum_evidence", "accuracy_m")


@dataclass(frozen=True)
class Choice:
    """What somebody wants of one address: a pin (`lon`, `lat` in `datum`), a candidate (1 is the first), or `nowhere`.

    remember   also write down what the candidate says of an unknown name.
    seen       when what they look at was found: whatever was found later is not what they mean. None: not asked.
    batch      a name for decisions that are taken back together.
    """

    lon: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    candidate: int | None = None
    nowhere: bool = False
    remember: bool = False
    seen: datetime | None = None
    batch: str | None = None

    @property
    def word(self) -> str:
        """`candidate`, `pin` or `nowhere`."""
        return "nowhere" if self.nowhere else "pin" if self.candidate is None else "candidate"


class _Settled(NamedTuple):
    decision: GeocodeDecision
    record: Record


def model_of(kind: str) -> Model:
    """The table of a kind of record. Raises NotFound."""
    if kind not in MODELS:
        raise NotFound("kind of record to geocode", kind, list(MODELS))
    return MODELS[kind]


def decide(
    session: Session,
    kind: str,
    code: str,
    *,
    actor: str,
    lon: float | None = None,
    lat: float | None = None,
    datum: str = "wgs84",
    candidate: int | None = None,
    nowhere: bool = False,
    remember: bool = False,
) -> GeocodeDecision:
    """Settle one record by hand, whether it waits or was settled before; see `Choice`.

    `nowhere` says that the address has no place that could be found: the record stays without one and
    does not come back to review until its address changes. A later decision replaces an earlier one, and what that
    one taught. Raises NotFound for a record, BadSetting for a choice that is none, UnknownDatum, and BadGeometry for
    a pin that is no place on the globe.
    """
    choice = Choice(lon, lat, datum, candidate, nowhere, remember)
    settled = _settle(session, kind, code, choice, actor=actor, dictionary=read_dictionary(session))
    _stamp(session, [settled])
    return settled.decision


def settle_waiting(session: Session, kind: str, code: str, choice: Choice, *, actor: str) -> GeocodeDecision:
    """Settle a record that waits for a person.

    Raises as `decide`; AddressSettled where it no longer waits, AddressChanged where it was looked up anew since
    `choice.seen`.
    """
    dictionary = read_dictionary(session)
    settled = _settle(session, kind, code, choice, actor=actor, dictionary=dictionary, must_wait=True)
    _stamp(session, [settled])
    return settled.decision


def settle_many(
    session: Session, rows: Sequence[tuple[str, str, Choice]], *, actor: str
) -> tuple[list[GeocodeDecision], list[str]]:
    """Settle records that wait (kind, code, choice); returns the decisions, and codes of those that no longer wait."""
    dictionary = read_dictionary(session)
    done: list[_Settled] = []
    missed: list[str] = []
    for kind, code, choice in rows:
        try:
            done.append(_settle(session, kind, code, choice, actor=actor, dictionary=dictionary, must_wait=True))
        except (AddressSettled, AddressChanged, NotFound):
            missed.append(code)
    _stamp(session, done)
    return [one.decision for one in done], missed


def standing(session: Session, kind: str, code: str) -> GeocodeDecision | None:
    """The decision about a record that stands; None where there is none."""
    wanted = select(GeocodeDecision).where(
        GeocodeDecision.target_kind == kind, GeocodeDecision.target_code == code, GeocodeDecision.ended.is_(None)
    )
    return session.scalars(wanted.order_by(GeocodeDecision.id.desc())).first()


class AddressOf(NamedTuple):
    """Whose address a looked-up one is: the town that it names, None where it names none."""

    town_code: str | None


def address_of(session: Session, kind: str, code: str) -> AddressOf | None:
    """The address that was looked up for a record, whether it waits or not; None where none was."""
    wanted = select(GeocodeResult).where(GeocodeResult.target_kind == kind, GeocodeResult.target_code == code)
    found = session.scalars(wanted).first()
    return AddressOf(found.why.get("parsed", {}).get("town_code")) if found else None


def decision(session: Session, decision_id: int) -> GeocodeDecision:
    """The decision of an id. Raises NotFound."""
    found = session.get(GeocodeDecision, decision_id)
    if found is None:
        raise NotFound("decision", str(decision_id))
    return found


def decisions_of(session: Session, batch: str) -> list[GeocodeDecision]:
    """Those of a batch that stand, the last first; none for an unknown name."""
    wanted = select(GeocodeDecision).where(GeocodeDecision.batch == batch, GeocodeDecision.ended.is_(None))
    return list(session.scalars(wanted.order_by(GeocodeDecision.id.desc())))


def undo(session: Session, made: Sequence[GeocodeDecision], *, actor: str) -> list[GeocodeResult]:
    """Take decisions back: record, result and gazetteer are as they were before; returns what waits again.

    An earlier decision that one of them replaced stands again. Raises DecisionEnded where one does not stand any
    more, or its record has another place by now; then nothing is taken back.
    """
    dictionary = read_dictionary(session)
    taken = [_undo(session, one, actor=actor, dictionary=dictionary) for one in made]
    _stamp(session, [settled for settled, _ in taken])
    return [result for _, result in taken]


# -- one decision ----------------------------------------------------------------------------------


def _settle(
    session: Session,
    kind: str,
    code: str,
    choice: Choice,
    *,
    actor: str,
    dictionary: Dictionary,
    must_wait: bool = False,
) -> _Settled:
    record = record_of(session, kind, code)
    result = result_of(session, kind, record, code)
    former = standing(session, kind, code)
    if must_wait:
        _check_waits(result, former, choice)
    chosen, place = _meant(session, result, choice, code=code)
    before = {"result": {name: getattr(result, name) for name in _KEPT}, "place": _place_of(record)}
    if former is not None:
        geocode_learning.unlearn(session, former)
        former.ended, former.ended_by, former.ended_at = "replaced", actor, datetime.now(UTC)
    moment = datetime.now(UTC)
    made = GeocodeDecision(
        target_kind=kind,
        target_code=code,
        text=record.address or "",
        town_code=(result.why or {}).get("parsed", {}).get("town_code"),
        choice=choice.word,
        candidate=choice.candidate,
        offered=sum(is_place(Candidate.from_record(one)) for one in result.candidates or ()),
        level=place.level if place else None,
        lon=place.lon if place else None,
        lat=place.lat if place else None,
        remember=choice.remember,
        batch=choice.batch,
        before=before,
        replaces_id=former.id if former else None,
        decided_by=actor,
        at=moment,
    )
    session.add(made)
    session.flush()
    geocode_learning.learn(session, made, place=place, chosen=chosen, dictionary=dictionary)
    result.level = place.level if place else None
    result.score, result.error_m = (1.0, place.accuracy_m) if place else (0.0, None)
    result.text, result.status, result.decided_by, result.at = record.address or "", "decided", actor, moment
    session.add(result)
    set_place(session, record, place, actor=actor)
    session.flush()
    return _Settled(made, record)


def _check_waits(result: GeocodeResult, former: GeocodeDecision | None, choice: Choice) -> None:
    if result.id is None or result.status != "review":
        by, at = (former.decided_by, former.at) if former else (result.decided_by, result.at)
        raise AddressSettled(result.target_code, choice=former.choice if former else None, by=by, at=at)
    if choice.seen is not None and abs((result.at - choice.seen).total_seconds()) > 0.001:
        raise AddressChanged(result.target_code)


def _meant(
    session: Session, result: GeocodeResult, choice: Choice, *, code: str
) -> tuple[Candidate | None, NewPlace | None]:
    """The candidate that is meant, None for a pin; and the place, None for nowhere. Raises BadSetting."""
    has_pin = choice.lon is not None or choice.lat is not None
    if sum([has_pin, choice.candidate is not None, choice.nowhere]) != 1:
        raise BadSetting("decision", code, "one of a position, the number of a candidate, or nowhere")
    if choice.candidate is not None:
        chosen = _chosen(result, choice.candidate)
        return chosen, of_candidate(chosen)
    if not has_pin:
        return None, None
    return None, pin(session, lon=choice.lon, lat=choice.lat, datum=choice.datum)


def _undo(
    session: Session, made: GeocodeDecision, *, actor: str, dictionary: Dictionary
) -> tuple[_Settled, GeocodeResult]:
    record = record_of(session, made.target_kind, made.target_code)
    result = result_of(session, made.target_kind, record, made.target_code)
    session.refresh(made)
    if made.ended is not None or result.status != "decided" or not is_at(record.geom, made.lon, made.lat):
        raise DecisionEnded(made.target_code)
    geocode_learning.unlearn(session, made)
    made.ended, made.ended_by, made.ended_at = "undone", actor, datetime.now(UTC)
    kept = made.before
    for name, value in kept["result"].items():
        setattr(result, name, value)
    result.status, result.at = result.status or "review", datetime.now(UTC)
    _put_back(session, record, kept["place"], actor=actor)
    former = session.get(GeocodeDecision, made.replaces_id) if made.replaces_id else None
    if former is not None:
        former.ended = former.ended_by = former.ended_at = None
        session.flush()
        chosen = _chosen(result, former.candidate) if former.candidate else None
        geocode_learning.learn(
            session, former, place=_as_made(session, former, chosen), chosen=chosen, dictionary=dictionary
        )
    session.flush()
    return _Settled(made, record), result


def _as_made(session: Session, former: GeocodeDecision, chosen: Candidate | None) -> NewPlace | None:
    if chosen is not None:
        return of_candidate(chosen)
    if former.lon is None or former.lat is None:
        return None
    return pin(session, lon=former.lon, lat=former.lat, datum="wgs84")


def _stamp(session: Session, settled: Sequence[_Settled]) -> None:
    """Area codes for the records, and for what was learnt."""
    by_model: dict[Model, list[int]] = {}
    entries = [one.decision.entry_id for one in settled if one.decision.entry_id is not None]
    for one in settled:
        by_model.setdefault(type(one.record), []).append(one.record.id)
    for model, ids in by_model.items():
        stamp(session, model, ids=ids)
    stamp(session, GazetteerEntry, ids=entries)


# -- records and what was found for them ------------------------------------------------------------


def record_of(session: Session, kind: str, code: str) -> Record:
    """The record, held against all others until this transaction ends. Raises NotFound."""
    found: Record | None
    if model_of(kind) is Ticket:
        found = history.locked(session, code)
    elif kind == "units":
        found = session.scalars(select(MemberUnit).where(MemberUnit.code == code).with_for_update()).first()
    else:
        wanted = select(ResponsibilityPoint).where(ResponsibilityPoint.code == code)
        found = session.scalars(wanted.with_for_update()).first()
    if found is None:
        raise NotFound(f"record of {kind}", code)
    return found


def result_of(session: Session, kind: str, record: Record, code: str) -> GeocodeResult:
    """What geocoding found for a record; a fresh one, not yet stored, where it never looked."""
    wanted = select(GeocodeResult).where(GeocodeResult.target_kind == kind, GeocodeResult.target_code == code)
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    return found or GeocodeResult(target_kind=kind, target_code=code, text=record.address or "", candidates=[])


def _chosen(result: GeocodeResult, number: int) -> Candidate:
    candidates = [Candidate.from_record(record) for record in result.candidates or ()]
    if not 1 <= number <= len(candidates):
        raise BadSetting("candidate", str(number), f"a number from 1 to {len(candidates)}")
    if not is_place(candidates[number - 1]):
        raise BadSetting("candidate", str(number), "a place: an area has no position to give")
    return candidates[number - 1]


def _place_of(record: Record) -> dict[str, Any] | None:
    """The record's place as plain values; None where it has none."""
    here = position_of(record.geom)
    if here is None:
        return None
    kept = {name: getattr(record, name) for name in _PLACE}
    level = None if isinstance(record, Ticket) else record.place_level
    return {"lon": here[0], "lat": here[1], "level": level, **kept}


def _put_back(session: Session, record: Record, kept: Mapping[str, Any] | None, *, actor: str) -> None:
    set_place(session, record, None, actor=actor)
    if kept is None:
        return
    for name in _PLACE:
        setattr(record, name, kept[name])
    record.geom = from_shape(Point(kept["lon"], kept["lat"]), srid=4326)
    if not isinstance(record, Ticket):
        record.place_level = kept["level"]
