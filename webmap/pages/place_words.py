"""The words with which a form asks for its place, in the reader's language; `%(name)s` is filled in by the script."""

from flask_babel import gettext as _


def script_texts() -> dict[str, str]:
    """Sentences by the key under which a script asks for them."""
    return {
        "mapLabel": _("Map. Arrow keys move it, plus and minus zoom, Enter puts the pin in its middle."),
        "zoomInButton": _("Zoom in"),
        "zoomOutButton": _("Zoom out"),
        "locating": _("Finding your position …"),
        "denied": _("This page may not know your position. Allow it in the browser, or choose the place on the map."),
        "noSignal": _("No position yet. Step outside and try again, or choose the place on the map."),
        "noSecure": _("The browser gives a position on https pages only. Choose the place on the map."),
        "roughly": _("good to about %(metres)s m"),
        "tooRough": _("Your position is only known to %(metres)s m. Choose the place on the map."),
        "pin": _("The place; arrow keys move it"),
        "pinned": _("Place chosen on the map"),
        "typed": _("Coordinate as written"),
        "ownPosition": _("Your position"),
        "coordinate": _("Coordinate: %(lon)s, %(lat)s"),
        "unchecked": _("What lies there could not be looked up; the place is kept as it is."),
        "outside": _("This place lies outside the district."),
        "cell": _("Grid cell"),
        "nothingFound": _("Nothing in this district is called so. Try another name or an address."),
        "searchFailed": _("The search did not answer. Choose the place on the map, or try again."),
        "foundMany": _("%(count)s found. Choose one."),
        "mapAway": _("The map did not load. Look the place up by its name, or write its coordinate."),
    }
