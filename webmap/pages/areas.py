"""Names of areas for pages that hold their codes."""

from datetime import datetime
from zoneinfo import ZoneInfo

from geodata.queries import references
from webmap.languages import zone
from webmap.records import current_session


def names(level: str) -> dict[str, str]:
    """Names of the areas of a level today, by code and in its order."""
    today = datetime.now(ZoneInfo(zone())).date()
    return {area.code: area.name for area in references.areas(current_session(), level, today)}
