"""Evaluation (评价激励) of units, villages and towns: indices with the records behind them, weights, score and rank.

The score of 0 to 100 is the weighted mean of the shares that there are: what nobody could count weighs nothing. Who has
the same score has the same rank; who has been counted by less than LEAST_COUNTED of all weight has none, so that one
happy figure ranks nobody first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.ingest.weights import LARGEST as LARGEST_WEIGHT
from geodata.models import SUBJECTS, EvaluationRow, EvaluationRun, IndexWeight
from geodata.queries import evaluation as queries
from geodata.queries.evaluation import ROWS, Figure, Record, Span, Subject
from geodata.queries.scope import Scope
from geodata.record_errors import BadValue
from geodata.services import changes
from geodata.services.clocks import day_of
from geodata.services.installation import installation
from geodata.services.periods import Period

KIND = "evaluations"
KIND_OF_WEIGHTS = "weights"

MOST_RECORDS = 500
TREND = 4
LEAST_COUNTED = 0.5


class Share(NamedTuple):
    """An index as it stands for one subject; `share` None where nothing is counted."""

    num: float
    den: float

    @property
    def share(self) -> float | None:
        """Numerator by denominator, 0..1."""
        return self.num / self.den if self.den else None


@dataclass(frozen=True)
class Line:
    """One subject: its shares by index, its score (None: nothing is counted), its rank (None: too little is)."""

    subject: Subject
    shares: Mapping[str, Share]
    score: float | None
    rank: int | None


@dataclass(frozen=True)
class Evaluation:
    """All subjects of a kind in a period, those with the best score first; `weights` by index, as they hold then."""

    kind: str
    period: Period
    weights: Mapping[str, float]
    lines: list[Line]

    def line(self, code: str) -> Line:
        """The line of one subject. Raises NotFound."""
        found = next((line for line in self.lines if line.subject.code == code), None)
        if found is None:
            raise NotFound(self.kind, code)
        return found


def indices(kind: str) -> tuple[str, ...]:
    """The indices that there are for units, villages or towns, in their order. Raises NotFound."""
    if kind not in SUBJECTS:
        raise NotFound("subject", kind, SUBJECTS)
    return tuple(index for index, by_subject in ROWS.items() if kind in by_subject)


def weights(session: Session, kind: str, day: date) -> dict[str, float]:
    """What each index weighs on a day, by index in their order; 0 where nobody has given it a weight."""
    wanted = select(IndexWeight).where(
        IndexWeight.subject == kind, IndexWeight.valid_from <= day,
        (IndexWeight.valid_to.is_(None)) | (IndexWeight.valid_to > day),
    )  # fmt: skip
    held = {row.index: row.weight for row in session.scalars(wanted)}
    return {index: held.get(index, 0.0) for index in indices(kind)}


def evaluate(session: Session, kind: str, period: Period) -> Evaluation:
    """How all units, villages or towns stand in a period. Raises NotFound for another kind."""
    held = weights(session, kind, period.until)
    span = span_of(session, period)
    counted = {index: queries.figures(session, index, kind, span) for index in held}
    lines = []
    for subject in queries.subjects(session, kind):
        shares = {index: Share(*figures.get(subject.code, Figure(0.0, 0.0))) for index, figures in counted.items()}
        lines.append((subject, shares, score(shares, held)))
    ranks = ranked([points if is_ranked(shares, held) else None for _, shares, points in lines])
    found = [Line(*line, rank) for line, rank in zip(lines, ranks, strict=True)]
    found.sort(key=lambda line: (line.rank is None, line.rank or 0, -(line.score or 0.0), line.subject.code))
    return Evaluation(kind, period, held, found)


def trend(session: Session, kind: str, code: str, period: Period, *, count: int = TREND) -> list[float | None]:
    """The score of one subject in so many periods of the same kind, this one last."""
    scores = []
    for one in period.up_to(count):
        span, held = span_of(session, one), weights(session, kind, one.until)
        shares = {
            index: Share(*queries.figures(session, index, kind, span, code=code).get(code, Figure(0.0, 0.0)))
            for index in held
        }
        scores.append(score(shares, held))
    return scores


def records(session: Session, kind: str, index: str, code: str, period: Period, *, scope: Scope) -> list[Record]:
    """The records behind a figure, at most MOST_RECORDS; of tickets those that a scope holds. Raises NotFound."""
    if index not in indices(kind):
        raise NotFound("index", index, indices(kind))
    span = span_of(session, period)
    return queries.records(session, index, kind, span, code=code, scope=scope, limit=MOST_RECORDS)


def score(shares: Mapping[str, Share], held: Mapping[str, float]) -> float | None:
    """The weighted mean of shares, 0..100, over the indices that have one and weigh something; None without any."""
    known = [(share, held[index]) for index, one in shares.items() if (share := one.share) is not None and held[index]]
    whole = sum(weight for _, weight in known)
    if not whole:
        return None
    return 100.0 * sum(share * weight for share, weight in known) / whole


def is_ranked(shares: Mapping[str, Share], held: Mapping[str, float]) -> bool:
    """Whether enough of all weight is counted for a rank."""
    counted = sum(held[index] for index, one in shares.items() if one.share is not None)
    return counted > 0 and counted >= LEAST_COUNTED * sum(held.values())


def ranked(scores: Sequence[float | None]) -> list[int | None]:
    """The rank of each score, 1 the best; equal ones (to a hundredth) share a rank, and the next is left out."""
    rounded = [None if one is None else round(one, 2) for one in scores]
    places: dict[float, int] = {}
    for place, one in enumerate(sorted((one for one in rounded if one is not None), reverse=True), start=1):
        places.setdefault(one, place)
    return [None if one is None else places[one] for one in rounded]


def span_of(session: Session, period: Period) -> Span:
    """A period as statements want it; one that is not over reaches to this moment."""
    zone = ZoneInfo(installation(session).timezone)
    start = datetime.combine(period.since, time(), tzinfo=zone)
    end = datetime.combine(period.until + timedelta(days=1), time(), tzinfo=zone)
    return Span(start, min(end, datetime.now(UTC)), period.since, period.until + timedelta(days=1))


def set_weights(session: Session, kind: str, told: Mapping[str, float], *, actor: str) -> None:
    """Have the indices of a kind weigh this from today on; what ended before keeps the weights of its time.

    Raises BadValue for a weight below 0 or above LARGEST_WEIGHT, and where none weighs anything.
    """
    known = indices(kind)
    for index, weight in told.items():
        if index not in known:
            raise BadValue(index, "unknown", index)
        if not 0 <= weight <= LARGEST_WEIGHT:
            raise BadValue(index, "number", weight, low=0, high=LARGEST_WEIGHT)
    today = day_of(session, datetime.now(UTC))
    before = weights(session, kind, today)
    after = {**before, **told}
    if not any(after.values()):
        raise BadValue(known[0], "number", 0, low=1, high=LARGEST_WEIGHT)
    for index in known:
        if after[index] != before[index]:
            _begin(session, kind, index, after[index], today)
    session.flush()
    if after != before:
        facts = {"did": "set", "name": kind, "subject": kind, "before": before, "after": after}
        changes.keep(session, KIND_OF_WEIGHTS, actor=actor, facts=facts)


def freeze(session: Session, kind: str, period: Period, *, actor: str) -> EvaluationRun:
    """Publish an evaluation as it stands: its figures stay, whatever changes later.

    Raises BadValue for a period that is not over yet.
    """
    if period.until >= day_of(session, datetime.now(UTC)):
        raise BadValue("period", "past", period.word)
    found = evaluate(session, kind, period)
    run = EvaluationRun(subject=kind, period=period.word, weights=dict(found.weights), actor=actor)
    session.add(run)
    session.flush()
    session.add_all(
        EvaluationRow(
            run_id=run.id,
            code=line.subject.code,
            name=line.subject.name,
            figures={index: [share.num, share.den] for index, share in line.shares.items()},
            score=line.score,
            rank=line.rank,
        )
        for line in found.lines
    )
    session.flush()
    facts = {"did": "add", "name": f"{kind} {period.word}", "subject": kind, "run": run.id}
    changes.keep(session, KIND, actor=actor, facts={**facts, "before": None, "after": {"count": len(found.lines)}})
    return run


def subject(session: Session, kind: str, code: str) -> Subject | None:
    """The unit or area of a code as it is today; None where there is none any more."""
    return next((one for one in queries.subjects(session, kind) if one.code == code), None)


def runs(session: Session, kind: str) -> list[EvaluationRun]:
    """Published evaluations of a kind, the newest first."""
    wanted = select(EvaluationRun).where(EvaluationRun.subject == kind).order_by(EvaluationRun.id.desc())
    return list(session.scalars(wanted))


def published(session: Session, run_id: int, code: str) -> tuple[EvaluationRun, EvaluationRow, int]:
    """A published evaluation, its row of one subject, and how many were ranked.

    Raises NotFound, also for a subject of which nothing was counted: there is nothing to certify.
    """
    run, row = session.get(EvaluationRun, run_id), session.get(EvaluationRow, (run_id, code))
    if run is None or row is None or row.score is None:
        raise NotFound("evaluation", f"{run_id}/{code}")
    wanted = select(EvaluationRow.rank).where(EvaluationRow.run_id == run_id, EvaluationRow.rank.is_not(None))
    return run, row, len(session.scalars(wanted).all())


def published_lines(session: Session, run_id: int) -> tuple[EvaluationRun, list[EvaluationRow]]:
    """A published evaluation with all its rows, those with the best score first. Raises NotFound."""
    run = session.get(EvaluationRun, run_id)
    if run is None:
        raise NotFound("evaluation", str(run_id))
    wanted = select(EvaluationRow).where(EvaluationRow.run_id == run_id)
    order = (EvaluationRow.rank.asc().nulls_last(), EvaluationRow.score.desc().nulls_last(), EvaluationRow.code)
    return run, list(session.scalars(wanted.order_by(*order)))


def certificates(session: Session, kind: str, code: str) -> list[EvaluationRun]:
    """The published evaluations that certify something of one subject, the newest first."""
    wanted = select(EvaluationRun).join(EvaluationRow, EvaluationRow.run_id == EvaluationRun.id)
    wanted = wanted.where(
        EvaluationRun.subject == kind, EvaluationRow.code == code, EvaluationRow.score.is_not(None)
    )  # fmt: skip
    return list(session.scalars(wanted.order_by(EvaluationRun.id.desc())))


def _begin(session: Session, kind: str, index: str, weight: float, today: date) -> None:
    wanted = select(IndexWeight).where(
        IndexWeight.subject == kind, IndexWeight.index == index, IndexWeight.valid_to.is_(None)
    )
    former = session.scalars(wanted.with_for_update()).one_or_none()
    if former is not None and former.valid_from == today:
        former.weight = weight
        return
    if former is not None:
        former.valid_to = today
    session.add(IndexWeight(subject=kind, index=index, weight=weight, valid_from=today))
