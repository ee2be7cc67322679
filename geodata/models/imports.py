"""Every import, with its report."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class ImportRun(Base):
    """One file taken in: what it was, in which datum, by whom, and what came of each row.

    kept_rows  how many rows of how many tables it changed that are kept as they were, so that it can be taken back;
               null where nothing is kept (any more). `undone_at` and `undone_by` say that it was.
    """

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    datum: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_rows: Mapped[int | None] = mapped_column(BigInteger)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[str | None]


class LocalDatum(Base):
    """Local metres of a city's own, fitted to control points; never changed, as records refer to `local:name`.

    Eastings and northings in `metre_srid` are a·x - b·y + tx and b·x + a·y + ty. `points` are the control points with
    their residuals in metres.
    """

    __tablename__ = "local_datum"

    name: Mapped[str] = mapped_column(primary_key=True)
    a: Mapped[float]
    b: Mapped[float]
    tx: Mapped[float]
    ty: Mapped[float]
    metre_srid: Mapped[int]
    rms_m: Mapped[float]
    points: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
