"""Double registration (双报到) as counts: how many, never who."""

from datetime import date

from sqlalchemy import CheckConstraint, Computed, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import LAST_DAY, Base

REGISTRARS = ("unit", "village", "town", "district")


class RegistrationCount(Base):
    """Counts of one unit or area in one period (`2015`, `2015-Q2`, `2015-06`); null for what nobody counted."""

    __tablename__ = "registration_count"
    __table_args__ = (
        UniqueConstraint("of_kind", "of_code", "period"),
        CheckConstraint("of_kind IN ('unit', 'village', 'town', 'district')", name="of_kind"),
        CheckConstraint("members_total >= 0 AND members_registered >= 0", name="members"),
        CheckConstraint("members_registered <= members_total", name="members_registered"),
        CheckConstraint("units_registered >= 0 AND pledges_claimed >= 0", name="others"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str]
    of_code: Mapped[str] = mapped_column(index=True)
    period: Mapped[str] = mapped_column(index=True)
    last_day: Mapped[date] = mapped_column(Computed(LAST_DAY, persisted=True))
    members_total: Mapped[int | None]
    members_registered: Mapped[int | None]
    units_registered: Mapped[int | None]
    pledges_claimed: Mapped[int | None]
    source: Mapped[str | None]
