"""The page of a record of a published collection."""

from typing import Any

from flask import url_for

# Page by collection, and how its address names the record.
PAGES = {
    "tickets": ("tickets.show", "number"),
    "units": ("units.show", "code"),
    "projects": ("projects.show", "code"),
    "resources": ("resources.show", "code"),
    "demands": ("demands.show", "code"),
    "pledges": ("pledges.show", "code"),
    "meetings": ("meetings.show", "code"),
    "whistle_calls": ("whistle.show", "code"),
    "registrations_of_towns": ("registrations.index", "town"),
}
GROUNDS = {"regions": "region", "blocks": "block", "points": "point", "duty_teams": "team"}


def page_of(collection_id: str, key: Any) -> str | None:  # noqa: ANN401 - a key is a text or a number
    """The address of the page of a record; None where records of the collection have none."""
    if collection_id in GROUNDS:
        return url_for("duty_record.show", ground=GROUNDS[collection_id], code=key)
    if collection_id not in PAGES:
        return None
    endpoint, name = PAGES[collection_id]
    return url_for(endpoint, **{name: key})
