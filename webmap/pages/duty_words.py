"""Words of the pages about who answers for which ground, and of their scripts."""

from collections.abc import Sequence

from flask_babel import gettext as _

from geodata.services.duty_ground import Duty, DutyGap
from geodata.services.duty_shapes import ShapeReport


def kinds() -> dict[str, str]:
    """What regions, blocks, points and teams are called, one of them."""
    return {
        "region": _("Region"),
        "block": _("Responsibility block"),
        "point": _("Responsibility point"),
        "team": _("Service team"),
    }


def gap(one: DutyGap) -> str:
    """What is amiss, in a few words."""
    facts = one.facts
    said = {
        "no_holder": _("nobody responsible"),
        "holder_inactive": _("%(holder)s is no longer active", holder=facts.get("holder")),
        "no_shape": _("no border"),
        "no_place": _("no place"),
        "no_parent": _("belongs to %(code)s, which is not there", code=facts.get("code")),
        "outside_own": _("lies outside its block %(code)s", code=facts.get("code")),
        "outside_all": _("lies in no block"),
        "overlaps": _(
            "shares %(m2)s m² with %(name)s", m2=f"{facts.get('m2', 0):,}", name=facts.get("name") or facts.get("code")
        ),
        "outside_town": _("%(m2)s m² beyond its town", m2=f"{facts.get('m2', 0):,}"),
    }
    return str(said[one.word])


def gaps(one: Duty) -> list[str]:
    """All that is amiss with one, in words."""
    return [gap(found) for found in one.gaps]


def report(found: ShapeReport) -> str:
    """What a shape that can be taken comes to, in a sentence."""
    said = [_("%(area)s ha", area=f"{found.area_m2 / 1e4:,.2f}"), _("%(count)s points in it", count=found.point_count)]
    if found.outside_m2 >= 1:
        said.append(_("%(m2)s m² beyond the town, which is allowed", m2=f"{found.outside_m2:,.0f}"))
    said += [
        _("%(m2)s m² shared with %(name)s, which is allowed", m2=f"{one.shared_m2:,.0f}", name=one.name)
        for one in found.overlaps
    ]
    return " · ".join(said)


def change_labels(*, with_contact: bool) -> dict[str, str]:
    """The fields of a change that are shown, by name."""
    labels = {
        "name": _("Name"),
        "holder": _("Holder"),
        "holder_role": _("Role"),
        "deputies": _("Deputies"),
        "region": _("Region"),
        "block": _("Block"),
        "team": _("Team"),
        "blocks": _("Blocks served"),
        "shape": _("Border"),
        "place": _("Place"),
        "kind": _("Kind"),
        "radius_m": _("Radius, m"),
        "address": _("Address"),
        "contact_role": _("Contact"),
    }
    return {**labels, "contact_phone": _("Duty phone")} if with_contact else labels


def script_texts() -> dict[str, str]:
    """What the scripts of these pages say."""
    return {
        "thinned": "",
        "dutyNothing": _("No block and no point there."),
        "dutyNoAnswer": _("The server did not answer. Try again."),
        "dutyChecking": _("Checking …"),
        "dutyCorner": _("Corner %(number)s of %(count)s. Arrow keys move it, Delete removes it."),
        "dutyNewCorner": _("New corner"),
        "dutyMany": _("Zoom in: there are too many corners to move here."),
        "dutyKept": _("The stored border is shown."),
        "dutyNoAreas": _("Tick a village or write a code first."),
    }


def listed(words: Sequence[str]) -> str:
    """Words one after another."""
    return str(_(", ")).join(words)
