"""What units of an area do together, as sentences for its poster."""

from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata.services.posters import Together


def sentences(there: Together) -> list[str]:
    """Who convenes and when they meet, what runs, what is on offer, who answers; nothing of what it has not."""
    found = []
    if there.convener:
        found.append(_("Convener: %(unit)s", unit=there.convener))
    if there.meeting:
        day = format_datetime(there.meeting.held_at, "yyyy-MM-dd HH:mm")
        parts = [day, there.meeting.name, there.meeting.address]
        found.append(_("Next meeting: %(what)s", what=" · ".join(part for part in parts if part)))
    if there.projects:
        found.append(
            _(
                "%(count)s joint projects: %(running)s running, %(done)s done",
                count=there.projects,
                running=there.running,
                done=there.done,
            )
        )
    if there.resources or there.pledges:
        offered = _(
            "%(resources)s shared resources, %(pledges)s pledges", resources=there.resources, pledges=there.pledges
        )
        kept = _("pledges kept %(count)s times", count=f"{there.kept:,}") if there.kept else ""
        found.append(_(", ").join(str(part) for part in (offered, kept) if part))
    if there.demands_open or there.demands_met:
        found.append(_("%(met)s demands met, %(open)s still unmet", met=there.demands_met, open=there.demands_open))
    if there.roles:
        roles = [f"{one.role} {one.number:,}" for one in there.roles]
        found.append(_("Roles that answer for its ground: %(roles)s", roles=_(", ").join(roles)))
    return [str(one) for one in found]
