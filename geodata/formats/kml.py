"""KML, plain or zipped as KMZ, read without GDAL; whatever the file links to is left where it is."""

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np
from shapely.geometry.base import BaseGeometry

from geodata.formats import archives, strict_xml
from geodata.formats.errors import LayerNeeded, TooLarge, Unreadable
from geodata.formats.geojson import built
from geodata.formats.heights import heights_dropped
from geodata.formats.kml_shapes import NOT_READ, SHAPES, member_of
from geodata.formats.plain_text import has_tags, without_tags
from geodata.formats.strict_xml import text_of
from geodata.formats.table import Fault, Note, Row, Table
from spatial.errors import BadGeometry

SUFFIXES = (".kml", ".kmz")
TITLE = "KML"
# The format lays WGS 84 down; Chinese programs save GCJ-02 in it all the same, so it is only what the file says.
DECLARED = "EPSG:4326"

FOLDER = "folder"
# What a placemark has beside its ExtendedData, by the path to it.
_OWN = {
    "name": "name",
    "description": "description",
    "address": "address",
    "time": "TimeStamp/when",
    "begin": "TimeSpan/begin",
    "end": "TimeSpan/end",
}
_MAIN = PurePosixPath("doc.kml")
_FOLDERS = {"Document", "Folder"}
_LINKED = ("NetworkLink", "GroundOverlay", "ScreenOverlay", "PhotoOverlay", "href")


class _Feature(NamedTuple):
    cells: Row
    extended: frozenset[str]
    shape: BaseGeometry | None
    fault: str | None
    gap: float | None
    is_high: bool


@dataclass(slots=True)
class _Folder:
    """A document or folder, the names down to it, and the placemarks that stand in it directly."""

    names: tuple[str, ...]
    features: list[_Feature] = field(default_factory=list)


def looks_right(path: Path) -> bool:
    """Whether the file begins with the root of a KML file or, as a KMZ, is a zip."""
    return zipfile.is_zipfile(path) if path.suffix.lower() == ".kmz" else strict_xml.begins_with(path, "kml")


def read(path: Path, *, layer: str | None = None) -> Table:
    """The placemarks of all folders, or of the folder named `layer`; of a KMZ, those of all KML files in it.

    Columns are name, description, address and times where they occur, and those of ExtendedData, all as text;
    tags in a text are dropped, with a note. Several folders are read together, with a column `folder`, as long as
    their ExtendedData have the same columns. Heights, overlays and links are left out with notes; tracks and models
    are faults. Raises LayerNeeded, TooLarge, Unreadable, UnsafeArchive and WrongFormat.
    """
    notes: list[Note] = []
    counts: Counter[str] = Counter()
    with _files(path) as found:
        folders = [one for plain, stem in found for one in _folders(plain, stem, path.name, counts)]
    chosen = _chosen(folders, path.name, layer)
    if linked := {name: counts[name] for name in _LINKED if counts[name]}:
        told = ", ".join(f"{count} {name}" for name, count in linked.items())
        notes.append(Note("links_left_out", f"what the file shows from elsewhere is not fetched: {told}", linked))
    if counts["tags"]:
        text = f"tags of web pages were taken out of {counts['tags']} texts"
        notes.append(Note("tags_dropped", text, {"count": counts["tags"]}))
    return _table(chosen, notes, has_folders=layer is None and len(chosen) > 1)


@contextmanager
def _files(path: Path) -> Iterator[list[tuple[Path, str]]]:
    """The file, or all KML files in the zip, unpacked under names of ours; with the names they have."""
    if path.suffix.lower() != ".kmz":
        yield [(path, path.stem)]
        return
    with archives.opened(path) as archive, tempfile.TemporaryDirectory(prefix="wangge-") as home:
        named = [(PurePosixPath(archives.shown_name(one).replace("\\", "/")), one) for one in archive.infolist()]
        inside = [(name, one) for name, one in named if name.suffix.lower() == ".kml" and "__MACOSX" not in name.parts]
        if not inside:
            raise Unreadable(path.name, "there is no KML in it")
        size = sum(one.file_size for _, one in inside)
        if size > strict_xml.MAX_BYTES:
            raise TooLarge(path.name, f"the KML in it has {size:,} bytes", f"{strict_xml.MAX_BYTES:,}")
        found = []
        # programs write a main file, and beside it one for each layer
        for number, (name, one) in enumerate(sorted(inside, key=lambda pair: pair[0] != _MAIN)):
            archives.unpack(archive, one, Path(home) / f"{number}.kml")
            found.append((Path(home) / f"{number}.kml", path.stem if name == _MAIN else name.stem))
        yield found


def _folders(plain: Path, stem: str, file: str, counts: Counter[str]) -> list[_Folder]:
    """The folders with placemarks of their own, by the first of these; those without a name are called `stem`."""
    folders: list[_Folder] = []
    within = [_Folder((stem,))]
    tags: list[str] = []
    for event in strict_xml.walk(plain, root="kml", trees=frozenset({"Placemark"}), title=TITLE, file=file):
        if event.tree is not None:
            if not within[-1].features:
                folders.append(within[-1])
            within[-1].features.append(_feature(event.tree, counts))
        elif event.what == "begin":
            counts[event.tag] += event.tag in _LINKED
            tags.append(event.tag)
            if event.tag in _FOLDERS:
                above = within[-1].names if len(within) > 1 else ()
                within.append(_Folder((*above, stem)))
        else:
            tags.pop()
            if event.tag in _FOLDERS:
                within.pop()
            elif event.tag == "name" and event.text and tags[-1:] and tags[-1] in _FOLDERS:
                within[-1].names = (*within[-1].names[:-1], event.text)
    return folders


def _chosen(folders: list[_Folder], file: str, layer: str | None) -> list[_Folder]:
    """All folders, where they may be read together, or those of the name asked for."""
    names = _names(folders)
    if layer is not None:
        asked = [one for one, name in zip(folders, names, strict=True) if layer in {name, one.names[-1]}]
        if not asked or (len(asked) > 1 and layer not in names):
            raise LayerNeeded(file, names, layer if not asked else None)
        return [one for one, name in zip(folders, names, strict=True) if name == layer] or asked
    if len({frozenset().union(*(one.extended for one in folder.features)) for folder in folders}) > 1:
        raise LayerNeeded(file, names, None)
    return folders


def _names(folders: list[_Folder]) -> list[str]:
    """The last name of each folder, and all names down to it where others have the same."""
    last = Counter(one.names[-1] for one in folders)
    return [one.names[-1] if last[one.names[-1]] == 1 else "/".join(one.names) for one in folders]


def _table(folders: list[_Folder], notes: list[Note], *, has_folders: bool) -> Table:
    table = Table((), [], [], declared_crs=DECLARED, notes=notes)
    shapes = []
    heights = 0
    is_taken = any(FOLDER in one.cells for folder in folders for one in folder.features)
    heading = f"{FOLDER} (KML)" if is_taken else FOLDER
    for folder, name in zip(folders, _names(folders), strict=True):
        for one in folder.features:
            index = len(table.rows)
            table.rows.append({**one.cells, heading: name} if has_folders else one.cells)
            shapes.append(one.shape)
            heights += one.is_high
            if one.fault is not None:
                table.faults.append(Fault(index, "geometry", "", one.fault))
            if one.gap is not None:
                table.closed_rings[index] = one.gap
    found = dict.fromkeys(name for row in table.rows for name in row)
    table.columns = (*(name for name in _OWN if name in found), *(name for name in found if name not in _OWN))
    table.rows = [{name: row.get(name) for name in table.columns} for row in table.rows]
    table.numbers = list(range(1, len(table.rows) + 1))
    table.geometries = np.array([*shapes, None], dtype=object)[:-1]
    if heights:
        notes.append(heights_dropped(heights))
    return table


def _feature(placemark: Element, counts: Counter[str]) -> _Feature:
    for name in _LINKED:
        counts[name] += sum(1 for _ in placemark.iter(name))
    own = {name: text for name, where in _OWN.items() if (text := text_of(placemark.find(where))) is not None}
    extended = _extended(placemark)
    cells: Row = {name: _words(text, counts) for name, text in own.items()}
    for name, text in extended.items():
        # programs write the fields that became name and description once more
        if text is None or own.get(name) != text:
            cells[name if name not in own else f"{name} (2)"] = None if text is None else _words(text, counts)
    shape, gap, fault, is_high = None, None, None, False
    given = [child for child in placemark if child.tag in (*SHAPES, *NOT_READ)]
    try:
        if len(given) > 1:
            raise BadGeometry("a placemark has one geometry, and this has several")
        if given:
            member, is_high = member_of(given[0])
            shape, gap = built(member)
    except BadGeometry as error:
        fault = error.reason if error.position is None else f"{error.reason} at {error.position}"
    return _Feature(cells, frozenset(extended), shape, fault, gap, is_high)


def _extended(placemark: Element) -> Mapping[str, str | None]:
    """Values of Data and SchemaData by name; the first of several with one name."""
    found: dict[str, str | None] = {}
    for data in placemark.iterfind("ExtendedData/Data"):
        found.setdefault(data.get("name", ""), text_of(data.find("value")))
    for data in placemark.iterfind("ExtendedData/SchemaData/SimpleData"):
        found.setdefault(data.get("name", ""), text_of(data))
    found.pop("", None)
    return found


def _words(text: str, counts: Counter[str]) -> str | None:
    if not has_tags(text):
        return text
    counts["tags"] += 1
    return without_tags(text) or None
