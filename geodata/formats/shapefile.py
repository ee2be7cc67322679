"""Shapefiles, zipped: one set of .shp, .shx and .dbf, with .prj and .cpg where there are."""

import codecs
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from geodata.formats import archives
from geodata.formats.errors import LayerNeeded, Unreadable
from geodata.formats.layers import table_of
from geodata.formats.table import Note, Table

SUFFIXES = (".zip",)
TITLE = "zipped Shapefile"
DRIVER = "ESRI Shapefile"
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MAGIC = b"\x00\x00\x27\x0a"

_Sets = dict[str, dict[str, zipfile.ZipInfo]]


def looks_right(path: Path) -> bool:
    """Whether the file is a zip; whether a shapefile is in it shows when it is read."""
    return zipfile.is_zipfile(path)


def read(path: Path, *, layer: str | None = None) -> Table:
    """The features of the one shapefile in the zip, or of the one named `layer` (without .shp).

    The five parts are unpacked under a name of ours into a folder of ours, nothing else is. Without
    .cpg, text that is not UTF-8 is read as GB18030, and a note says so. Raises LayerNeeded, Unreadable,
    UnsafeArchive, TooLarge.
    """
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    with archives.opened(path) as archive, tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        parts = _chosen(_sets(archive), path.name, layer)
        home = Path(folder).resolve()
        for suffix, entry in parts.items():
            archives.unpack(archive, entry, home / f"layer{suffix}")
        _check_parts(home, path.name)
        notes: list[Note] = []
        encoding = _encoding(home, notes)
        read = gdal.read_layer(home / "layer.shp", "layer", driver=DRIVER, file=path.name, encoding=encoding)
        return table_of(read, notes)


def _sets(archive: zipfile.ZipFile) -> _Sets:
    sets: _Sets = {}
    for entry in archive.infolist():
        name = PurePosixPath(archives.shown_name(entry).replace("\\", "/"))
        hidden = name.name.startswith(".") or "__MACOSX" in name.parts
        if name.suffix.lower() in _PARTS and not entry.is_dir() and not hidden:
            sets.setdefault(str(name.with_suffix("")), {})[name.suffix.lower()] = entry
    return {stem: parts for stem, parts in sorted(sets.items()) if ".shp" in parts}


def _chosen(sets: _Sets, file: str, layer: str | None) -> dict[str, zipfile.ZipInfo]:
    if not sets:
        raise Unreadable(file, "there is no .shp in this zip file")
    asked = layer.removesuffix(".shp") if layer else None
    matches = [stem for stem in sets if asked is None or asked in {stem, PurePosixPath(stem).name}]
    if len(matches) != 1:
        raise LayerNeeded(file, [PurePosixPath(stem).name for stem in sets], layer if not matches else None)
    return sets[matches[0]]


def _check_parts(home: Path, file: str) -> None:
    missing = [suffix for suffix in (".shx", ".dbf") if not (home / f"layer{suffix}").exists()]
    if missing:
        raise Unreadable(file, f"the shapefile lacks its {' and '.join(missing)}; zip all its parts together")
    with (home / "layer.shp").open("rb") as shp:
        if shp.read(4) != _MAGIC:
            raise Unreadable(file, "the .shp in it is no shapefile")


def _encoding(home: Path, notes: list[Note]) -> str:
    """The .cpg's word, where there is one that Python knows; else what the bytes of the .dbf allow."""
    cpg = home / "layer.cpg"
    if cpg.exists():
        said = cpg.read_bytes()[:40].decode("ascii", errors="replace").strip()
        for name in (said, f"cp{said}", said.removeprefix("ANSI ").replace("OEM ", "cp")):
            try:
                return codecs.lookup(name).name
            except LookupError:
                continue
        notes.append(Note("encoding", f"the .cpg names an unknown encoding {said!r}", {"cpg": said}))
        # GDAL would read the .cpg again and stumble over it
        cpg.unlink()
    raw = (home / "layer.dbf").read_bytes()
    # the header of binary numbers ends where the first record begins, told by its bytes 8 and 9
    body = raw[int.from_bytes(raw[8:10], "little") :]
    for encoding in ("utf-8", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8":
            text = f"without .cpg the text was read as {encoding.upper()}"
            notes.append(Note("encoding", text, {"encoding": encoding}))
        return encoding
    notes.append(Note("encoding", "the text's encoding is unknown; it was read as Latin-1", {"encoding": "latin-1"}))
    return "latin-1"
