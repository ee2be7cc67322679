"""Filling the gazetteer: from files, from the roads it has, and from records that have a place of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from shapely import Point
from sqlalchemy.orm import Session

from geodata.geocode.gazetteer import read_dictionary
from geodata.geocode.parse import Dictionary
from geodata.geocode.text import HAN
from geodata.ingest.kinds import Job, Record
from geodata.ingest.lessons import lesson
from geodata.ingest.places import wkb
from geodata.models import Base, GazetteerAlias, GazetteerEntry, GazetteerRoad
from geodata.queries import gazetteer_filling as queries
from geodata.queries.gazetteer_filling import CrossingChanges, OwnPlace, RoadFigures, SourceCount
from geodata.queries.loading import Merged, Stage, merge
from geodata.services.stamps import stamp

_ENTRY_KEY = ("kind", "name", "raw_x", "raw_y", "source")
_BESIDE: tuple[tuple[type[Base], tuple[str, ...], frozenset[str]], ...] = (
    (GazetteerRoad, ("source", "ref"), frozenset()),
    # who said a name first stays its source, and what a person decided stays theirs
    (GazetteerAlias, ("kind", "alias_norm", "target_norm"), frozenset({"alias", "source"})),
)
_HAN = f"[{HAN}]"


class Learned(NamedTuple):
    """What was learned from records: entries that are new, and those taken away as their record has changed."""

    added: int
    gone: int


@dataclass(frozen=True)
class GazetteerStatus:
    """What the gazetteer holds: rows by kind, source and licence, and figures of roads and doors."""

    counts: tuple[SourceCount, ...]
    figures: RoadFigures

    @property
    def by_kind(self) -> dict[str, int]:
        """Rows of each kind, sorted."""
        found: dict[str, int] = {}
        for one in self.counts:
            found[one.kind] = found.get(one.kind, 0) + one.rows
        return dict(sorted(found.items()))

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        last = self.figures.last_import
        figures = {**self.figures._asdict(), "road_km": round(self.figures.road_km, 1)}
        figures["last_import"] = last.isoformat() if last else None
        return {"kinds": self.by_kind, "sources": [one._asdict() for one in self.counts], **figures}


class StagedExtract:
    """Entries, roads and other names of an extract, each in a temporary table."""

    def __init__(self, session: Session) -> None:
        self.entries = Stage(session, GazetteerEntry, _ENTRY_KEY)
        self.roads, self.aliases = (Stage(session, model, key, only_new=only_new) for model, key, only_new in _BESIDE)
        self._all = (self.entries, self.roads, self.aliases)

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to store."""
        return any(stage.has_rows for stage in self._all)

    def analyse(self) -> None:
        """Let the planner know how many rows there are; tables that have none are made."""
        for stage in self._all:
            stage.analyse()

    def drop(self) -> None:
        """Take the temporary tables away."""
        for stage in self._all:
            stage.drop()


def take_extract(session: Session, job: Job, extract: StagedExtract) -> None:
    """Store what is staged of an extract, and bring the crossings of the roads in step.

    An extract tells all that its source has: what was in it before and is no more goes.
    """
    entries, roads, aliases = (
        extract.entries.merge(session),
        extract.roads.merge(session),
        extract.aliases.merge(session),
    )
    session.expire_all()
    _count(job, [entries, roads, aliases])
    gone = _remove_gone(session, job) if job.is_whole else 0
    stamp(session, GazetteerEntry, ids=sorted({*entries.stored, *entries.moved}))
    _keep_crossings(session, job, is_road_new=bool(roads.stored or roads.changed or gone))


def take_gazetteer(session: Session, job: Job, records: Sequence[Record]) -> Merged:
    """Store entries, roads and other names of one import, and bring the crossings of the roads in step.

    Returns what became of the entries; the report counts all three.
    """
    merged = _merge(session, GazetteerEntry, [record.values for record in records], _ENTRY_KEY)
    all_merged = [merged]
    is_road_new = False
    for model, key, only_new in _BESIDE:
        done = _merge(session, model, job.beside.get(model, ()), key, only_new=only_new)
        all_merged.append(done)
        is_road_new |= model is GazetteerRoad and bool(done.stored or done.changed)
    _count(job, all_merged)
    stamp(session, GazetteerEntry, ids=sorted({*merged.stored, *merged.moved}))
    _keep_crossings(session, job, is_road_new=is_road_new)
    return merged


def _count(job: Job, merged: Sequence[Merged]) -> None:
    report = job.report
    report.stored = sum(len(one.stored) for one in merged)
    report.changed = sum(len(one.changed) for one in merged)
    report.unchanged = sum(one.unchanged for one in merged)


def _keep_crossings(session: Session, job: Job, *, is_road_new: bool) -> None:
    if not is_road_new:
        return
    found = derive_crossings(session)
    text = f"crossings of the roads: {len(found.added)} new, {len(found.changed)} changed, {len(found.gone)} gone"
    facts = {what: len(ids) for what, ids in found._asdict().items()}
    if any(facts.values()):
        job.report.note("crossings", text, facts)


def derive_crossings(session: Session) -> CrossingChanges:
    """Make the crossings of source `roads` those where differently named roads of today meet.

    They keep step with the roads: those that are gone go, those that are where they were stay as they are.
    """
    session.flush()
    found = queries.set_crossings(session, han=_HAN)
    session.expire_all()
    stamp(session, GazetteerEntry, ids=found.added)
    return found


def learn_from_records(session: Session) -> Learned:
    """Learn doors and places from units and points that have an address and a place of their own.

    Not learned is a place found by geocoding, one that more than six addresses share, and one whose address names
    another town or district, or something beside the door. Only records that are new or have changed are read.
    """
    session.flush()
    gone = queries.forget_records(session)
    places = queries.places_to_learn(session)
    values: list[dict[str, Any]] = []
    if places:
        dictionary = read_dictionary(session)
        found = (_lesson(place, dictionary) for place in places)
        values = [one for one in found if one is not None]
    merged = _merge(session, GazetteerEntry, values, _ENTRY_KEY)
    stamp(session, GazetteerEntry, ids=merged.stored)
    session.expire_all()
    return Learned(len(merged.stored), gone)


def gazetteer_status(session: Session) -> GazetteerStatus:
    """What the gazetteer holds."""
    return GazetteerStatus(tuple(queries.source_counts(session)), queries.road_figures(session))


def _merge(
    session: Session,
    model: type[Base],
    rows: Sequence[dict[str, Any]],
    key: Sequence[str],
    *,
    only_new: frozenset[str] = frozenset(),
) -> Merged:
    if not rows:
        return Merged([], [], [], 0)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    done = merge(
        session, model, columns, ([row.get(name) for name in columns] for row in rows), key=key, only_new=only_new
    )
    session.expire_all()
    return done


def _remove_gone(session: Session, job: Job) -> int:
    """Remove what the source has no more, by what is staged; nothing while rows have problems, which are in the file.

    Returns how many stretches of roads went.
    """
    if job.report.problems:
        job.report.note("kept", "rows have problems, so nothing that the file has no more was removed")
        return 0
    source = job.source
    entries, gone, others = queries.remove_unstaged(session, source)
    if entries or gone or others:
        text = (
            f"{entries} places, {gone} stretches of roads and {others} other names of the source {source} "
            "are not in the file any more and were removed"
        )
        job.report.note("removed", text, {"entries": entries, "roads": gone, "aliases": others})
    return gone


def _lesson(place: OwnPlace, dictionary: Dictionary) -> dict[str, Any] | None:
    """The entry that a record's address and place make; None where they teach nothing."""
    found = lesson(place.address, dictionary, town_code=place.town_code)
    if found is None:
        return None
    return {
        **found,
        "geom": wkb(Point(place.lon, place.lat)),
        "raw_x": place.lon if place.raw_x is None else place.raw_x,
        "raw_y": place.lat if place.raw_y is None else place.raw_y,
        "datum": place.datum or "wgs84",
        "datum_evidence": place.datum_evidence,
        "accuracy_m": place.accuracy_m,
        "address": place.address,
        "source": place.source,
    }
