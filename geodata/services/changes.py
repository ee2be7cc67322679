"""Changes of rules and calendar that somebody made by hand, kept among the imports: who, when, what."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import ImportRun

# Such a change comes from no file, which is how it is told from an import.
BY_HAND = ""


def keep(session: Session, kind: str, *, actor: str, facts: Mapping[str, Any]) -> None:
    """Write down a change; `kind` is that of the records, `facts` any JSON values."""
    session.add(ImportRun(kind=kind, file_name=BY_HAND, sha256="", actor=actor, report=dict(facts)))
    session.flush()


def latest(session: Session, kinds: Sequence[str], *, limit: int, category: str | None = None) -> list[ImportRun]:
    """The last changes of these kinds by hand, the newest first; with `category` those of its rules alone."""
    wanted = select(ImportRun).where(ImportRun.kind.in_(kinds), ImportRun.file_name == BY_HAND)
    if category is not None:
        wanted = wanted.where(ImportRun.report["category"].astext == category)
    return list(session.scalars(wanted.order_by(ImportRun.id.desc()).limit(limit)))
