"""The governance list: what may be wrong, and which kinds of unit answer for it."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import OPEN_START, Base


class Category(Base):
    """A kind of governance issue; the code is text, two digits major and two minor."""

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("service_type IN ('realtime', 'batch')", name="service_type"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    major_zh: Mapped[str]
    major_en: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    is_local: Mapped[bool] = mapped_column(server_default=text("false"))
    # another report of it so near and so soon after is likely the same thing
    similar_m: Mapped[float] = mapped_column(default=50.0, server_default=text("50"))
    similar_days: Mapped[float] = mapped_column(default=7.0, server_default=text("7"))
    # whether other applications are told the number of their ticket at once, or when an office has filed it
    service_type: Mapped[str] = mapped_column(default="realtime", server_default="realtime")


class UnitKind(Base):
    """A kind of member unit (school, market, property manager …)."""

    __tablename__ = "unit_kind"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(unique=True)


class DutyRule(Base):
    """One line of the governance list: units of this kind find, handle or assist with this category.

    `town_code` is empty for the district's own list, `rule_code` for every filing rule of the category. A change ends
    the old line on its day and begins another.
    """

    __tablename__ = "duty_rule"
    __table_args__ = (
        UniqueConstraint(
            "category_code",
            "unit_kind",
            "role",
            "town_code",
            "rule_code",
            "valid_from",
            name="uq_duty_rule_line",
        ),
        CheckConstraint("role IN ('find', 'handle', 'assist')", name="role"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="span"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"), index=True)
    unit_kind: Mapped[str] = mapped_column(ForeignKey("unit_kind.code"))
    role: Mapped[str]
    town_code: Mapped[str] = mapped_column(default="", server_default="")
    rule_code: Mapped[str] = mapped_column(default="", server_default="")
    valid_from: Mapped[date] = mapped_column(default=OPEN_START, server_default=text("'1900-01-01'"))
    valid_to: Mapped[date | None]
