"""Trying the geocoder on addresses whose places are known, beside what simpler ways come to.

A labelled set is tried three ways: against the gazetteer as it stands; with a random half of its rows added to it
and the other half asked; and with half of its *roads* added, so that no road asked for was ever seen with a door.
Whatever is added is taken back.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.orm import Session

from geodata.formats import read
from geodata.geocode import scores
from geodata.geocode.answers import GeocodeAnswer
from geodata.geocode.evaluation import Areas, Figures, Judged, figures
from geodata.geocode.gazetteer import Gazetteer, door_columns, entry_parts, read_gazetteer
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import Dictionary, normalise, parse_address
from geodata.ingest.cells import text
from geodata.ingest.columns import Field, bind
from geodata.ingest.errors import DatumNeeded
from geodata.ingest.spellings import ADDRESS, NAME_HEADINGS
from geodata.models import GazetteerEntry
from geodata.queries.geocode_bench import areas_of, most_alike
from geodata.services.datums import datum_named
from spatial.coordinates import Coordinates
from spatial.crs import geodesic_metres

SPLITS = ("as_is", "random", "by_road")
BATCH = 1000
# Below this a name alike by trigrams is no answer; the best of all lets through more than it loses.
ALIKE_FROM = 0.4
# A set with fewer of its truths in the district is of another place: its towns have nothing to say.
SHARE_HERE = 0.5

ACCURACY_M = 10.0
_NO_NAMES = Dictionary()

FIELDS = (
    Field("address", text, (*ADDRESS.headings, *NAME_HEADINGS, "estate", "小区名称", "stop_name"), required=True),
    Field("datum", text, ("坐标系", "坐标系统", "crs", "srs")),
)


class Labelled(NamedTuple):
    """One address and its true place (WGS 84 degrees); NaN where it has none, and must be refused."""

    address: str
    lon: float
    lat: float

    @property
    def is_answerable(self) -> bool:
        """Whether there is a true place."""
        return not np.isnan(self.lon)


@dataclass(frozen=True)
class Trial:
    """One way of trying: how many rows were added and asked, the figures, those of simpler ways, and the speed."""

    split: str
    added: int
    figures: Figures
    baselines: Mapping[str, Figures]
    rows_per_s: float

    def to_json(self) -> dict[str, Any]:
        """The trial as JSON values."""
        plain = {name: _headline(one) for name, one in self.baselines.items()}
        return {**self.figures.to_json(), "added": self.added, "rows_per_s": self.rows_per_s, "baselines": plain}


class Asked(NamedTuple):
    """An answered row, for whoever wants to look."""

    row: Labelled
    answer: GeocodeAnswer
    judged: Judged


def read_labelled(session: Session, path: Path | str, *, datum: str | None = None) -> list[Labelled]:
    """The rows of a labelled set: a file with columns address, lon, lat and, unless `datum` is given, datum.

    Rows without coordinates are addresses that must be refused. Raises FileRefused, FieldsMissing, DatumNeeded,
    UnknownDatum.
    """
    table = read(Path(path))
    declared = None if datum is None else datum_named(session, datum)
    binding = bind(FIELDS, table.columns, declared=declared, places=True)
    found: list[Labelled] = []
    for row in table.rows:
        values = {name: source.of(row) for name, source in binding.sources.items()}
        x, y = (_number(values.get(name)) for name in ("lon", "lat"))
        said = values.get("datum") or datum or (binding.place_hint and binding.place_hint.name)
        if said is None and not np.isnan(x):
            raise DatumNeeded("")
        lon, lat = Coordinates(x, y, datum_named(session, str(said))).to_wgs84().one() if said else (x, y)
        found.append(Labelled(str(values["address"] or ""), lon, lat))
    return found


def try_all(
    session: Session,
    rows: Sequence[Labelled],
    *,
    seed: int = 1,
    splits: Sequence[str] = SPLITS,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Trial]:
    """Every way of trying, by its name in `splits`. Nothing is stored."""
    trials = {}
    for done, split in enumerate(splits):
        trials[split], _ = try_split(session, rows, split=split, seed=seed)
        if progress:
            progress(done + 1, len(splits))
    return trials


def try_split(session: Session, rows: Sequence[Labelled], *, split: str, seed: int = 1) -> tuple[Trial, list[Asked]]:
    """One way of trying, with each answered row. Nothing is stored."""
    known, asked = split_rows(rows, split=split, seed=seed)
    held = session.begin_nested()
    try:
        _add(session, known)
        gazetteer = _in_its_own_place(read_gazetteer(session), rows)
        answers, seconds = _answers(session, gazetteer, [row.address for row in asked])
        true = _codes(session, [(row.lon, row.lat) for row in asked])
        judged = _judge(session, asked, answers, true)
        baselines = {
            "exact_only": figures(_exact_only(asked, known, true)),
            "trigram_only": figures(_trigram_only(session, asked, true)),
            "no_interpolation": figures([_without_interpolation(one) for one in judged]),
        }
    finally:
        held.rollback()
    trial = Trial(split, len(known), figures(judged), baselines, round(len(asked) / seconds, 1) if asked else 0.0)
    return trial, [Asked(*one) for one in zip(asked, answers, judged, strict=True)]


def split_rows(rows: Sequence[Labelled], *, split: str, seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """The rows to add and the rows to ask; unanswerable ones are always asked."""
    if split == "as_is":
        return [], list(rows)
    keys = [_road_of(row) if split == "by_road" else str(i) for i, row in enumerate(rows)]
    groups = sorted(set(keys))
    random.Random(seed).shuffle(groups)  # noqa: S311 - a repeatable split, no secret
    chosen = set(groups[: len(groups) // 2])
    known = [row for row, key in zip(rows, keys, strict=True) if key in chosen and row.is_answerable]
    asked = [row for row, key in zip(rows, keys, strict=True) if key not in chosen or not row.is_answerable]
    return known, asked


def _road_of(row: Labelled) -> str:
    """The road of an address; a text without one stands for itself."""
    parsed = parse_address(row.address, _NO_NAMES)
    return parsed.road or parsed.norm


# -- the sample ----------------------------------------------------------------------------------


def _add(session: Session, known: Sequence[Labelled]) -> None:
    """The rows as records that the gazetteer has learnt from: doors, crossings and places."""
    added = []
    for i, row in enumerate(known):
        parsed = parse_address(row.address, _NO_NAMES)
        parts = entry_parts(row.address)
        columns: dict[str, Any] = parts._asdict()
        if parsed.form in {"door", "village_door"}:
            columns |= {"kind": "door", "name_norm": parsed.norm, "cross_road": None, **door_columns(parsed)}
        added.append(
            GazetteerEntry(
                **columns,
                name=row.address,
                district=parsed.district,
                geom=from_shape(Point(row.lon, row.lat), srid=4326),
                accuracy_m=ACCURACY_M,
                source=f"units/labelled {i}",
            )
        )
    session.add_all(added)
    session.flush()


def _in_its_own_place(gazetteer: Gazetteer, rows: Sequence[Labelled]) -> Gazetteer:
    """The gazetteer; where the set is of another place, one whose district and towns have nothing to say."""
    answerable = [row for row in rows if row.is_answerable]
    towns = gazetteer.towns_at([row.lon for row in answerable], [row.lat for row in answerable])
    is_here = bool(gazetteer.towns) and sum(town is not None for town in towns) >= SHARE_HERE * len(towns)
    return gazetteer if is_here else gazetteer.without_areas()


# -- answering and judging -----------------------------------------------------------------------


def _answers(session: Session, gazetteer: Gazetteer, texts: Sequence[str]) -> tuple[list[GeocodeAnswer], float]:
    geocoder = Geocoder(session, gazetteer)
    geocoder.geocode_many(texts[:1])
    start = time.perf_counter()
    answers = [one for i in range(0, len(texts), BATCH) for one in geocoder.geocode_many(texts[i : i + BATCH])]
    return answers, max(time.perf_counter() - start, 1e-9)


def _codes(session: Session, places: Sequence[tuple[float, float]]) -> list[Areas]:
    known = [i for i, (lon, _) in enumerate(places) if not np.isnan(lon)]
    codes = areas_of(session, [places[i][0] for i in known], [places[i][1] for i in known])
    found = [Areas(None, None, None)] * len(places)
    for i, code in zip(known, codes, strict=True):
        found[i] = Areas(*code)
    return found


def _judge(
    session: Session, asked: Sequence[Labelled], answers: Sequence[GeocodeAnswer], true: Sequence[Areas]
) -> list[Judged]:
    """Each answer against its truth; the best candidate stands for one that was not accepted."""
    best = [_best(answer) for answer in answers]
    lon, lat = np.array([one[1] for one in best]), np.array([one[2] for one in best])
    metres = geodesic_metres(lon, lat, [row.lon for row in asked], [row.lat for row in asked])
    codes = _codes(session, list(zip(lon.tolist(), lat.tolist(), strict=True)))
    judged = []
    for i, (row, answer) in enumerate(zip(asked, answers, strict=True)):
        may = scores.assignable(answer.level, answer.error_m, accepted=answer.status == "accepted")
        judged.append(
            Judged(
                score=best[i][0],
                is_accepted=answer.status == "accepted",
                is_answerable=row.is_answerable,
                metres=None if np.isnan(metres[i]) else float(metres[i]),
                error_m=best[i][3],
                answered=Areas(
                    codes[i].town,
                    codes[i].village if "village" in may else None,
                    codes[i].cell if "cell" in may else None,
                ),
                true=true[i],
                level=answer.level,
            )
        )
    return judged


def _best(answer: GeocodeAnswer) -> tuple[float, float, float, float | None]:
    """Score, lon, lat and error of the answer, or of the candidate that a person would see first; 0 for none."""
    first = next((one for one in answer.candidates if one.lon is not None and one.error_m is not None), None)
    if first is None or first.lon is None or first.lat is None or first.level == "road":
        return 0.0, np.nan, np.nan, None
    return first.score, first.lon, first.lat, first.error_m


# -- simpler ways --------------------------------------------------------------------------------


def _exact_only(asked: Sequence[Labelled], known: Sequence[Labelled], true: Sequence[Areas]) -> list[Judged]:
    """Only an address that stands letter by letter among the known ones."""
    by_text = {normalise(row.address): row for row in known}
    found = [by_text.get(normalise(row.address)) for row in asked]
    places = [(one.lon, one.lat) if one else (np.nan, np.nan) for one in found]
    return _plain(asked, places, [1.0 if one else 0.0 for one in found], true)


def _trigram_only(session: Session, asked: Sequence[Labelled], true: Sequence[Areas]) -> list[Judged]:
    """The entry whose name is most alike, where it is alike enough."""
    alike = most_alike(session, [normalise(row.address) for row in asked])
    places = []
    marks = []
    for one in alike:
        is_alike = one.lon is not None and one.lat is not None and (one.alike or 0.0) >= ALIKE_FROM
        places.append((one.lon or 0.0, one.lat or 0.0) if is_alike else (np.nan, np.nan))
        marks.append((one.alike or 0.0) if is_alike else 0.0)
    return _plain(asked, places, marks, true)


def _plain(
    asked: Sequence[Labelled], places: Sequence[tuple[float, float]], score: Sequence[float], true: Sequence[Areas]
) -> list[Judged]:
    lon, lat = [place[0] for place in places], [place[1] for place in places]
    metres = geodesic_metres(lon, lat, [row.lon for row in asked], [row.lat for row in asked])
    nowhere = Areas(None, None, None)
    return [
        Judged(mark, mark > 0.0, row.is_answerable, None if np.isnan(far) else float(far), None, nowhere, truth)
        for row, far, mark, truth in zip(asked, metres, score, true, strict=True)
    ]


def _without_interpolation(one: Judged) -> Judged:
    return one._replace(is_accepted=one.is_accepted and one.level != "interpolated")


def _headline(one: Figures) -> dict[str, Any]:
    names = ("match_rate", "false_match_rate", "refusal_rate", "median_m", "p95_m")
    return {name: getattr(one, name) for name in names}


def _number(value: object) -> float:
    try:
        return float(str(value)) if value not in {None, ""} else np.nan
    except ValueError:
        return np.nan
