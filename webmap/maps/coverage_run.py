"""Which run of the coverage a request is about."""

from typing import NamedTuple

from webmap import params
from webmap.access import role
from webmap.errors import SignInNeeded
from webmap.records import district

# A visitor picks one of these; a calculation of any other radius is for those who signed in.
RADII_M = (300, 500, 800, 1000, 1500, 2000)


class RunAsked(NamedTuple):
    """A radius in metres, and the category whose units count (None: all)."""

    radius_m: float
    category: str | None


def run_asked() -> RunAsked:
    """The run of `radius` and `category` in the address; without them the district's own.

    Raises SignInNeeded where a visitor asks for a radius that is not on the list.
    """
    own_m = district().coverage_radius_m
    radius_m, category = params.run()
    asked = RunAsked(radius_m or own_m, category)
    if asked.radius_m not in (own_m, *RADII_M) and role() == "visitor":
        raise SignInNeeded
    return asked
