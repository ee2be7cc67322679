"""What other houses' geocoders offered for an address, kept beside what our own ladder found."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.geocode.answers import CANDIDATES_KEPT, Candidate
from geodata.models import GeocodeResult

# Under this name the reasons of a result say whom it was asked of, and how many places that gave.
ONLINE = "online"


def is_online(candidate: Mapping[str, Any]) -> bool:
    """Whether a stored candidate came from another house."""
    return any(reason["word"] == "asked_online" for reason in candidate["reasons"])


def was_asked(result: GeocodeResult, geocoder: str) -> bool:
    """Whether a geocoder was asked for this address before, whatever it said."""
    return geocoder in result.why.get(ONLINE, {})


def add_answer(result: GeocodeResult, geocoder: str, found: Sequence[Candidate]) -> None:
    """Keep what a geocoder offered: it stands among the candidates by its score, and settles nothing."""
    told = {**result.why.get(ONLINE, {}), geocoder: len(found)}
    result.why = {**result.why, ONLINE: told}
    result.candidates = merged(result.candidates, [one.to_record() for one in found])


def merged(own: Sequence[dict[str, Any]], online: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best candidates of both by score, our own first where equal; of either the best one is among them."""
    ranked = sorted([*own, *online], key=lambda one: -one["score"])
    kept = ranked[:CANDIDATES_KEPT]
    for part in (own, online):
        if part and not any(one in kept for one in part):
            kept[-1] = max(part, key=lambda one: one["score"])
    return kept


def keep_online(session: Session, kind: str, values: Sequence[dict[str, Any]]) -> None:
    """Put into rows about to be stored what others offered for the same addresses in an earlier run.

    values   columns of `geocode_result`, `candidates` and `why` among them; these two are changed.

    An address that is accepted now, or has changed, keeps nothing of it.
    """
    codes = [row["target_code"] for row in values if row["status"] == "review"]
    wanted = select(GeocodeResult).where(GeocodeResult.target_kind == kind, GeocodeResult.target_code.in_(codes))
    before = {result.target_code: result for result in session.scalars(wanted) if ONLINE in result.why}
    for row in values:
        result = before.get(row["target_code"])
        if result is None or row["status"] != "review" or result.text != row["text"]:
            continue
        row["why"] = {**row["why"], ONLINE: result.why[ONLINE]}
        row["candidates"] = merged(row["candidates"], [one for one in result.candidates if is_online(one)])
