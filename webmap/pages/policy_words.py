"""Words of the policy of assignment."""

from collections.abc import Mapping

from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata.services.policies import DISTRICT, Ruling
from spatial.assign import Policy


def order_words() -> dict[str, str]:
    """What may count, in the order of `spatial.assign.ORDER_WORDS`."""
    return {
        "holder_point": _("holds the responsibility point"),
        "holder_block": _("holds the responsibility block"),
        "village": _("same village"),
        "town": _("same town"),
        "score": _("score"),
        "metres": _("distance"),
    }


def weight_words() -> dict[str, tuple[str, str]]:
    """The weights of the score: what each is, and how it counts."""
    return {
        "village": (_("Same village"), _("metres taken off")),
        "town": (_("Same town"), _("metres taken off")),
        "load": (_("Each open ticket"), _("metres added")),
        "fill": (_("A full desk"), _("metres added, by its share")),
        "returned": (_("Returned one of the kind in 30 days"), _("metres added")),
    }


def order_in_words(policy: Policy) -> str:
    """The order as one line."""
    titles = order_words()
    return " → ".join(titles[word] for word in policy.order) or str(_("none: the lower code"))


def weights_in_words(policy: Policy) -> str:
    """The weights that count, as one line; empty without a score."""
    if "score" not in policy.order:
        return ""
    titles = weight_words()
    told = [f"{titles[word][0]} {metres:g} m" for word, metres in policy.weights.items() if metres]
    return str(_("; ")).join(told) or str(_("metres alone"))


def whose(ruling: Ruling, towns: Mapping[str, str]) -> str:
    """Whose policy it is, and since when."""
    if ruling.since is None:
        return str(_("the district's usual policy"))
    since = format_datetime(ruling.since, "yyyy-MM-dd HH:mm")
    if ruling.town_code == DISTRICT:
        return str(_("the district's policy since %(time)s", time=since))
    town = towns.get(ruling.town_code, ruling.town_code)
    return str(_("the policy of %(town)s since %(time)s", town=town, time=since))


def wrong(field: str) -> str:
    """What cannot be followed, for whoever filled in the form."""
    word = field.partition(".")[2]
    if word:
        return str(_("%(name)s must be a number of metres, 0 or more.", name=weight_words().get(word, (word, ""))[0]))
    known: dict[str, str] = {
        "max_distance_m": _("The farthest metres must be a number above 0."),
        "order": _("Each word counts once at most."),
        "period": _("The first day must not be after the last."),
    }
    return known.get(field, field)
