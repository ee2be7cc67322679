"""Makers of small OpenStreetMap files, in both their forms, from nodes, ways and relations.

nodes      {id: (lon, lat)}, or {id: (lon, lat, tags)} for one that is more than a corner.
ways       (id, ids of nodes, tags) each.
relations  (id, (id of way, role) each, tags) each.
"""

import struct
import zlib
from itertools import islice, pairwise
from xml.sax.saxutils import quoteattr

# As many things of one kind as real files hold in a block.
BLOCK = 8000


def osm_xml(path, nodes, ways=(), relations=(), *, head=""):
    """An .osm file; `head` stands before its root."""
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>{head}', '<osm version="0.6" generator="test">']
    for key, (lon, lat, *tags) in nodes.items():
        lines.append(f'<node id="{key}" lat="{lat!r}" lon="{lon!r}">{_xml(tags[0] if tags else {})}</node>')
    for key, refs, tags in ways:
        lines.append(f'<way id="{key}">{"".join(f"<nd ref={quoteattr(str(ref))}/>" for ref in refs)}{_xml(tags)}</way>')
    for key, members, tags in relations:
        listed = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        lines.append(f'<relation id="{key}">{listed}{_xml(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def osm_pbf(path, nodes, ways=(), relations=()):
    """An .osm.pbf file: blocks of at most 8,000 nodes, ways or relations, packed with zlib."""
    header = b"".join(_bytes(4, word.encode()) for word in ("OsmSchema-V0.6", "DenseNodes"))
    with path.open("wb") as file:
        file.write(_blob("OSMHeader", header))
        for some in _parts(nodes.items()):
            words = _Words()
            group = _bytes(2, _dense(some, words))
            file.write(_blob("OSMData", _block(words.listed, group)))
        for number, things, one in ((3, ways, _way), (4, relations, _relation)):
            for some in _parts(things):
                words = _Words()
                group = b"".join(_bytes(number, one(thing, words)) for thing in some)
                file.write(_blob("OSMData", _block(words.listed, group)))
    return path


class _Words:
    """The words of a block; the first is empty by the format."""

    def __init__(self):
        self.listed = []
        self._known = {}

    def of(self, word):
        if word not in self._known:
            self.listed.append(word)
            self._known[word] = len(self.listed)
        return self._known[word]


def _xml(tags):
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def _parts(things):
    rest = iter(things)
    while some := list(islice(rest, BLOCK)):
        yield some


def _block(words, group):
    table = b"".join(_bytes(1, word.encode()) for word in ["", *words])
    return _bytes(1, table) + _bytes(2, group)


def _dense(nodes, words):
    # the default granularity: 100 billionths of a degree
    tagged = [place[2] if len(place) > 2 else {} for _, place in nodes]
    # after the words of each node a zero; nothing at all where no node has any
    listed = [number for tags in tagged for number in (*(words.of(one) for pair in tags.items() for one in pair), 0)]
    lons, lats = ([round(place[axis] * 1e7) for _, place in nodes] for axis in (0, 1))
    parts = ((1, [key for key, _ in nodes]), (8, lats), (9, lons))
    made = b"".join(_bytes(number, _packed(_deltas(values))) for number, values in parts)
    return made + (_bytes(10, _packed(listed)) if any(tagged) else b"")


def _way(way, words):
    key, refs, tags = way
    return _whole(1, key) + _tags(tags, words) + _bytes(8, _packed(_deltas(refs)))


def _relation(relation, words):
    key, members, tags = relation
    roles = _packed([words.of(role) for _, role in members])
    refs = _packed(_deltas([ref for ref, _ in members]))
    return _whole(1, key) + _tags(tags, words) + _bytes(8, roles) + _bytes(9, refs) + _bytes(10, b"\x01" * len(members))


def _tags(tags, words):
    if not tags:
        return b""
    keys, values = ([words.of(word) for word in listed] for listed in (tags.keys(), tags.values()))
    return _bytes(2, _packed(keys)) + _bytes(3, _packed(values))


def _deltas(values):
    """Differences, folded so that small negative ones stay small."""
    steps = [after - before for before, after in pairwise([0, *values])]
    return [step * 2 if step >= 0 else -step * 2 - 1 for step in steps]


def _packed(values):
    return b"".join(map(_varint, values))


def _varint(value):
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _whole(number, value):
    return _varint(number << 3) + _varint(value)


def _bytes(number, content):
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _blob(kind, content):
    blob = _whole(2, len(content)) + _bytes(3, zlib.compress(content))
    header = _bytes(1, kind.encode()) + _whole(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob
