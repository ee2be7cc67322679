"""Words of the district view: its figures, and the columns by which towns are compared."""

from collections.abc import Callable
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from geodata.queries.figures import TownRow
from geodata.services.district_view import Spread
from geodata.services.registrations import Line

Value = Callable[[TownRow, Line | None, Spread], float | None]


class Column(NamedTuple):
    """One figure of the towns: how it is worked out, digits after the point, and the list it opens for a town."""

    name: str
    title: str
    value: Value
    digits: int = 0
    href: Callable[[str], str] | None = None


def columns() -> list[Column]:
    """The columns in their order."""
    return [
        Column("units", _("Units in the town"), lambda town, _line, _all: town.units, href=_units),
        Column("members", _("Members of its network"), lambda town, _line, _all: town.members),
        Column("density", _("Units per km²"), _density, 1),
        Column("gini", _("Gini of its villages"), lambda town, _line, spread: spread.by_town.get(town.code), 3),
        Column("points", _("Responsibility points"), lambda town, _line, _all: town.points),
        Column("gaps", _("Blocks and points unheld"), _unheld),
        Column("projects", _("Projects"), lambda town, _line, _all: town.projects),
        Column("done", _("Projects done"), lambda town, _line, _all: town.projects_done),
        Column("resources", _("Resources"), lambda town, _line, _all: town.resources),
        Column("demands", _("Demands unmet"), lambda town, _line, _all: town.demands_open),
        Column("rate", _("Registered, %"), _rate, 1),
    ]


def figure_titles() -> dict[str, str]:
    """The figures that can be stated, by name and in their order."""
    return {
        "units_district": _("Units at the district level"),
        "units_town": _("Units at the town level"),
        "units_village": _("Units at the village level"),
        "units_registered": _("Units in double registration"),
        "members_registered": _("Members registered"),
        "members_rate": _("Rate of registration"),
        "resources": _("Shared resources"),
        "projects_district": _("Projects of the district"),
        "projects_town": _("Projects of the towns"),
        "regions": _("Regions"),
        "blocks": _("Responsibility blocks"),
        "points": _("Responsibility points"),
        "teams": _("Service teams"),
    }


def figure_hrefs(town: str | None) -> dict[str, str]:
    """The page that shows what a figure of the district, or of a town, counts."""
    registered = url_for("registrations.index", town=town)
    ground = url_for("duty.index", town=town or "all")
    network = url_for("network.index", level="town" if town else None, area=town)
    return {
        **dict.fromkeys(("units_district", "units_town", "units_village"), network),
        **dict.fromkeys(("units_registered", "members_registered", "members_rate"), registered),
        "resources": url_for("resources.index"),
        "projects_district": url_for("projects.index", level="district"),
        "projects_town": url_for("projects.index", level="town", area=town),
        **dict.fromkeys(("regions", "blocks", "points", "teams"), ground),
    }


def _units(code: str) -> str:
    return url_for("units.index", town=code)


def _density(town: TownRow, _line: Line | None, _spread: Spread) -> float | None:
    return town.units / (town.area_m2 / 1e6) if town.area_m2 else None


def _unheld(town: TownRow, _line: Line | None, _spread: Spread) -> float | None:
    return town.blocks_unheld + town.points_unheld


def _rate(_town: TownRow, line: Line | None, _spread: Spread) -> float | None:
    return None if line is None or line.rate is None else 100 * line.rate
