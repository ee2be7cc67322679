"""What the rows of a file become in the gazetteer: places, crossings, doors, posts, roads and other names."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from geodata.geocode.gazetteer import EntryParts, entry_parts
from geodata.geocode.parse import Dictionary, parse_address
from geodata.geocode.text import HAN, normalise
from geodata.ingest.house_numbers import HouseNumber, road_norm
from geodata.ingest.kinds import Job, Record
from geodata.ingest.lessons import lesson
from geodata.ingest.places import point_values, wkb
from geodata.models import GazetteerAlias, GazetteerRoad
from geodata.queries.gazetteer import LISTED

# A name is also a key, and an index holds none that is much longer.
LONGEST_NAME = 200
FOUND_BY = ("road", "cross_road", "lane", "sublane", "number", "suffix", "km")
_SHORTEST_ALIAS = 2
_MOST_LAYERS = 9
# Chinese, without any sign of a road, a number or a distance.
_ONLY_A_NAME = re.compile(f"(?:(?![路街道巷弄号同高桩口])[{HAN}])+")

_NO_NAMES = Dictionary()


class Taking:
    """Collects what the rows become, and counts it; the same thing twice in an extract counts once.

    became     how many of each kind were made.
    unused     how many rows, or names of rows, were of no use, by reason.
    is_tagged  whether the rows carry tags of OpenStreetMap, where `source` is about the mapping.
    """

    def __init__(self, job: Job, *, is_tagged: bool) -> None:
        self.job = job
        self.is_tagged = is_tagged
        self.became: Counter[str] = Counter()
        self.unused: Counter[str] = Counter()
        self._known: set[bytes] = set()
        self._aliases: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._roads: dict[tuple[str, str], int] = {}

    # -- entries -----------------------------------------------------------------------------

    def entry(
        self,
        record: Record,
        kind: str,
        name: str,
        parts: Mapping[str, Any],
        *,
        norm: str | None = None,
        accuracy_m: float | None = None,
        source: str | None = None,
    ) -> bool:
        """Make a row an entry, or give it a further one; False where an extract has it already.

        norm         its normalised name where that is known.
        source       where it is from, other than the row itself.
        accuracy_m   what such an entry is worth where the row tells nothing.
        """
        values = {
            "kind": kind,
            "name": name,
            "name_norm": normalise(name) if norm is None else norm,
            **{part: parts.get(part) for part in FOUND_BY},
            **self._told(record),
            **point_values(record, self.job),
        }
        if accuracy_m is not None and record.cells.get("accuracy_m") is None:
            values["accuracy_m"] = accuracy_m
        if source is not None:
            values["source"] = source
        if "address" in record.cells:
            values["address"] = record.cells["address"]
        values["district"] = _district(record)
        if self.is_tagged:
            told = f"{kind}\x1f{name}\x1f{values['raw_x']!r}\x1f{values['raw_y']!r}\x1f{values['source']}"
            # of a province's extract the keys themselves would be a hundred megabytes
            key = hashlib.blake2b(told.encode(), digest_size=16).digest()
            if key in self._known:
                self.unused[f"a {kind} that stands there twice"] += 1
                return False
            self._known.add(key)
        self.became[kind] += 1
        if record.values:
            self.job.extra.append(Record(record.row, record.cells, values=values))
        else:
            record.values = values
        return True

    def named(self, record: Record, name: str, *, accuracy_m: float | None = None) -> str:
        """Make a row the entry that its name says: a place, a crossing or a door; returns which."""
        norm = normalise(name)
        # parsing a hundred thousand names costs more than all else, and most say by their signs what they are
        read = EntryParts("place", norm) if _ONLY_A_NAME.fullmatch(norm) else entry_parts(name)
        parts = {part: getattr(read, part, None) for part in FOUND_BY}
        self.entry(record, read.kind, name, parts, norm=read.name_norm, accuracy_m=accuracy_m)
        return read.kind

    def doors(
        self,
        record: Record,
        road: str,
        norm: str,
        numbers: Sequence[HouseNumber],
        *,
        accuracy_m: float | None = None,
    ) -> None:
        """Give a row a door on a road or in a village (as shown, as compared) for each of its numbers."""
        for one in numbers:
            parts = {**one._asdict(), "road": norm}
            self.entry(record, "door", one.named(road), parts, accuracy_m=accuracy_m)

    def listed_door(self, record: Record) -> None:
        """Give a row with a name the door that its address tells: that of a record, which one alone does not prove."""
        address, known = record.cells.get("address"), self.job.references
        if not address or record.lon is None or record.lat is None:
            return
        found = lesson(address, known.dictionary, town_code=known.town_at(record.lon, record.lat))
        if found and found["kind"] == "door":
            source = LISTED + self._told(record)["source"]
            self.entry(record, "door", found["name"], found, norm=found["name_norm"], source=source)

    # -- roads -------------------------------------------------------------------------------

    def road(self, record: Record, name: str, *, road_class: str | None, layer: int) -> None:
        """Make a row with a line a stretch of a road."""
        norm = road_norm(name)
        stored = wkb(record.shape) or b""
        told = self._told(record)
        ref = str(record.cells.get("id") or _made_ref(norm, stored))
        if not norm:
            self.job.problem(record, "name", "nothing is left of the name when it is compared")
            return
        there = self._roads.setdefault((told["source"], ref), record.row)
        if there != record.row:
            self.job.problem(record, "id", f"row {there} has the same number and is another stretch", ref)
            return
        self.became["road"] += 1
        self.job.beside.setdefault(GazetteerRoad, []).append(
            {
                "ref": ref,
                "name": name,
                "name_norm": norm,
                "road_class": road_class,
                "layer": max(-_MOST_LAYERS, min(_MOST_LAYERS, layer)),
                "geom": stored,
                "accuracy_m": record.cells.get("accuracy_m"),
                **told,
            }
        )

    # -- other names -------------------------------------------------------------------------

    def alias(self, record: Record, kind: str, alias: str, target: str) -> None:
        """Note another name of what is listed as `target`, unless the two are compared as one."""
        normed = road_norm if kind == "road" else normalise
        alias_norm, target_norm = normed(alias), normed(target)
        if len(alias_norm) < _SHORTEST_ALIAS or not target_norm or alias_norm == target_norm:
            self.unused["another name that says the same or nothing"] += 1
            return
        if max(len(alias_norm), len(target_norm)) > LONGEST_NAME:
            self.unused["another name that is too long"] += 1
            return
        key = (kind, alias_norm, target_norm)
        told = self._told(record)
        told.pop("licence", None)
        if key not in self._aliases:
            self.became["alias"] += 1
            self._aliases[key] = {
                "kind": kind,
                "alias": alias,
                "alias_norm": alias_norm,
                "target_norm": target_norm,
                **told,
            }

    def finish(self) -> None:
        """Hand over the other names, and put the counts into the report."""
        if self._aliases:
            self.job.beside[GazetteerAlias] = list(self._aliases.values())
        if self.became.total():
            facts = dict(sorted(self.became.items()))
            told = ", ".join(f"{what} {number}" for what, number in facts.items())
            self.job.report.note("became", f"what the rows became: {told}", facts)
        if self.unused:
            told = ", ".join(f"{what} ({number})" for what, number in self.unused.most_common(8))
            count = self.unused.total()
            text = f"{count} without any use for addresses: {told}"
            self.job.report.note("no_use", text, {"count": count, "why": dict(self.unused.most_common(100))})

    def _told(self, record: Record) -> dict[str, Any]:
        """Where a row is from, and from which day to which it holds, as far as the file tells."""
        cells, fields = record.cells, self.job.fields
        told: dict[str, Any] = {"source": (not self.is_tagged and cells.get("source")) or self.job.source}
        if "licence" in fields or self.job.is_extract:
            told["licence"] = cells.get("licence") or ("ODbL 1.0" if self.job.is_extract else "")
        told |= {name: cells.get(name) for name in ("valid_from", "valid_to") if name in fields}
        return told


def _district(record: Record) -> str | None:
    """The district that a row or its address names."""
    told = record.cells.get("district") or record.cells.get("addr:district")
    if told:
        return normalise(told)
    address = record.cells.get("address")
    return parse_address(address, _NO_NAMES).district if address else None


def _made_ref(norm: str, stored: bytes) -> str:
    """A name that the same stretch always gets."""
    return "made:" + hashlib.sha256(f"{norm}\x1f".encode() + stored).hexdigest()[:20]
