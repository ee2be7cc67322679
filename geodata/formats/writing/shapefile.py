"""Shapefile, zipped, with a list of its shortened names and of what was cut."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from geodata.formats.shapefile import DRIVER
from geodata.formats.writing.layer import Layer, Writer

# What the format allows a name and a text.
LONGEST_NAME = 10
LONGEST_TEXT = 254

FIELDS = "fields.txt"
# The whole list of what was cut may be long; from here on it is counted only.
MOST_TOLD = 1000


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """The parts of a shapefile in UTF-8 and `fields.txt`, packed.

    Text beyond 254 bytes is cut between two letters, listed in `fields.txt` and counted as `text`; moments are
    text in ISO 8601; yes and no are 1 and 0; empty text is the same as none.
    """
    import pyarrow as pa  # noqa: PLC0415 - as in vector.py

    from geodata.formats import gdal  # noqa: PLC0415 - likewise
    from geodata.formats.writing import arrow  # noqa: PLC0415 - likewise

    about = layer.collection
    short = short_names(about.names)
    others = {"datetime": pa.string(), "boolean": pa.int32()}
    types = {one.name: others[one.kind] for one in about.properties if one.kind in others}
    cuts: list[str] = []
    home = path.parent / "shapefile"
    home.mkdir(mode=0o700)
    gdal.write_layer(
        arrow.reader(_fitted(batches, layer, cuts), arrow.schema_of(layer, short.values(), types=types)),
        home / f"{about.id}.shp",
        driver=DRIVER,
        name=about.id,
        shape=about.shape,
        srid=layer.srid,
        options={"ENCODING": "UTF-8"},
    )
    (home / FIELDS).write_text("\r\n".join(_words(layer, short, cuts)) + "\r\n", encoding="utf-8-sig")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(home.iterdir()):
            archive.write(part, part.name)


def short_names(names: Iterable[str]) -> dict[str, str]:
    """What each name is called in ten bytes: itself where it fits, else its beginning, numbered where that is taken."""
    names = list(names)
    found = {name: name for name in names if len(name.encode()) <= LONGEST_NAME}
    taken = {name.lower() for name in found}
    for name in names:
        if name in found:
            continue
        tries = (_cut(name, LONGEST_NAME - len(end)) + end for end in _endings())
        found[name] = next(one for one in tries if one.lower() not in taken)
        taken.add(found[name].lower())
    return {name: found[name] for name in names}


def _endings() -> Iterator[str]:
    yield ""
    number = 2
    while True:
        yield f"_{number}"
        number += 1


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _fitted(batches: Iterable[list[list[Any]]], layer: Layer, cuts: list[str]) -> Iterator[list[list[Any]]]:
    properties = layer.collection.properties
    key = layer.collection.names.index(layer.collection.key)
    for rows in batches:
        for row in rows:
            name = row[key]
            for index, one in enumerate(properties):
                value = row[index]
                if isinstance(value, bool):
                    row[index] = int(value)
                elif isinstance(value, datetime):
                    row[index] = value.astimezone(layer.zone).isoformat()
                # no letter has more than four bytes
                elif isinstance(value, str) and len(value) * 4 > LONGEST_TEXT and len(value.encode()) > LONGEST_TEXT:
                    row[index] = _cut(value, LONGEST_TEXT)
                    layer.lost["text"] += 1
                    if len(cuts) < MOST_TOLD:
                        cuts.append(f"{name}\t{one.name}\t{len(value.encode())}")
        yield rows


def _words(layer: Layer, short: dict[str, str], cuts: list[str]) -> Iterator[str]:
    about = layer.collection
    yield f"{about.id}\t{about.title_zh}\t{about.title_en}\tEPSG:{layer.srid}"
    yield ""
    yield "字段 field\t原名 name\t标题\ttitle"
    for one in about.properties:
        yield f"{short[one.name]}\t{one.name}\t{one.title_zh}\t{one.title_en}"
    yield ""
    yield f"截短的文字 texts cut at {LONGEST_TEXT} bytes: {layer.lost['text']}"
    if cuts:
        yield f"{about.key}\t字段 field\t原长（字节） bytes before"
        yield from cuts
    if layer.lost["text"] > len(cuts):
        yield f"… {layer.lost['text'] - len(cuts)}"


SHP = Writer("shp", ".zip", "application/zip", "Shapefile（压缩包）", "Shapefile (zipped)", rows="batches", write=write)
