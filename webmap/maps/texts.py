"""The words that the map's scripts say, in the reader's language; `%(name)s` is filled in by the script."""

from flask_babel import gettext as _

from webmap.maps.place_texts import place_texts


def script_texts(example: str) -> dict[str, str]:
    """Sentences by the key under which a script asks for them.

    example  a coordinate of this district as one would type it.
    """
    return {**map_texts(), **_filters(), **_times(), **_drawing(), **_list(), **place_texts(example)}


def map_texts() -> dict[str, str]:
    """What every map says of itself: its layers, its legend, and how things stand."""
    return {
        "mapLabel": _("Map. Arrow keys move it, plus and minus zoom, Enter asks about its middle."),
        "zoomInButton": _("Zoom in"),
        "zoomOutButton": _("Zoom out"),
        "zoomIn": _("zoom in to see"),
        "inView": _("In view: %(what)s"),
        "gathered": _("several together, zoom in"),
        "aggregated": _("Gathered: each square is the mean of its cells."),
        "emptyView": _("No units or tickets in view."),
        "nothingHere": _("Nothing to show here."),
        "wholeDistrict": _("Show the whole district"),
        "failed": _("Not loaded: %(layers)s."),
        "failedMany": _("%(count)s layers did not load."),
        "offline": _("Offline: shown as of %(time)s."),
        "retry": _("Try again"),
        "signedOut": _("You are no longer signed in."),
        "signInAgain": _("Sign in again"),
        "divider": _(", "),
        "layersOn": _("%(count)s on"),
    }


def _filters() -> dict[str, str]:
    return {
        "chip_state": _("State"),
        "chip_due": _("Deadline"),
        "chip_category": _("Kind"),
        "chip_unit": _("Unit"),
        "chip_area": _("Area"),
        "chip_period": _("Time of report"),
        "chip_desk": _("To do"),
        "chip_closed": _("Closed on"),
        "dropCondition": _("drop this condition"),
        "chip_index": _("Index"),
        "stillOpen": _("not ended"),
        "ticketsInAll": _("%(count)s tickets"),
        "noCondition": _("Any"),
        "noChoices": _("Nothing to choose from."),
        "noCounts": _("The counts did not arrive."),
        "unplaced": _("%(count)s of them have no place and are in the list only."),
        "pickAreas": _("Point at villages on the map"),
    }


def _times() -> dict[str, str]:
    return {
        "byWeek": _("Tickets reported, by week"),
        "fromWeek": _("First week"),
        "toWeek": _("Last week"),
        "since": _("From"),
        "until": _("To"),
        "period": _("%(since)s to %(until)s: %(count)s tickets"),
        "noWeeks": _("No tickets in any week."),
        "play": _("Play by week"),
        "nextWeek": _("Next week"),
        "stop": _("Stop"),
        "anyTime": _("Any time"),
    }


def _drawing() -> dict[str, str]:
    return {
        "draw": _("Draw an area"),
        "drawing": _("%(count)s corners. The next click on the map adds one; “Finish” or a double click closes."),
        "crossing": _("The sides cross. Take the last corner back, then go on."),
        "pointing": _("Click villages to take them in or leave them out."),
        "outsideAll": _("No village there."),
        "groundTitle": _("In the area drawn"),
        "areasTitle": _("In the areas chosen"),
        "groundTickets": _("Tickets"),
        "groundUnits": _("Units"),
        "groundWait": _("counting …"),
        "groundFailed": _("not counted"),
        "download": _("Download GeoJSON"),
    }


def _list() -> dict[str, str]:
    return {
        "allInView": _("%(what)s in view: %(total)s"),
        "someInView": _("%(what)s in view: the first %(shown)s of %(total)s"),
        "noneInView": _("%(what)s: none in view. Move or zoom out."),
        "nothingListed": _("Switch a layer on to list what is in view."),
        "noList": _("The list did not arrive."),
        "details": _("Details"),
        "openOne": _("Details of %(what)s"),
    }
