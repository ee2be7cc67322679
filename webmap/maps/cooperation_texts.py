"""What units of an area do together, as sentences for its poster."""

from flask_babel import gettext as _

from geodata.services.posters import Together


def sentences(there: Together) -> list[str]:
    """Who convenes, then what runs and what is on offer; nothing for an area that has none of it."""
    found = []
    if there.convener:
        found.append(_("Convener: %(unit)s", unit=there.convener))
    if there.projects:
        found.append(_("%(count)s joint projects, %(running)s running", count=there.projects, running=there.running))
    if there.resources or there.pledges:
        found.append(
            _("%(resources)s shared resources, %(pledges)s pledges", resources=there.resources, pledges=there.pledges)
        )
    if there.demands_open:
        found.append(_("%(count)s demands still unmet", count=there.demands_open))
    return [str(one) for one in found]
