"""What a decision about one address teaches: a door or a place of the gazetteer, and another name for one.

Rows that were learnt bear the source `decision`. Several decisions may have taught the same row; it goes with the last
of them.
"""

from typing import NamedTuple

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Candidate
from geodata.geocode.gazetteer import door_columns
from geodata.geocode.names import local_text
from geodata.geocode.parse import Dictionary, normalise, parse_address
from geodata.geocode.rungs import DECIDED
from geodata.models import GazetteerAlias, GazetteerEntry, GeocodeDecision
from geodata.services.placing import NewPlace, is_at

# How exactly a hand points at a door on a map.
PIN_ERROR_M = 10.0

# Of a mere suggestion nobody knows how exact it is; what is learnt from it must not pass for a surveyed door.
SUGGESTION_ERROR_M = 100.0

# Texts of these forms mean one place each; a bare road, village or town means many, and would teach something false.
TEACHING = frozenset({"place", "crossing", "offset", "between", "beside", "km_post"})
DOORS = frozenset({"door", "village_door"})


class OtherName(NamedTuple):
    """A name as it was `written`, and the listed name that it `means`; both normalised. `kind` is the alias's."""

    kind: str
    written: str
    means: str


def other_name(parsed: ParsedAddress, chosen: Candidate, dictionary: Dictionary) -> OtherName | None:
    """What choosing a candidate says of a name nobody knew; None where it says nothing.

    A road: one that the address names and nobody lists, where the candidate has one road that the address does not
    name. A place: a name that is not the candidate's own.
    """
    there = parse_address(chosen.name, dictionary)
    named = [road for road in (parsed.road, parsed.cross_road) if road]
    unknown = [road for road in named if not dictionary.has_road(road)]
    theirs = [road for road in (there.road, there.cross_road) if road and dictionary.has_road(road)]
    theirs = [road for road in theirs if road not in named]
    if len(unknown) == 1 and len(theirs) == 1 and chosen.level != "place":
        return OtherName("road", unknown[0], theirs[0])
    name = normalise(chosen.name)
    if chosen.level == "place" and parsed.place and parsed.place != name:
        return OtherName("place", parsed.place, name)
    return None


def learn(
    session: Session,
    decision: GeocodeDecision,
    *,
    place: NewPlace | None,
    chosen: Candidate | None,
    dictionary: Dictionary,
) -> None:
    """Write down what a decision teaches, and in the decision which rows that are.

    place    where the record was put; None: it is nowhere, and nothing is learnt.
    chosen   the candidate that it came from; None for a pin.
    """
    decision.entry_id = decision.alias_id = None
    # what another house's geocoder found is theirs: its terms seldom let it be kept as our own place
    if place is None or (chosen and any(reason.word == "asked_online" for reason in chosen.reasons)):
        return
    parsed = parse_address(decision.text, dictionary)
    named = other_name(parsed, chosen, dictionary) if chosen else None
    if named and decision.remember:
        decision.alias_id = _alias(session, named, decided_by=decision.decided_by)
    entry = _entry(parsed, decision.text, road=_road(parsed, chosen, named if decision.remember else None))
    if entry is not None:
        accuracy_m = (place.accuracy_m or SUGGESTION_ERROR_M) if chosen else PIN_ERROR_M
        decision.entry_id = _stored(session, entry, place, accuracy_m=accuracy_m)


def unlearn(session: Session, decision: GeocodeDecision) -> None:
    """Take back what a decision taught, but for what another one that stands taught as well."""
    entry_id, alias_id = decision.entry_id, decision.alias_id
    decision.entry_id = decision.alias_id = None
    session.flush()
    entry = session.get(GazetteerEntry, entry_id) if entry_id else None
    if entry is not None and not _taught(session, GeocodeDecision.entry_id == entry.id):
        session.delete(entry)
    alias = session.get(GazetteerAlias, alias_id) if alias_id else None
    if alias is not None and not _taught(session, GeocodeDecision.alias_id == alias.id):
        session.delete(alias)
    session.flush()


def _road(parsed: ParsedAddress, chosen: Candidate | None, named: OtherName | None) -> str | None:
    """The road that a door is listed on: the one meant, where the written one only sounds like it or is remembered."""
    if named and named.kind == "road" and named.written == parsed.road:
        return named.means
    for reason in chosen.reasons if chosen else ():
        if reason.word == "same_sound" and reason.facts.get("written") == parsed.road:
            return str(reason.facts["taken"])
    return parsed.road


def _entry(parsed: ParsedAddress, text: str, *, road: str | None) -> GazetteerEntry | None:
    if parsed.form in DOORS:
        columns = door_columns(parsed)
        if parsed.road is not None:
            columns["road"] = road
        return GazetteerEntry(kind="door", name=text, name_norm=parsed.norm, district=parsed.district, **columns)
    local = local_text(parsed).strip() if parsed.form in TEACHING else ""
    # a village that is also read as a place is an area all the same
    if len(local) < 2 or local == parsed.village_name:
        return None
    return GazetteerEntry(kind="place", name=local, name_norm=local, district=parsed.district)


def _stored(session: Session, entry: GazetteerEntry, place: NewPlace, *, accuracy_m: float | None) -> int:
    """Id of the entry, or of the one that another decision has made of the same."""
    wanted = select(GazetteerEntry).where(
        GazetteerEntry.source == DECIDED,
        GazetteerEntry.kind == entry.kind,
        GazetteerEntry.name_norm == entry.name_norm,
        GazetteerEntry.road.is_not_distinct_from(entry.road),
    )
    for known in session.scalars(wanted.order_by(GazetteerEntry.id)):
        if is_at(known.geom, place.lon, place.lat):
            return known.id
    entry.source, entry.accuracy_m = DECIDED, accuracy_m
    entry.geom = from_shape(Point(place.lon, place.lat), srid=4326)
    entry.raw_x, entry.raw_y = place.raw_x, place.raw_y
    entry.datum, entry.datum_evidence = place.datum, place.evidence
    session.add(entry)
    session.flush()
    return entry.id


def _alias(session: Session, named: OtherName, *, decided_by: str) -> int | None:
    """Id of the alias where decisions made it; None where a file lists it already."""
    wanted = select(GazetteerAlias).where(
        GazetteerAlias.kind == named.kind,
        GazetteerAlias.alias_norm == named.written,
        GazetteerAlias.target_norm == named.means,
    )
    known = session.scalars(wanted).first()
    if known is not None:
        return known.id if known.source == DECIDED else None
    made = GazetteerAlias(
        kind=named.kind,
        alias=named.written,
        alias_norm=named.written,
        target_norm=named.means,
        source=DECIDED,
        decided_by=decided_by,
    )
    session.add(made)
    session.flush()
    return made.id


def _taught(session: Session, condition: object) -> bool:
    found = session.scalars(select(GeocodeDecision.id).where(condition).limit(1))  # type: ignore[arg-type] # a clause
    return found.first() is not None
