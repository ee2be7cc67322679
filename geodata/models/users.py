"""People who sign in: a name, a role, and the area they work for."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, func, text
from sqlalchemy.orm import Mapped, mapped_column

from geodata.models.base import Base

ROLES = ("viewer", "officer", "town_office", "planner", "district", "admin")


class User(Base):
    """A sign-in. `stamp` changes with the password, and old browser sessions die with it."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("role IN ('viewer','officer','town_office','planner','district','admin')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    stamp: Mapped[str]
    role: Mapped[str]
    area_code: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
