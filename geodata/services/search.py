"""Finding things by what people type: a name, the first letters of its reading, a code, a coordinate, an address."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata import seed
from geodata.geocode.text import HAN
from geodata.models import Ticket
from geodata.queries import found as details
from geodata.queries import search as queries
from geodata.queries import ticket_words as tickets
from geodata.queries.found import Found
from geodata.queries.positions import extent
from geodata.queries.scope import NOTHING, Scope
from geodata.queries.search import DIVIDER, Match, NameRow
from geodata.services.search_addresses import placed_address
from spatial.degrees import Degrees, read_degrees

MOST_HITS = 12
MOST_OF_A_KIND = 6

# While somebody types, no more names than this are made up for; an import makes all of its own.
MOST_MADE_MEANWHILE = 2000

ANALYZED_FROM = 5000
ROWS_A_STATEMENT = 20_000

AREAS = ("town", "village", "district")
GROUND = (*AREAS, "unit", "point", "block", "duty_grid")
# What units do together, and the teams and regions they do it in.
JOINT = ("region", "team", "project", "resource", "demand", "pledge", "meeting")
CODED = (*GROUND, *JOINT)
# The order at equal worth: areas, then who answers for them, then what they do, then places.
PLACES = (*GROUND, "place", "road", "basemap")
KINDS = (*CODED, "place", "road", "basemap")

# What a reader calls the kinds of names, and the published collection on which such a record lies.
SHOWN = {**dict.fromkeys(AREAS, "area"), "road": "place", "basemap": "place"}
COLLECTIONS = {
    "district": "districts",
    "town": "towns",
    "village": "villages",
    "unit": "units",
    "point": "points",
    "block": "blocks",
    "duty_grid": "duty_grids",
    "region": "regions",
    "team": "duty_teams",
    "project": "projects",
    "resource": "resources",
    "demand": "demands",
    "pledge": "pledges",
    "meeting": "meetings",
    "cell": "grid_cells",
    "ticket": "tickets",
}

_HAN = re.compile(f"[{HAN}]")
_PARTS = re.compile(r"[a-z]+|\d+")
_LETTERS = re.compile(r"[a-z\d ]+")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class SearchHit:
    """One answer of a search (WGS 84 degrees); without a place `lon`, `lat` and `box` are None.

    kind        unit, point, place, area, cell, block, duty_grid, ticket, coordinate, or one of JOINT.
    key         code, number or id among its kind.
    collection  id of the published collection in which it is found by `key`; None for places and coordinates.
    found       what its record says; None for a coordinate or an address.
    reading     how a coordinate was read.
    level       how exactly an address was found, and `error_m`, the expected error in metres.
    box         west, south, east, north; a point's box has no size.
    """

    kind: str
    key: str
    title: str
    lon: float | None
    lat: float | None
    box: tuple[float, float, float, float] | None = None
    collection: str | None = None
    found: Found | None = None
    reading: Degrees | None = None
    level: str | None = None
    error_m: float | None = None


def search(
    session: Session,
    typed: str,
    *,
    scope: Scope,
    kinds: tuple[str, ...] = PLACES,
    reword: Callable[[str], str] | None = None,
) -> list[SearchHit]:
    """What a text may mean, the best first: at most 12 hits, and at most 6 of a kind.

    scope    which tickets may be found.
    kinds    which of KINDS may be, in their order.
    reword   what words of tickets become for whoever asks: those that are not told are not found by either.

    A whole code comes first, then a whole name, one that begins so, the first letters of its pinyin, the pinyin,
    a name that holds the text, tickets whose words hold it or whose category is named so, then what sounds or is
    spelt alike; of equal worth areas come before units and units before places, and shorter names before longer.
    An address that no name answers is geocoded, and shown where the answer would be accepted without a person. Any
    text is a text: no sign in it has a meaning of its own.
    """
    word = fold(typed)
    if not word:
        return []
    if read_degrees(typed) is not None:
        return _coordinate(session, typed)
    stale = _heal(session)
    picked = _Picked()
    for matches in _rungs(session, word, stale, picked, kinds=kinds, scope=scope, reword=reword):
        picked.add(matches)
        if picked.is_full:
            break
    hits = _shown(session, picked, scope)
    if len(hits) < MOST_HITS and not any(fold(hit.title) == word for hit in hits):
        place = placed_address(session, typed, known=[hit.title for hit in hits if hit.kind == "place"])
        if place is not None:
            at = (place.lon, place.lat)
            hits.append(SearchHit("place", place.name, place.name, *at, level=place.level, error_m=place.error_m))
    return hits[:MOST_HITS]


def refresh(session: Session) -> int:
    """Bring the names of all records that have changed up to date; returns how many were made anew."""
    made = 0
    for version in queries.versions(session):
        if version.now == version.made_from:
            continue
        made += _make(session, version, most=None)[0]
    if made >= ANALYZED_FROM:
        queries.analyze(session)
    return made


def fold(name: str) -> str:
    """A name or question as they are compared: NFKC, lower case, single spaces."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", name)).strip().lower()


def name_row(kind: str, key: str, folded: str) -> NameRow:
    """The row that a folded name is found by: with its pinyin behind it, and the first letters of that."""
    letters = _pinyin(folded)
    initials = "".join(part if part.isdigit() else part[0] for part in letters)
    searched = folded if folded.isascii() else DIVIDER.join([folded, "".join(letters), queries.pairs(folded)])
    return NameRow(kind, key, searched, initials)


@lru_cache(maxsize=4096)
def _pinyin(folded: str) -> tuple[str, ...]:
    """Syllables of Chinese signs, words of letters, runs of digits; other signs say nothing."""
    return tuple(part for piece in lazy_pinyin(folded) for part in _PARTS.findall(piece.lower()))


class _Picked:
    """Records picked so far, in order, each once, with room for those that turn out alike."""

    def __init__(self) -> None:
        self.matches: list[Match] = []
        self._many: Counter[str] = Counter()
        self._seen: set[tuple[str, str]] = set()

    @property
    def is_full(self) -> bool:
        return sum(min(many, MOST_OF_A_KIND) for many in self._many.values()) >= MOST_HITS

    def add(self, matches: list[Match]) -> None:
        for match in matches:
            kind = SHOWN.get(match.kind, match.kind)
            if (match.kind, match.key) not in self._seen and self._many[kind] < 2 * MOST_OF_A_KIND:
                self._seen.add((match.kind, match.key))
                self.matches.append(match)
                self._many[kind] += 1


def _rungs(
    session: Session,
    word: str,
    stale: tuple[str, ...],
    picked: _Picked,
    *,
    kinds: tuple[str, ...],
    scope: Scope,
    reword: Callable[[str], str] | None,
) -> Iterator[list[Match]]:
    """Matches, rung by rung; a rung is climbed only when more is asked for."""
    coded = tuple(kind for kind in kinds if kind in CODED)
    letters = word.replace(" ", "") if _LETTERS.fullmatch(word) else ""
    if word.isascii():
        yield _rung(session, "code", word, coded)
    yield _rung(session, "whole", word, kinds)
    yield _rung(session, "beginning", word, kinds)
    if len(word) > 2 and word.isascii() and any(sign.isdigit() for sign in word):
        yield _rung(session, "code_beginning", word, coded)
        yield _by_code(session, word, scope)
    if letters:
        yield _rung(session, "initials", letters, kinds)
        yield _rung(session, "pinyin", letters, kinds)
    if _is_for_inside(word, len(picked.matches)):
        yield _rung(session, "inside", word, kinds)
    if unmade := tuple(kind for kind in stale if kind in kinds):
        yield queries.in_records(session, word, kinds=unmade, most=MOST_OF_A_KIND)
    if scope != NOTHING and len(word) > 1:
        yield _tickets(session, word, scope, reword)
    if not picked.matches:
        yield _alike(session, word, letters, kinds)


def _rung(session: Session, name: str, word: str, kinds: tuple[str, ...]) -> list[Match]:
    return queries.matches(session, name, word, kinds=kinds, most=MOST_OF_A_KIND)


def _is_for_inside(word: str, many: int) -> bool:
    """Whether names that hold a word, but begin otherwise, are worth looking for, where so many are found already.

    One Chinese sign stands inside half of all names and is a word half typed; letters stand inside the pinyin of
    many a name and are seldom meant so; of signs that are no letters no index knows.
    """
    if not any(sign.isalnum() for sign in word):
        return False
    if word.isascii():
        return len(word) > 2 and many < MOST_OF_A_KIND
    return len(word) > 1 or many < MOST_OF_A_KIND


def _tickets(session: Session, word: str, scope: Scope, reword: Callable[[str], str] | None) -> list[Match]:
    """Tickets with a text in title or address, then those of a category that it names."""
    numbers = tickets.tickets_by_words(session, word, scope=scope, most=MOST_OF_A_KIND)
    if reword is not None:
        numbers = _told(session, numbers, word, reword)
    if len(numbers) < MOST_OF_A_KIND:
        codes = tickets.categories_named(session, [word, *_also(word)])
        numbers += tickets.tickets_of_categories(session, codes, scope=scope, most=MOST_OF_A_KIND)
    return [Match("ticket", number) for number in numbers]


def _told(session: Session, numbers: list[str], word: str, reword: Callable[[str], str]) -> list[str]:
    """Those of some tickets that are found by what is told of them: else a hidden number could be guessed at."""
    rows = session.execute(select(Ticket.number, Ticket.title, Ticket.address).where(Ticket.number.in_(numbers)))
    shown = {row.number for row in rows if word in fold(f"{reword(row.title)}\x01{reword(row.address or '')}")}
    return [number for number in numbers if number in shown]


@lru_cache(maxsize=1)
def _same_words() -> dict[str, list[str]]:
    known: dict[str, list[str]] = defaultdict(list)
    for row in seed.rows("same_words"):
        known[row["word"]].append(row["also"])
    return known


def _also(word: str) -> list[str]:
    """Words of the trade's list for what people call otherwise."""
    return _same_words().get(word, [])


def _alike(session: Session, word: str, letters: str, kinds: tuple[str, ...]) -> list[Match]:
    """What sounds like a Chinese word, or is spelt much like one of letters."""
    if _HAN.search(word) and len(word) > 1:
        return _rung(session, "pinyin", "".join(_pinyin(word)), kinds)
    if len(letters) > 3:
        return _rung(session, "alike", letters, kinds)
    return []


def _by_code(session: Session, word: str, scope: Scope) -> list[Match]:
    """Cells whose code begins so, and tickets whose number does."""
    cells = queries.cells_by_code(session, word.upper(), most=MOST_OF_A_KIND)
    numbers = tickets.tickets_by_number(session, word, scope=scope, most=MOST_OF_A_KIND) if scope != NOTHING else []
    found = [*(Match("cell", code) for code in cells), *(Match("ticket", number) for number in numbers)]
    return sorted(found, key=lambda match: match.key != word.upper())


def _shown(session: Session, picked: _Picked, scope: Scope) -> list[SearchHit]:
    """The records picked as a reader sees them; of several alike the first, of those gone none."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for match in picked.matches:
        by_kind[match.kind].append(match.key)
    known = {kind: _found(session, kind, keys, scope) for kind, keys in by_kind.items()}
    hits: list[SearchHit] = []
    seen: set[tuple[str | None, ...]] = set()
    many: Counter[str] = Counter()
    for match in picked.matches:
        record = known[match.kind].get(match.key)
        if record is None:
            continue
        kind = SHOWN.get(match.kind, match.kind)
        # platforms of one stop, pieces of one road
        alike = (record.title, record.within, record.word) if kind == "place" else (match.kind, match.key)
        if alike in seen or many[kind] >= MOST_OF_A_KIND:
            continue
        seen.add(alike)
        many[kind] += 1
        hits.append(_hit(kind, match, record))
    return hits


def _found(session: Session, kind: str, keys: list[str], scope: Scope) -> dict[str, Found]:
    if kind == "ticket":
        return details.found_tickets(session, keys, scope=scope)
    return details.found(session, kind, keys)


def _hit(kind: str, match: Match, record: Found) -> SearchHit:
    box = record.west, record.south, record.east, record.north
    return SearchHit(
        kind=kind,
        key=match.key,
        title=record.title,
        lon=record.lon,
        lat=record.lat,
        box=None if record.west is None else box,  # type: ignore[arg-type]  # where one is known, all are
        collection=COLLECTIONS.get(match.kind),
        found=record,
    )


def _coordinate(session: Session, typed: str) -> list[SearchHit]:
    pair = read_degrees(typed, extent(session))
    if pair is None:
        return []
    title = f"{pair.lon:.6f}, {pair.lat:.6f}"
    return [SearchHit("coordinate", f"{pair.lon},{pair.lat}", title, pair.lon, pair.lat, reading=pair)]


# -- making names ---------------------------------------------------------------------------------


def _heal(session: Session) -> tuple[str, ...]:
    """Make a bounded number of missing names; returns the kinds whose names are not all there yet."""
    behind = [version for version in queries.versions(session) if version.now != version.made_from]
    if not behind or not queries.is_mine_to_make(session):
        return tuple(version.kind for version in behind)
    left = MOST_MADE_MEANWHILE
    unfinished = []
    for version in behind:
        made, is_done = _make(session, version, most=left)
        left -= made
        if not is_done:
            unfinished.append(version.kind)
    return tuple(unfinished)


def _make(session: Session, version: queries.Version, *, most: int | None) -> tuple[int, bool]:
    """Make the names of one kind that are missing or old; returns how many, and whether none is left."""
    waiting = queries.unmade(session, [version.kind], limit=None if most is None else most + 1)
    taken = waiting if most is None else waiting[:most]
    for start in range(0, len(taken), ROWS_A_STATEMENT):
        queries.keep(session, [name_row(*one) for one in taken[start : start + ROWS_A_STATEMENT]])
    is_done = len(taken) == len(waiting)
    if is_done:
        queries.forget(session, [version.kind])
        queries.note_versions(session, [version])
    return len(taken), is_done
