"""Why a filter is not taken, in the reader's language."""

from flask_babel import gettext as _

from geodata.record_errors import FilterRefused


def filter_refusal(error: FilterRefused) -> str:
    """What is wrong with a filter, where, and what to do."""
    why = _why(error)
    if isinstance(error.where, int):
        return str(_("The filter is refused at character %(number)s: %(why)s", number=error.where, why=why))
    if error.where:
        return str(_("The filter is refused at %(place)s: %(why)s", place=error.where, why=why))
    return str(_("The filter is refused: %(why)s", why=why))


def _why(error: FilterRefused) -> str:
    word = error.word
    known = {**_as_a_whole(error), **_as_written(error), **_as_meant(error), **_of_geometry(error)}
    return str(known[word])


def _as_a_whole(error: FilterRefused) -> dict[str, str]:
    facts = error.facts
    return {
        "empty": _("It is empty. Write a condition such as name = 'x', or leave it out."),
        "language": _("%(found)s is no language here. Use cql2-text or cql2-json.", found=facts.get("found")),
        "long": _("It has more than %(most)s bytes. Shorten it.", most=facts.get("most")),
        "deep": _("It has more than %(most)s levels of nesting. Write it flatter.", most=facts.get("most")),
        "conditions": _("It has more than %(most)s conditions. Ask in several requests.", most=facts.get("most")),
        "items": _("A list has more than %(most)s values. Ask in several requests.", most=facts.get("most")),
        "vertices": _(
            "Its geometries have more than %(most)s vertices, those of long edges counted. Simplify them.",
            most=facts.get("most"),
        ),
        "character": _("It holds a character that no text can have. Remove it."),
    }


def _as_written(error: FilterRefused) -> dict[str, str]:
    facts = error.facts
    found = facts.get("found")
    return {
        "sign": _(
            "%(found)s cannot be read. Put texts in '…', and names with other signs than letters in \"…\".", found=found
        ),
        "arithmetic": _("Nothing is calculated in filters. Write the result."),
        "syntax": _(
            "%(found)s does not fit there. It may be %(expected)s.", found=found, expected=facts.get("expected")
        ),
        "end": _("It ends too early. There may follow %(expected)s.", expected=facts.get("expected")),
        "json": _("It is not JSON (%(why)s). Correct it there.", why=facts.get("why")),
        "form": _("%(found)s is not CQL2. Write %(wanted)s.", found=found, wanted=facts.get("wanted")),
        "operator": _("There is no %(found)s here. What there is: %(known)s.", found=found, known=facts.get("known")),
        "bare": _("%(found)s alone is no condition. Compare it with something.", found=found),
        "number": _("%(found)s is too large for a number.", found=found),
        "day": _("%(found)s is no day of the calendar, such as 2026-03-02.", found=found),
        "moment": _("%(found)s is no moment, such as 2026-03-02T06:30:00Z.", found=found),
    }


def _as_meant(error: FilterRefused) -> dict[str, str]:
    facts = error.facts
    found = facts.get("found")
    return {
        "property": _("There is no property %(found)s. It may be %(known)s.", found=found, known=facts.get("known")),
        "kinds": _(
            "%(left)s (%(left_kind)s) cannot be compared with %(right)s (%(right_kind)s). Both must be of one kind.",
            left=facts.get("left"),
            left_kind=_kind(facts.get("left_kind")),
            right=facts.get("right"),
            right_kind=_kind(facts.get("right_kind")),
        ),
        "spatial": _("%(found)s is a geometry. Relate it to another one by S_INTERSECTS and its like.", found=found),
        "scalar": _(
            "%(found)s (%(kind)s) is no geometry. Name geom, or write one such as POINT(121.4 31.1).",
            found=found,
            kind=_kind(facts.get("kind")),
        ),
        "order": _("TRUE and FALSE have no order. Compare %(found)s with = or <>.", found=found),
        "text": _(
            "%(found)s (%(kind)s) is no text, and LIKE and CASEI take only texts.",
            found=found,
            kind=_kind(facts.get("kind")),
        ),
        "range": _(
            "%(found)s (%(kind)s) is neither a number nor a time, and BETWEEN takes only these.",
            found=found,
            kind=_kind(facts.get("kind")),
        ),
        "pattern": _("LIKE takes a text in quotes, in which %(any)s stands for any signs and _ for one.", any="%"),
        "escape": _("The pattern ends with the escape sign. Write it twice to mean the sign itself."),
    }


def _of_geometry(error: FilterRefused) -> dict[str, str]:
    facts = error.facts
    return {
        "position": _(
            "%(found)s does not fit into a %(kind)s. Write positions of two numbers, nested as the kind needs.",
            found=facts.get("found"),
            kind=facts.get("kind"),
        ),
        "few": _(
            "A %(kind)s needs %(least)s positions or more there.", kind=facts.get("kind"), least=facts.get("least")
        ),
        "open_ring": _("A ring does not end where it begins. Repeat its first position."),
        "invalid": _(
            "The geometry crosses itself, or its parts lie upon each other, at %(lon)s, %(lat)s. Correct it.",
            lon=facts.get("lon"),
            lat=facts.get("lat"),
        ),
        "box": _("A box has four numbers, or six with heights: the least of both axes, then the greatest."),
        "place": _(
            "%(x)s, %(y)s is no place on the globe in EPSG:%(srid)s. Check the order of the two and the CRS.",
            x=facts.get("x"),
            y=facts.get("y"),
            srid=facts.get("srid"),
        ),
        "edges": _(
            "The edges of the geometry are more than %(most_km)s km in all. Ask in degrees.",
            most_km=facts.get("most_km"),
        ),
        "collection": _("A collection of several kinds of geometry goes with S_INTERSECTS and S_DISJOINT alone."),
    }


def _kind(word: object) -> str:
    known = {
        "text": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("TRUE or FALSE"),
        "date": _("day"),
        "datetime": _("moment"),
        "geometry": _("geometry"),
    }
    return str(known.get(str(word), word))
