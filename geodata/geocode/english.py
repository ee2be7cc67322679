"""Reading a street address of the American kind: number, street, cross streets, place."""

import re

from geodata.geocode.address import ParsedAddress, Span
from geodata.geocode.dictionary import Dictionary

_TYPES = {
    "AVE": "AVENUE",
    "AV": "AVENUE",
    "BLVD": "BOULEVARD",
    "CT": "COURT",
    "DR": "DRIVE",
    "EXPY": "EXPRESSWAY",
    "HWY": "HIGHWAY",
    "LN": "LANE",
    "PKWY": "PARKWAY",
    "PL": "PLACE",
    "RD": "ROAD",
    "SQ": "SQUARE",
    "ST": "STREET",
    "TER": "TERRACE",
    "TPKE": "TURNPIKE",
}
_WAYS = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}
_STREET_WORDS = frozenset(_TYPES.values()) | {"BROADWAY", "BRIDGE", "LOOP", "ALLEY", "BOWERY", "CONCOURSE", "WAY"}
# After a number these end a street's name, too; alone they are places.
_AFTER_NUMBER = frozenset(
    {"CIRCLE", "CRESCENT", "MEWS", "OVAL", "PARK", "PATH", "PIKE", "PLAZA", "ROW", "SLIP", "TRAIL", "WALK"}
)
_ORDINAL = re.compile(r"(\d+)(?:ST|ND|RD|TH)")
_CROSSING = re.compile(r"\s*(?:&|\bAND\b|/|\bAT\b|@|\+)\s*")
_BETWEEN = re.compile(r"(.+?)\s+(?:BETWEEN|BTWN|BET)\s+(.+?)\s+(?:AND|&)\s+(.+)")
_DOOR = re.compile(r"(\d+(?:-\d+)?[A-Z]?)\s+(.+)")
_TOKEN = re.compile(r"[^\s.]+")


def street_name(text: str) -> str:
    """A street name in one form: words in full, ordinals as numbers (E 5TH ST. is EAST 5 STREET)."""
    words = [_ORDINAL.sub(r"\1", word) if _ORDINAL.fullmatch(word) else word for word in _TOKEN.findall(text)]
    if not words:
        return ""
    if len(words) > 1:
        words[0] = _WAYS.get(words[0], words[0])
        words[-1] = _WAYS.get(words[-1], _TYPES.get(words[-1], words[-1]))
        if words[-1] in _WAYS.values() and len(words) > 2:
            words[-2] = _TYPES.get(words[-2], words[-2])
    return " ".join(words)


def is_street(text: str) -> bool:
    """Whether a name says that it is a street."""
    return any(word in _STREET_WORDS for word in street_name(text).split(" "))


def read_english(raw: str, norm: str, dictionary: Dictionary) -> ParsedAddress:
    """The parts of an address in Latin letters; never an exception, whatever the text."""
    parts: dict[str, str] = {}
    spans: dict[str, Span] = {}
    first, *others = _pieces(norm)
    _read_street(first, parts, spans, dictionary)
    for piece in others:
        _read_later(piece, parts, spans, dictionary)
    return ParsedAddress(raw=raw, norm=norm, spans=spans, **parts)  # type: ignore[arg-type] # only text parts here


Piece = tuple[str, int]


def _pieces(norm: str) -> list[Piece]:
    """The stretches between commas with their starts; at least one, maybe empty."""
    found = [(match[0].rstrip(), match.start()) for match in re.finditer(r"[^,\s][^,]*", norm)]
    return found or [("", 0)]


def _note(name: str, value: str, span: Span, parts: dict[str, str], spans: dict[str, Span]) -> None:
    if value and name not in parts:
        parts[name] = value
        spans[name] = span


def _read_street(piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> None:
    text, start = piece
    between = _BETWEEN.fullmatch(text)
    if between:
        for name, group in (("road", 1), ("cross_road", 2), ("to_road", 3)):
            span = (start + between.start(group), start + between.end(group))
            _note(name, street_name(between[group]), span, parts, spans)
        return
    crossing = _CROSSING.search(text)
    if crossing and crossing.start() and crossing.end() < len(text):
        _note("road", street_name(text[: crossing.start()]), (start, start + crossing.start()), parts, spans)
        second = street_name(text[crossing.end() :])
        _note("cross_road", second, (start + crossing.end(), start + len(text)), parts, spans)
        return
    door = _DOOR.fullmatch(text)
    if door and _has_name(door[2], dictionary):
        _note("number", door[1], (start, start + door.end(1)), parts, spans)
        _note("road", street_name(door[2]), (start + door.start(2), start + len(text)), parts, spans)
    elif is_street(text) or dictionary.has_road(street_name(text)):
        _note("road", street_name(text), (start, start + len(text)), parts, spans)
    elif not _read_town(piece, parts, spans, dictionary):
        _note("place", text, (start, start + len(text)), parts, spans)


def _has_name(text: str, dictionary: Dictionary) -> bool:
    """Whether a street stands here without a number's help: 133 AVENUE is a street and no door."""
    name = street_name(text)
    words = name.split(" ")
    return dictionary.has_road(name) or (len(words) > 1 and (is_street(name) or not _AFTER_NUMBER.isdisjoint(words)))


def _read_town(piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> bool:
    text, start = piece
    town = dictionary.town(text)
    if town is None:
        return False
    for name, value in (("town_code", town.code), ("town_name", town.name)):
        _note(name, value, (start, start + len(text)), parts, spans)
    return True


def _read_later(piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> None:
    """A stretch after a comma: a town, or the road that crosses the first."""
    text, start = piece
    if _read_town(piece, parts, spans, dictionary):
        return
    if "road" in parts and "number" not in parts and is_street(text):
        _note("cross_road", street_name(text), (start, start + len(text)), parts, spans)
