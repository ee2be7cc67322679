"""The words of asking the map: the search field, the card, the position of a device, and copying."""

from flask_babel import gettext as _


def place_texts(example: str) -> dict[str, str]:
    """Sentences by the key under which a script asks for them.

    example  a coordinate of this district as one would type it.
    """
    return {**_search(example), **_card(), **_people(), **_locate(), **_copy()}


def _search(example: str) -> dict[str, str]:
    return {
        "searchHint": _("By name, pinyin initials, code or coordinate"),
        "searching": _("Searching …"),
        "searchFailed": _("The search does not answer. Check the connection, then try again."),
        "nothingFound": _("Nothing found for “%(typed)s”. Try fewer words, or a coordinate such as %(example)s."),
        "example": example,
        "foundMany": _("%(count)s found. Arrow keys choose, Enter opens."),
        "recent": _("Looked up before"),
        "kind_area": _("Areas"),
        "kind_unit": _("Units"),
        "kind_point": _("Responsibility points"),
        "kind_block": _("Responsibility blocks"),
        "kind_duty_grid": _("Duty grids"),
        "kind_region": _("Regions"),
        "kind_team": _("Service teams"),
        "kind_project": _("Joint projects"),
        "kind_resource": _("Shared resources"),
        "kind_demand": _("Demands"),
        "kind_pledge": _("Pledges"),
        "kind_meeting": _("Meetings"),
        "kind_cell": _("Grid cells"),
        "kind_place": _("Place names"),
        "kind_ticket": _("Tickets"),
        "kind_coordinate": _("Coordinate"),
        "swapped": _("Latitude came first; read as longitude, latitude."),
    }


def _card() -> dict[str, str]:
    return {
        "asking": _("Looking up this place …"),
        "noAnswer": _("The server does not answer. Check the connection, then try again."),
        "outside": _("This place lies outside the district."),
        "town": _("Town"),
        "village": _("Village"),
        "cell": _("Grid cell"),
        "dutyGrid": _("Duty grid"),
        "border": _("Border"),
        "none": _("none known here"),
        "notImported": _("boundaries not imported"),
        "reportHere": _("Report here"),
        "poster": _("Poster of %(name)s"),
        "posterShort": _("Poster"),
        "openTickets": _("Open tickets within 200 m"),
        "noTickets": _("No open tickets near here."),
        "ticketsHidden": _("Sign in to see tickets."),
        "hiddenTicket": _("The conditions leave this ticket out."),
        "showAllTickets": _("Show all tickets"),
    }


def _people() -> dict[str, str]:
    return {
        "responsible": _("Responsible"),
        "unheld": _("nobody responsible (a gap)"),
        "noDuty": _("No responsibility block or point covers this place."),
        "deputy": _("Deputy: %(who)s"),
        "severalHolders": _("%(count)s units are responsible here:"),
        "gridsOverlap": _("%(count)s duty grids overlap here."),
        "whomToCall": _("Whom to call here"),
        "nearestUnits": _("Nearest units"),
        "noUnits": _("There is no unit to call here."),
        "farUnits": _("The nearest active unit is %(metres)s m away."),
        "mayTake": _("may take it"),
        "mayNotTake": _("may not take it"),
        "colon": _(": "),
    }


def _locate() -> dict[str, str]:
    return {
        "locate": _("Where am I?"),
        "locating": _("Looking for your position …"),
        "goodTo": _("good to about %(metres)s m"),
        "located": _("Your position, good to about %(metres)s m."),
        "locatedFar": _("You are outside the district; the map stays where it is."),
        "tooVague": _(
            "Your position is only known to %(metres)s m: too little to report from. Choose the place on the map."
        ),
        "noSecure": _(
            "A browser tells the position only over HTTPS. Choose the place on the map, or ask the operator."
        ),
        "denied": _("The browser may not tell the position. Allow it for this site, or choose the place on the map."),
        "noSignal": _("No position found. Try again in the open, or choose the place on the map."),
    }


def _copy() -> dict[str, str]:
    return {
        "copyPlace": _("Copy coordinate"),
        "copyLink": _("Copy link"),
        "copied": _("Copied"),
        "copyByHand": _("Press Ctrl+C to copy"),
        "cgcs": _("CGCS2000 (the same numbers within decimetres)"),
    }
