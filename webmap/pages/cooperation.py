"""Co-governance at a glance: three levels, six joints, seven systems, each with its figures and its page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from geodata.models import JOINTS
from geodata.queries import cooperation as queries
from geodata.queries.cooperation import Glance, JointCount
from geodata.services import evaluation, registrations, roster
from geodata.services.clocks import day_of
from geodata.services.periods import last_whole
from webmap import params
from webmap.access import may, needs
from webmap.maps.layers import joints as joint_titles
from webmap.pages import areas
from webmap.pages.registrations import READ as READ_REGISTRATIONS
from webmap.pages.registrations import told
from webmap.records import current_session

bp = Blueprint("cooperation", __name__, url_prefix="/cooperation")


class Figure(NamedTuple):
    """A number and what it counts."""

    value: str
    words: str


class System(NamedTuple):
    """One of the seven systems: its name, what it is for, its figures, and its pages."""

    title: str
    purpose: str
    figures: Sequence[Figure]
    pages: Sequence[tuple[str, str]]


@bp.get("")
@needs("map.read")
def index() -> str:
    """The district, or a town with `town`."""
    params.only("town")
    session = current_session()
    towns = areas.names("town")
    town = params.one_of("town", list(towns))
    day = day_of(session, datetime.now(UTC))
    found = queries.glance(session, day, town_code=town)
    by_joint = queries.joints(session, day, town_code=town)
    return render_template(
        "cooperation.html",
        glance=found,
        levels=_levels(found, town),
        joints=[(code, title, by_joint.get(code, JointCount(code, 0, 0, 0))) for code, title in joint_titles()],
        project_count=sum(by_joint[code].projects for code in JOINTS if code in by_joint),
        systems=_systems(found, list(by_joint.values()), town),
        towns=towns,
        town=town,
    )


def _levels(found: Glance, town: str | None) -> list[tuple[str, Figure, str]]:
    """The three levels with their members, and where each is shown; of a town the two that it has."""
    network = url_for("network.index")
    rows = [
        (_("District"), Figure(f"{found.members_district:,}", _("member units")), network),
        (_("Town"), Figure(f"{found.members_town:,}", _("member units")), network),
        (_("Village"), Figure(f"{found.members_village:,}", _("member units")), network),
    ]
    return rows[1:] if town else rows


def _systems(found: Glance, by_joint: Sequence[JointCount], town: str | None) -> list[System]:
    """The seven systems in the trade's order."""
    return [
        System(
            _("Double registration"),
            _("How many members and organisations have registered where they live: counts, never names."),
            _registered(town),
            [("/registrations", _("Counts and rates"))],
        ),
        System(
            _("Meeting demands"),
            _("What villages ask for, brought together with what units offer."),
            [
                Figure(f"{found.demands_open:,}", _("demands unmet")),
                Figure(f"{found.demands_met:,}", _("demands met")),
                Figure(f"{found.resources:,}", _("resources on offer")),
            ],
            [("/demands", _("Demands")), ("/resources", _("Resources"))],
        ),
        System(
            _("Work by projects"),
            _("Each joint task is a project with a lead, a time and an outcome."),
            [
                Figure(f"{sum(one.running for one in by_joint):,}", _("projects under way")),
                Figure(f"{sum(one.done for one in by_joint):,}", _("projects done")),
                Figure(f"{found.pledges:,}", _("pledges in force")),
                Figure(f"{found.pledges_kept:,}", _("times kept")),
            ],
            [("/projects", _("Projects")), ("/pledges", _("Pledges"))],
        ),
        System(
            _("Standing contacts"),
            _("Whom to call in each area, and who convenes its network."),
            [Figure(f"{found.conveners:,}", _("conveners today"))],
            [("/network", _("Network and contacts"))],
        ),
        System(
            _("Regular consultation"),
            _("Three meetings of a town and one of a village; what they resolve is tracked."),
            [
                Figure(f"{found.meetings_planned:,}", _("meetings ahead")),
                Figure(f"{found.resolutions_open:,}", _("resolutions open")),
                Figure(f"{found.calls_open:,}", _("whistle calls open")),
            ],
            [("/meetings", _("Meetings")), ("/whistle", _("Whistle calls"))],
        ),
        System(
            _("Evaluation"),
            _("Indices of units, villages and towns, each open down to its records."),
            _evaluated(),
            [("/evaluation", _("Ranking")), ("/rules/list", _("Governance list"))],
        ),
        System(
            _("Shared teams and points"),
            _("Teams and points that several areas use, and who is on duty."),
            [
                Figure(f"{found.teams:,}", _("service teams")),
                Figure(
                    f"{len(roster.on_duty(current_session(), datetime.now(UTC), town_code=town)):,}", _("on duty now")
                ),
            ],
            [("/roster", _("Duty roster")), ("/duty", _("Blocks and points"))],
        ),
    ]


def _registered(town: str | None) -> list[Figure]:
    """Members registered by the newest counts, as whoever asks may know them."""
    if not may(READ_REGISTRATIONS):
        return []
    periods = registrations.known_periods(current_session())
    if not periods:
        return [Figure("–", _("no counts yet"))]
    found = told(periods[0])
    line = next((one for one in found.towns if one.code == town), found.district)
    came = line.counts["members_registered"]
    return [
        Figure("–" if came.value is None or came.word else f"{came.value:,}", _("members registered")),
        Figure("–" if line.rate is None else f"{100 * line.rate:.1f} %", _("of all")),
    ]


def _on_duty(town: str | None) -> int:
    return len(roster.on_duty(current_session(), datetime.now(UTC), town_code=town))


def _evaluated() -> list[Figure]:
    """The last quarter that is over, where it was published."""
    session = current_session()
    word = last_whole("quarter", day_of(session, datetime.now(UTC))).word
    published = [run for run in evaluation.runs(session, "unit") if run.period == word]
    return [Figure(word, _("published") if published else _("not published yet"))]
