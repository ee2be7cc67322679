"""Addresses that wait as the desk's scripts read them: in the reader's words, with their candidates on the map."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from geodata.queries.geocode_desk import Latest, WaitingRow
from geodata.services.geocode_desk import DeskCandidate, DeskRow, Progress
from geodata.services.placing import is_place
from webmap.pages import address_words as words
from webmap.pages import areas


def rows_json(rows: list[DeskRow]) -> list[dict[str, Any]]:
    """Rows as plain values."""
    towns = areas.names("town")
    kinds, parts = words.kinds(), words.parts()
    return [
        {
            "id": one.row.id,
            "kind": one.row.kind,
            "kindTitle": kinds[one.row.kind],
            "code": one.row.code,
            "name": one.row.name,
            "town": one.row.town_code,
            "href": _page(one.row),
            "pieces": [
                {"text": piece.text, "part": piece.part, "title": parts.get(piece.part or "")} for piece in one.pieces
            ],
            "why": [words.reason(reason, towns) for reason in one.reasons],
            "level": words.level(one.row.level),
            "seen": one.row.at.isoformat(),
            "candidates": [
                _candidate(number, candidate, towns) for number, candidate in enumerate(one.candidates, start=1)
            ],
        }
        for one in rows
    ]


def progress_json(progress: Progress) -> dict[str, Any]:
    """How the work is getting on, as plain values in the reader's words."""
    sitting = progress.sitting
    hours = (sitting.until - sitting.since).total_seconds() / 3600 if sitting.since and sitting.until else 0.0
    return {
        "waiting": progress.waiting,
        "today": [{"name": name, "count": count} for name, count in progress.today.items()],
        "todayTotal": sum(progress.today.values()),
        "automatic": [{"title": words.level(level), "count": count} for level, count in progress.automatic.items()],
        "automaticTotal": sum(progress.automatic.values()),
        # a rate of one or two says nothing yet
        "firstShare": round(100 * progress.first / progress.offered) if progress.offered >= 3 else None,
        "offered": progress.offered,
        "sitting": sitting.many,
        # the first of a sitting took no time that anybody knows of
        "perHour": round((sitting.many - 1) / hours) if sitting.many > 2 and hours > 0 else None,
    }


def latest_json(found: list[Latest]) -> list[dict[str, Any]]:
    """One's own decisions as plain values; those of a batch stand as one."""
    told: list[dict[str, Any]] = []
    batches: set[str] = set()
    for one in found:
        if one.batch is None:
            what = words.decided(one.choice)
            told.append({"decision": one.id, "batch": None, "code": one.code, "what": what})
        elif one.batch not in batches:
            batches.add(one.batch)
            told.append({"decision": None, "batch": one.batch, "code": "", "what": str(_("many taken at once"))})
    return told


def sure_json(rows: list[WaitingRow]) -> list[dict[str, Any]]:
    """Rows that would be taken together, each with the place of its first candidate."""
    return [
        {
            "id": row.id,
            "code": row.code,
            "text": row.text,
            "name": row.candidates[0]["name"],
            "score": round(100 * row.candidates[0]["score"]),
            "lon": row.candidates[0]["lon"],
            "lat": row.candidates[0]["lat"],
        }
        for row in rows
    ]


def _candidate(number: int, one: DeskCandidate, towns: dict[str, str]) -> dict[str, Any]:
    found = one.candidate
    pros, cons = words.for_and_against(found.reasons, towns)
    return {
        "number": number,
        "name": found.name,
        "level": words.level(found.level),
        "score": round(100 * found.score),
        "error_m": found.error_m,
        "lon": found.lon,
        "lat": found.lat,
        "isPlace": is_place(found),
        "pros": pros,
        "cons": cons,
        "ground": words.ground(one.ground) if is_place(found) else None,
        "remember": words.other_name(one.other_name) if one.other_name else None,
    }


def _page(row: WaitingRow) -> str | None:
    if row.kind == "units":
        return url_for("units.show", code=row.code)
    return url_for("tickets.show", number=row.code) if row.kind == "tickets" else None


def choices_json(counts: dict[str, dict[str, int]]) -> dict[str, list[dict[str, Any]]]:
    """What rows can be chosen by, with how many there are, the most first."""
    titles = {
        "kind": words.kinds(),
        "town": {**areas.names("town"), "none": str(_("no town named"))},
        "level": words.levels(),
        "reason": words.reason_titles(),
    }
    return {
        part: [
            {"value": value, "title": titles[part].get(value, value), "count": many} for value, many in found.items()
        ]
        for part, found in counts.items()
    }
