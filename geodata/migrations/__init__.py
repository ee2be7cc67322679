"""Alembic, configured in code: there is no ini file to lose.

The metre CRS of the district is part of the schema (generated columns), so the first migration is
told its number, and later ones read it from the installation.
"""

from pathlib import Path
from typing import Any

import geoalchemy2
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers
from sqlalchemy import Column, Connection, Engine, text
from sqlalchemy.types import TypeEngine

from geodata.errors import SchemaBehind
from geodata.models.base import Base, MetreGeometry

# A migration waits this long for a lock, then gives up rather than stop the whole office.
LOCK_TIMEOUT = "2s"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def newest() -> str:
    """Name of the newest schema this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the program holds no migrations")
    return head


def current(connection: Connection) -> str | None:
    """Name of the schema the database is at; None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def require_newest(connection: Connection) -> None:
    """Raise SchemaBehind unless the database is at the newest schema."""
    found, wanted = current(connection), newest()
    if found != wanted:
        raise SchemaBehind(found, wanted)


def upgrade(engine: Engine, *, metre_srid: int | None = None) -> None:
    """Bring the schema up to date; `metre_srid` is needed for an empty database only."""
    config = _config()
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        config.attributes.update(connection=connection, metre_srid=metre_srid)
        command.upgrade(config, "head")


def metre_srid_of(connection: Connection) -> int:
    """The metre CRS that the installation fixed, for migrations after the first."""
    return int(connection.execute(text("SELECT metre_srid FROM installation")).scalar_one())


def _ours(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:  # noqa: FBT001 - Alembic's order
    if kind == "table" and name == "spatial_ref_sys":
        return False
    return bool(alembic_helpers.include_object(item, name, kind, reflected, other))  # type: ignore[no-untyped-call]  # GeoAlchemy2 leaves its helpers untyped


def _types_differ(
    _context: MigrationContext,
    _found_column: Column[Any],
    _column: Column[Any],
    found: TypeEngine[Any],
    wanted: TypeEngine[Any],
) -> bool | None:
    if isinstance(wanted, MetreGeometry):
        # the number of the metre CRS differs from district to district; the rest must agree
        same = isinstance(found, geoalchemy2.Geometry) and found.geometry_type == wanted.geometry_type
        return not same
    return None


def _render(kind: str, item: Any, context: Any) -> Any:
    if kind == "type" and isinstance(item, MetreGeometry):
        return f'metre("{item.geometry_type}")'
    return alembic_helpers.render_item(kind, item, context)  # type: ignore[no-untyped-call]  # likewise


def comparison_options() -> dict[str, Any]:
    """How models and a live schema are compared, for new migrations and for the test that none is missing."""
    return {
        "target_metadata": Base.metadata,
        "include_object": _ours,
        "compare_type": _types_differ,
        "compare_server_default": False,
        "render_item": _render,
    }


def differences(connection: Connection) -> list[Any]:
    """What separates the live schema from the models; empty when they are equal."""
    options = comparison_options()
    metadata = options.pop("target_metadata")
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))
