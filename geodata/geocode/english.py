"""Reading a street address of the American kind: number, street, cross streets, place."""

import re

from geodata.geocode.address import ParsedAddress, Span
from geodata.geocode.dictionary import Dictionary
from geodata.geocode.upper import STATES

_TYPES = {
    "AVE": "AVENUE",
    "AV": "AVENUE",
    "AVENUES": "AVENUE",
    "AVES": "AVENUE",
    "BLVD": "BOULEVARD",
    "CT": "COURT",
    "DR": "DRIVE",
    "EXPWY": "EXPRESSWAY",
    "EXPY": "EXPRESSWAY",
    "HWY": "HIGHWAY",
    "LN": "LANE",
    "PKWY": "PARKWAY",
    "PL": "PLACE",
    "RD": "ROAD",
    "SQ": "SQUARE",
    "ST": "STREET",
    "STREETS": "STREET",
    "STS": "STREET",
    "TER": "TERRACE",
    "TPKE": "TURNPIKE",
}
# Short forms that mean nothing else in the middle of a name, where ST is a saint and DR a doctor
_CLEAR = frozenset({"AVE", "AV", "BLVD", "EXPWY", "EXPY", "HWY", "PKWY", "TPKE"})
_WAYS = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}
_ENDS = frozenset(_WAYS) | frozenset(_WAYS.values())
_STREET_WORDS = frozenset(_TYPES.values()) | {"BROADWAY", "BRIDGE", "LOOP", "ALLEY", "BOWERY", "CONCOURSE", "WAY"}
# After a number these end a street's name, too; alone they are places.
_AFTER_NUMBER = frozenset(
    {"CIRCLE", "CRESCENT", "MEWS", "OVAL", "PARK", "PATH", "PIKE", "PLAZA", "ROW", "SLIP", "TRAIL", "WALK"}
)
_ORDINAL = re.compile(r"(\d+)(?:ST|ND|RD|TH)")
_CROSSING = re.compile(r"\s*(?:&|\bAND\b|/|\bAT\b|\bNEAR\b|\bUNDER\b|@|\+)\s*")
_BETWEEN = re.compile(r"(.+?)\s+(?:BETWEEN|BTWN|BTW|BET)\.?\s+(.+?)\s+(?:AND|&)\s+(.+)")
_DOOR = re.compile(r"(\d+(?:-\d+)?[A-Z]?)((?:,\d+)*)\s+(.+)")
_ROOM = r"(?:(?:STE|SUITE|APT|UNIT|FL|FLOOR|RM|ROOM)\b\.?\s?#?|#)\s?(?:[A-Z]?\d+[A-Z]?|[A-Z])\b"
_UNIT = re.compile(rf"\s({_ROOM}).*$")
_FLOOR = re.compile(rf"\d+(?:ST|ND|RD|TH) FL(?:OOR)?\b|{_ROOM}")
# 45 ELM AVE HARBOR: a town behind the short form, with no comma between
_TYPE_AND_MORE = re.compile(r"(\d\S* (?:\S+ )+?(?:AVE?|BLVD|CT|DR|LN|PKWY|PL|RD|ST|TER))\.?\s+(.+)")
# a comma inside of 442,446 ELM STREET parts no pieces
_PIECE = re.compile(r"[^,\s](?:[^,]|(?<=\d),(?=\d+ ))*")
_TOKEN = re.compile(r"[^\s.]+")
_COUNTRIES = frozenset({"USA", "U.S.A.", "US", "UNITED STATES", "UNITED STATES OF AMERICA"})
_STATE = "|".join(sorted({*STATES, *STATES.values()}, key=lambda name: (-len(name), name)))
_ZIP = r"\d{5}(?:-\d{4})?"
# BOSTON MA 02110, MA 02110, MA; without a ZIP code no city stands before the state in one stretch.
_STATE_AT_END = re.compile(rf"(?:(?P<city>.+?) )?(?P<state>{_STATE}) {_ZIP}|(?P<alone>{_STATE})")
_CITY_WITH_ZIP = re.compile(rf"(?P<city>.*[A-Z].*?) {_ZIP}")


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
        words[1:-1] = [_TYPES[word] if word in _CLEAR else word for word in words[1:-1]]
    return " ".join(words)


def is_street(text: str) -> bool:
    """Whether a name says that it is a street: by a word for one, or as CENTRAL PARK WEST does."""
    words = street_name(text).split(" ")
    if any(word in _STREET_WORDS for word in words):
        return True
    return len(words) > 2 and words[-1] in _WAYS.values() and words[-2] in _AFTER_NUMBER


def read_english(raw: str, norm: str, dictionary: Dictionary) -> ParsedAddress:
    """The parts of an address in Latin letters; never an exception, whatever the text."""
    parts: dict[str, str] = {}
    spans: dict[str, Span] = {}
    first, *others = _pieces(norm)
    _read_first(first, parts, spans, dictionary)
    for piece in others:
        _read_later(piece, parts, spans, dictionary)
    if dictionary.upper:
        _read_upper(others, parts, spans, dictionary)
    return ParsedAddress(raw=raw, norm=norm, spans=spans, **parts)  # type: ignore[arg-type] # only text parts here


Piece = tuple[str, int]


def _pieces(norm: str) -> list[Piece]:
    """The stretches between commas with their starts; at least one, maybe empty."""
    found = [(match[0].rstrip(), match.start()) for match in _PIECE.finditer(norm)]
    return found or [("", 0)]


def _note(name: str, value: str, span: Span, parts: dict[str, str], spans: dict[str, Span]) -> None:
    if value and name not in parts:
        parts[name] = value
        spans[name] = span


def _read_first(piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> None:
    """What stands before the first comma: a street or a place; where it is a place, brackets may name its street."""
    text, start = piece
    opened = text.find("(")
    main = text if opened < 1 else text[:opened].rstrip()
    _read_street((main, start), parts, spans, dictionary)
    aside = text[opened + 1 :].rstrip(")") if opened > 0 else ""
    if "road" not in parts and aside and is_street(aside):
        _read_street((aside, start + opened + 1), parts, spans, dictionary)


def _read_street(piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> None:
    text, start = piece
    unit = _UNIT.search(text)
    if unit and unit.start():
        _note("inside", unit[1], (start + unit.start(1), start + unit.end(1)), parts, spans)
        text = text[: unit.start()].rstrip()
    between = _BETWEEN.fullmatch(text)
    if between:
        _read_door((between[1], start), parts, spans, dictionary, is_road=True)
        ends = _with_type(street_name(between[2]), street_name(between[3]))
        for name, value, group in (("cross_road", ends[0], 2), ("to_road", ends[1], 3)):
            _note(name, value, (start + between.start(group), start + between.end(group)), parts, spans)
        return
    crossing = _CROSSING.search(text)
    if crossing and crossing.start() and crossing.end() < len(text):
        _read_door((text[: crossing.start()], start), parts, spans, dictionary, is_road=True)
        # of three streets that meet, the second is the one that crosses the first
        second = text[crossing.end() :].split("/")[0].rstrip()
        begin = start + crossing.end()
        _note("cross_road", street_name(second), (begin, begin + len(second)), parts, spans)
        return
    more = _TYPE_AND_MORE.fullmatch(text)
    is_two = more and not is_street(more[2]) and not is_street(more[1].rpartition(" ")[0])
    if more and is_two and more[2].rstrip(".") not in _ENDS:
        text = more[1]
        _read_town((more[2], start + more.start(2)), parts, spans, dictionary)
    if not _read_door((text, start), parts, spans, dictionary) and not _read_town(piece, parts, spans, dictionary):
        _note("place", text, (start, start + len(text)), parts, spans)


def _with_type(first: str, second: str) -> tuple[str, str]:
    """Two names of which the second tells what both are: 5 and 6 AVENUE are two avenues."""
    kind = second.rpartition(" ")[2]
    if first and kind in _TYPES.values() and not is_street(first):
        return f"{first} {kind}", second
    return first, second


def _read_door(
    piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary, *, is_road: bool = False
) -> bool:
    """A number and its street, or a street alone; `is_road` when the text has said that this is a street."""
    text, start = piece
    door = _DOOR.fullmatch(text)
    if door and _has_name(door[3], dictionary):
        _note("number", door[1], (start, start + door.end(1)), parts, spans)
        _note("suffix", door[2], (start + door.start(2), start + door.end(2)), parts, spans)
        _note("road", street_name(door[3]), (start + door.start(3), start + len(text)), parts, spans)
        return True
    if is_road or is_street(text) or dictionary.has_road(street_name(text)):
        _note("road", street_name(text), (start, start + len(text)), parts, spans)
        return True
    return False


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


def _read_upper(pieces: list[Piece], parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> None:
    """State and city at the end of an address; a town or a part of one is no city."""
    left = [piece for piece in pieces if piece[0] not in _COUNTRIES]
    if left and re.fullmatch(_ZIP, left[-1][0]):
        left.pop()
    if not left:
        return
    text, start = left[-1]
    found = _STATE_AT_END.fullmatch(text)
    with_zip = _CITY_WITH_ZIP.fullmatch(text)
    city: Piece | None = None
    if found:
        group = "state" if found["state"] else "alone"
        _note("province", found[group], (start + found.start(group), start + found.end(group)), parts, spans)
        before = left[-2] if len(left) > 1 else None
        city = (found["city"], start) if found["city"] else before
    elif with_zip:
        city = (with_zip["city"], start)
    elif dictionary.upper.is_ours(text):
        city = left[-1]
    if city and not _is_part_of_ours(city[0], dictionary) and not is_street(city[0]):
        _note("city", city[0], (city[1], city[1] + len(city[0])), parts, spans)


def _is_part_of_ours(text: str, dictionary: Dictionary) -> bool:
    """Whether a name is that of a town of ours, or of a village."""
    village = dictionary.at(text, 0, "village")
    return dictionary.town(text) is not None or (village is not None and village.length == len(text))


def _read_later(piece: Piece, parts: dict[str, str], spans: dict[str, Span], dictionary: Dictionary) -> None:
    """A stretch after a comma: a town, a floor, the street of a place, or the road that crosses the first."""
    text, start = piece
    if _read_town(piece, parts, spans, dictionary):
        return
    floor = _FLOOR.match(text)
    if floor:
        _note("inside", floor[0], (start, start + floor.end()), parts, spans)
        return
    if "road" not in parts and is_street(text):
        _read_street(piece, parts, spans, dictionary)
        return
    between = _BETWEEN.fullmatch(text)
    if between:
        text = between[1]
    if "road" in parts and "number" not in parts and is_street(text):
        _note("cross_road", street_name(text), (start, start + len(text)), parts, spans)
