"""The desk of addresses: rows as a person needs them to decide, how it is getting on, and many settled at once."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from difflib import SequenceMatcher
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.errors import NotFound, TooMany
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Candidate, Reason
from geodata.geocode.gazetteer import read_dictionary
from geodata.geocode.parse import parse_address
from geodata.models import GeocodeDecision
from geodata.queries import geocode_desk as queries
from geodata.queries.geocode_desk import After, DeskFilter, DeskScope, Ground, Latest, Sitting, WaitingRow
from geodata.services.geocode_decisions import Choice, settle_many
from geodata.services.geocode_learning import OtherName, other_name
from geodata.services.installation import installation
from geodata.services.placing import is_place

# A candidate with one of these is never taken without somebody looking at it.
CONTRADICTIONS = frozenset(
    {
        *("ambiguous", "default_place", "far_from_its_road", "neighbours_disagree", "other_city"),
        *("other_district", "outside_district", "road_too_short", "unknown_town"),
    }
)

# So many are settled in one request, and so many of them are shown before.
MOST_AT_ONCE = 200
SAMPLE = 40

# Rows that are looked through for sure ones; who has more settles them in turns.
MOST_LOOKED_AT = 2000

LATEST_SHOWN = 20

# Parts of an address by the name they are marked with; of two that overlap the earlier here counts.
MARKED = {
    "province": "province",
    "city": "city",
    "district": "district",
    "town_name": "town",
    "village_name": "village",
    "road": "road",
    "cross_road": "cross_road",
    "to_road": "to_road",
    "lane": "lane",
    "sublane": "sublane",
    "number": "number",
    "suffix": "suffix",
    "building": "building",
    "inside": "inside",
    "group": "group",
    "homestead": "homestead",
    "side": "side",
    "direction": "direction",
    "offset_m": "offset",
    "km_post": "km_post",
    "place": "place",
}


class Piece(NamedTuple):
    """A stretch of an address as it was written; `part` is what it was read as, None for what was passed over."""

    text: str
    part: str | None


class DeskCandidate(NamedTuple):
    """A candidate with the ground it lies on (empty: none), and the name that choosing it would explain."""

    candidate: Candidate
    ground: list[Ground]
    other_name: OtherName | None


class DeskRow(NamedTuple):
    """A waiting record: its address in pieces, why it was not taken, and up to five candidates, the best first."""

    row: WaitingRow
    pieces: list[Piece]
    reasons: list[Reason]
    candidates: list[DeskCandidate]


@dataclass(frozen=True)
class Progress:
    """How the work is getting on.

    today      decisions since midnight in the district, by whom.
    automatic  records placed without a person, by level.
    first      how often the first candidate was the one taken, of `offered` decisions that had one.
    """

    waiting: int
    today: Mapping[str, int]
    automatic: Mapping[str, int]
    first: int
    offered: int
    sitting: Sitting


class Batch(NamedTuple):
    """Many settled at once: the batch's name, the decisions, and codes of those that no longer waited."""

    name: str
    made: list[GeocodeDecision]
    missed: list[str]


def desk_rows(
    session: Session, scope: DeskScope, asked: DeskFilter, *, limit: int, after: After | None = None
) -> list[DeskRow]:
    """Rows that wait, the surest first."""
    rows = queries.waiting_rows(session, scope, asked, limit=limit, after=after)
    dictionary = read_dictionary(session) if rows else None
    if dictionary is None:
        return []
    found: list[tuple[WaitingRow, ParsedAddress, list[Candidate]]] = [
        (row, parse_address(row.text, dictionary), [Candidate.from_record(one) for one in row.candidates])
        for row in rows
    ]
    places = {
        (one.lon, one.lat, one.error_m or 0.0): None
        for _row, _parsed, candidates in found
        for one in candidates
        if one.lon is not None and one.lat is not None
    }
    under = grounds_of(session, list(places))
    return [
        DeskRow(
            row,
            pieces(parsed),
            reasons_of(row.why),
            [
                DeskCandidate(
                    one, under.get((one.lon, one.lat, one.error_m or 0.0), []), other_name(parsed, one, dictionary)
                )
                for one in candidates
            ],
        )
        for row, parsed, candidates in found
    ]


def grounds_of(
    session: Session, places: Sequence[tuple[float, float, float]]
) -> dict[tuple[float | None, float | None, float], list[Ground]]:
    """What holds each place (lon, lat, error in metres; WGS 84), and what else its circle reaches."""
    found = queries.grounds(session, places, metre_srid=installation(session).metre_srid)
    return dict(zip(places, found, strict=True))


def reasons_of(why: Mapping[str, object]) -> list[Reason]:
    """The reasons of a record as it is stored."""
    found = why.get("reasons")
    return [Reason(one["word"], one["facts"]) for one in found] if isinstance(found, list) else []


def pieces(parsed: ParsedAddress) -> list[Piece]:
    """The address as it was written, cut where its parts begin and end; joined again it is the same text."""
    raw, norm = parsed.raw, parsed.norm
    at = _places_in(raw, norm)
    taken: list[tuple[int, int, str]] = []
    for name, part in MARKED.items():
        span = parsed.spans.get(name)
        if span is None:
            continue
        start, end = at[span[0]], at[span[1]]
        if start < end and all(end <= first or start >= last for first, last, _part in taken):
            taken.append((start, end, part))
    found: list[Piece] = []
    here = 0
    for start, end, part in sorted(taken):
        if here < start:
            found.append(Piece(raw[here:start], None))
        found.append(Piece(raw[start:end], part))
        here = end
    if here < len(raw) or not found:
        found.append(Piece(raw[here:], None))
    return found


def has_contradiction(reasons: Sequence[Reason]) -> bool:
    """Whether any of the reasons speaks against a place."""
    return any(one.word in CONTRADICTIONS or one.word.endswith("_contradicts") for one in reasons)


def sure_rows(session: Session, scope: DeskScope, asked: DeskFilter, *, least: float) -> list[WaitingRow]:
    """Rows whose first candidate has a place, at least the score `least` (0 to 1) and nothing against it.

    At most MOST_AT_ONCE of them, the surest first.
    """
    rows = queries.waiting_rows(session, scope, asked, limit=MOST_LOOKED_AT)
    return [row for row in rows if _is_sure(row, least)][:MOST_AT_ONCE]


def accept_sure(session: Session, scope: DeskScope, *, least: float, ids: Sequence[int], actor: str) -> Batch:
    """Take the first candidate of those rows of `sure_rows` that were shown (`ids`), as one batch that can be undone.

    Raises TooMany, and NotFound where nothing is left to take.
    """
    if len(ids) > MOST_AT_ONCE:
        raise TooMany("addresses", len(ids), MOST_AT_ONCE)
    rows = sure_rows(session, scope, DeskFilter(ids=tuple(ids)), least=least)
    if not rows:
        raise NotFound("address that is sure enough", f"{least:g}")
    name = secrets.token_hex(8)
    wanted = [(row.kind, row.code, Choice(candidate=1, seen=row.at, batch=name)) for row in rows]
    made, missed = settle_many(session, wanted, actor=actor)
    return Batch(name, made, missed)


def progress(session: Session, scope: DeskScope, actor: str, *, now: datetime | None = None) -> Progress:
    """How the work of a scope is getting on; the sitting is the actor's own."""
    moment = now or datetime.now(UTC)
    first, offered = queries.taken_first(session, scope)
    return Progress(
        waiting=queries.waiting_total(session, scope, DeskFilter()),
        today=queries.decided_since(session, scope, _midnight(session, moment)),
        automatic=queries.accepted_by_level(session, scope),
        first=first,
        offered=offered,
        sitting=queries.sitting(session, actor, now=moment),
    )


def latest(session: Session, scope: DeskScope, actor: str, *, now: datetime | None = None) -> list[Latest]:
    """What the actor has decided today and can take back, the last first."""
    since = _midnight(session, now or datetime.now(UTC))
    return queries.latest(session, scope, actor, since=since, limit=LATEST_SHOWN)


def _midnight(session: Session, moment: datetime) -> datetime:
    zone = ZoneInfo(installation(session).timezone)
    return datetime.combine(moment.astimezone(zone).date(), time.min, tzinfo=zone)


def _is_sure(row: WaitingRow, least: float) -> bool:
    if not row.candidates or has_contradiction(reasons_of(row.why)):
        return False
    first = Candidate.from_record(row.candidates[0])
    return is_place(first) and first.score >= least and not has_contradiction(first.reasons)


def _places_in(raw: str, norm: str) -> list[int]:
    """For each place between letters of the normalised text the same place in the text as written."""
    if raw == norm:
        return list(range(len(norm) + 1))
    found = [0] * (len(norm) + 1)
    # whole texts are compared, however often a letter comes
    for word, start, end, norm_start, norm_end in SequenceMatcher(None, raw, norm, autojunk=False).get_opcodes():
        for step in range(norm_end - norm_start):
            even = word in {"equal", "replace"} and end - start == norm_end - norm_start
            found[norm_start + step] = start + step if even else start
    found[len(norm)] = len(raw)
    return found
