"""What one address comes to, part by part, for whoever wants to see why."""

from typing import Any

import click
from sqlalchemy.orm import Session

from geodata.geocode.answers import Candidate, GeocodeAnswer, Reason
from geodata.geocode.geocoder import Geocoder
from webmap.cli.output import show_json


def tell_address(session: Session, text: str, *, as_json: bool) -> None:
    """Print how an address is read and where it leads; nothing is stored."""
    answer = Geocoder(session).geocode(text)
    if as_json:
        show_json(_to_json(answer))
    else:
        _tell(answer)


def _to_json(answer: GeocodeAnswer) -> dict[str, Any]:
    return {
        **{name: getattr(answer, name) for name in ("status", "level", "score", "error_m", "lon", "lat", "town_code")},
        **answer.why_record(),
        "spans": {part: list(span) for part, span in answer.parsed.spans.items()},
        "norm": answer.parsed.norm,
        "candidates": [candidate.to_record() for candidate in answer.candidates],
    }


def _tell(answer: GeocodeAnswer) -> None:
    for part, value in answer.parsed.parts().items():
        start, end = answer.parsed.spans[part]
        click.echo(f"  {part}: {value}  [{start}:{end}] {answer.parsed.norm[start:end]}")
    click.echo(f"{answer.status}, {answer.level or 'nothing fits'}: {', '.join(map(_said, answer.why))}")
    if answer.assigns:
        click.echo(f"  may be assigned: {', '.join(answer.assigns)}")
    for number, candidate in enumerate(answer.candidates, start=1):
        click.echo(f"  {number}. {_shown(candidate)}")


def _shown(candidate: Candidate) -> str:
    place = "no position" if candidate.lon is None else f"{candidate.lon:.6f} {candidate.lat:.6f} (WGS 84)"
    error = "" if candidate.error_m is None else f", within {candidate.error_m:.0f} m"
    why = ", ".join(map(_said, candidate.reasons))
    return f"{candidate.name}, {candidate.level}, {candidate.score:.0%}, {place}{error}: {why}"


def _said(reason: Reason) -> str:
    facts = " ".join(f"{name}={value}" for name, value in reason.facts.items() if value is not None)
    return f"{reason.word} ({facts})" if facts else reason.word
