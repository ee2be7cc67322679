"""People who sign in: a name, a role, and the area they work for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base

ROLES = ("viewer", "officer", "unit", "town_office", "planner", "district", "admin")


class User(Base):
    """A sign-in. `stamp` changes with the password, and old browser sessions die with it.

    A person works for the area of `area_code` (null: the whole district), an officer for the duty grids
    beside it where there are any, somebody of a unit for `unit_id`.
    """

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("role IN ('viewer','officer','unit','town_office','planner','district','admin')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    stamp: Mapped[str]
    role: Mapped[str]
    area_code: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_unit.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class UserDutyGrid(Base):
    """A duty grid that an officer walks."""

    __tablename__ = "user_duty_grid"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    duty_grid_id: Mapped[int] = mapped_column(
        ForeignKey("duty_grid.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SavedView(Base):
    """Conditions on tickets that somebody wants to come back to, as the query string that says them."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[str]
