"""Changes of records that somebody made by hand, kept among the imports: who, when, what.

Facts say what was done (`did`), to which record (`name`, and its keys), and what it said `before` and `after`.
"""

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


def latest(
    session: Session, kinds: Sequence[str], *, limit: int, about: Mapping[str, str] | None = None
) -> list[ImportRun]:
    """The last changes of these kinds by hand, the newest first; with `about` those whose facts say the same."""
    wanted = select(ImportRun).where(ImportRun.kind.in_(kinds), ImportRun.file_name == BY_HAND)
    for name, value in (about or {}).items():
        wanted = wanted.where(ImportRun.report[name].astext == value)
    return list(session.scalars(wanted.order_by(ImportRun.id.desc()).limit(limit)))
