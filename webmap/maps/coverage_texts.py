"""The words of the coverage page's scripts, and what a trial changes, in the reader's language."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from geodata.services.coverage_trial import AreaChange, Trial
from webmap.maps.texts import map_texts

# Smaller changes round to no hectare.
LEAST_M2 = 500.0


def script_texts() -> dict[str, str]:
    """Sentences by the key under which a script asks for them; `%(name)s` is filled in by the script."""
    return {
        **map_texts(),
        "mapLabel": _("Map. Arrow keys move it, plus and minus zoom, Enter chooses its middle."),
        "thinned": _("Units close together share a dot; zoom in to see each."),
        "outside": _("This place lies outside the district."),
        "noFigures": _("No figures here: the area has no boundary yet."),
        "noAnswer": _("The server does not answer. Check the connection, then try again."),
        "copied": _("Copied"),
        "sortBy": _("Sort by %(column)s"),
        **_trial_texts(),
    }


def _trial_texts() -> dict[str, str]:
    return {
        "working": _("Working it out …"),
        "noChanges": _("Nothing changed yet."),
        "closing": _("Closed: %(name)s"),
        "opening": _("New: %(place)s"),
        "notCounted": _("does not count here, so nothing changes"),
        "remove": _("Take back"),
        "falls": _("falls"),
        "rises": _("rises"),
        "loses": _("no longer has a unit"),
        "gains": _("has its first unit"),
        "unchanged": _("No area at this level changes."),
        "most": _("At most %(count)s changes at once."),
        "badPair": _("This is not a pair of degrees. Write longitude, latitude, such as the example in the field."),
        "noSuchUnit": _("One of these units is no longer there. Take it back."),
        "signIn": _("Sign in to try this radius."),
    }


def unjudged(counts: Mapping[str, int]) -> list[str]:
    """Sentences on the areas of which nobody can tell whether they have a unit; none where all can be judged.

    counts  by level, as `areas_unjudged` gives them.
    """
    towns, villages = counts.get("town", 0), counts.get("village", 0)
    found = [
        _("%(count)s towns have no boundary and cannot be judged.", count=f"{towns:,}") if towns else "",
        _("%(count)s villages have no boundary and cannot be judged.", count=f"{villages:,}") if villages else "",
    ]
    return [sentence for sentence in found if sentence]


def said(trial: Trial) -> str:
    """One sentence: what was changed, whom it hits most, and how much ground it is."""
    effects = [*_shares(trial.areas), *_grounds(trial), *_without(trial)] or [_("coverage stays as it is")]
    sentence: str = _("%(what)s: %(effects)s.", what=_(", ").join(_changes(trial)), effects=_("; ").join(effects))
    # a figure and its sign stay on one line
    return sentence.replace(" %", "\u00a0%")


def _changes(trial: Trial) -> list[str]:
    found = []
    if len(trial.closed) == 1:
        found.append(_("%(name)s closed", name=trial.closed[0].name))
    elif trial.closed:
        found.append(_("%(count)s units closed", count=len(trial.closed)))
    if len(trial.opened) == 1:
        found.append(_("1 new unit"))
    elif trial.opened:
        found.append(_("%(count)s new units", count=len(trial.opened)))
    return found


def _shares(areas: Sequence[AreaChange]) -> list[str]:
    """The area that loses most of its share and the one that gains most; villages where there are any."""
    villages = [area for area in areas if area.level == "village"]
    ranked = sorted(villages or areas, key=lambda area: (area.share - area.was, area.code))
    found = []
    if ranked and _points(ranked[0]) < 0:
        found.append(_("coverage of %(area)s falls from %(was)s %% to %(share)s %%", **_facts(ranked[0])))
    if ranked and _points(ranked[-1]) > 0:
        found.append(_("coverage of %(area)s rises from %(was)s %% to %(share)s %%", **_facts(ranked[-1])))
    return found


def _points(area: AreaChange) -> int:
    """Percentage points as they are told, which may be none for a small change."""
    return round(100 * area.share) - round(100 * area.was)


def _facts(area: AreaChange) -> dict[str, str]:
    return {"area": area.name, "was": str(round(100 * area.was)), "share": str(round(100 * area.share))}


def _grounds(trial: Trial) -> list[str]:
    found = []
    lost_m2, gained_m2 = trial.total_m2("lost"), trial.total_m2("gained")
    if lost_m2 >= LEAST_M2:
        found.append(_("%(size)s ha of new gaps", size=f"{lost_m2 / 1e4:.1f}"))
    if gained_m2 >= LEAST_M2:
        found.append(_("%(size)s ha of gaps closed", size=f"{gained_m2 / 1e4:.1f}"))
    return found


def _without(trial: Trial) -> list[str]:
    lose = [area for area in trial.without if not area.was]
    gain = [area for area in trial.without if area.was]
    found = []
    if len(lose) == 1:
        found.append(_("%(area)s is left without a unit", area=lose[0].name))
    elif lose:
        found.append(_("%(count)s areas are left without a unit", count=len(lose)))
    if len(gain) == 1:
        found.append(_("%(area)s gets its first unit", area=gain[0].name))
    elif gain:
        found.append(_("%(count)s areas get their first unit", count=len(gain)))
    return found
