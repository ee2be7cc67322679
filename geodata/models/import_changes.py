"""What each import changed, so that it can be taken back."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base


class ImportChange(Base):
    """One row of one table that an import made, changed or removed.

    key      the row's primary key as text; a JSON list where it has several columns.
    before   of a changed row, the columns that changed, of a removed one all: each as PostgreSQL writes it, which
             loses nothing (a geometry is hexadecimal EWKB). Null for a new row.
    after    a fingerprint of the row as the import left it, null where it removed it: a row with another one has
             been changed since. Columns that follow from others, as the codes of areas, are not in it.
    """

    __tablename__ = "import_change"

    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("import_run.id"), primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[UUID | None] = mapped_column(Uuid)
