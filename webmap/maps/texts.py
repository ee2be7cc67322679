"""The words that the map's scripts say, in the reader's language; `%(name)s` is filled in by the script."""

from flask_babel import gettext as _


def script_texts(example: str) -> dict[str, str]:
    """Sentences by the key under which a script asks for them.

    example  a coordinate of this district as one would type it.
    """
    return {
        "mapLabel": _("Map. Arrow keys move it, plus and minus zoom, Enter asks about its middle."),
        "zoomInButton": _("Zoom in"),
        "zoomOutButton": _("Zoom out"),
        "zoomIn": _("zoom in to see"),
        "inView": _("In view: %(what)s"),
        "gathered": _("several together, zoom in"),
        "emptyView": _("No units or tickets in view."),
        "nothingHere": _("Nothing to show here."),
        "wholeDistrict": _("Show the whole district"),
        "failed": _("Not loaded: %(layers)s."),
        "offline": _("Offline: what you see is from before."),
        "retry": _("Try again"),
        "divider": _(", "),
        "asking": _("Looking up this place …"),
        "noAnswer": _("The server does not answer. Check the connection, then try again."),
        "badPair": _("This is not a pair of degrees. Write for example %(example)s.", example=example),
        "swapped": _("Latitude came first; read as longitude, latitude."),
        "pairHint": _("Longitude, latitude in degrees (WGS 84), for example %(example)s", example=example),
        "copy": _("Copy"),
        "copied": _("Copied"),
        **_card(),
    }


def _card() -> dict[str, str]:
    return {
        "outside": _("This place lies outside the district."),
        "town": _("Town"),
        "village": _("Village"),
        "cell": _("Grid cell"),
        "dutyGrid": _("Duty grid"),
        "none": _("none known here"),
        "responsible": _("Responsible"),
        "unheld": _("nobody responsible (a gap)"),
        "noDuty": _("No responsibility block or point covers this place."),
        "severalHolders": _("%(count)s units are responsible here:"),
        "nearestUnits": _("Nearest units"),
        "noUnits": _("There is no unit to call here."),
        "inactive": _("not active"),
        "handles": _("handles this kind"),
        "handlesNot": _("does not handle this kind"),
        "openTickets": _("Open tickets within 200 m"),
        "noTickets": _("No open tickets near here."),
        "ticketsHidden": _("Sign in to see tickets."),
    }
