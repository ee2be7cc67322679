"""How units are chosen in a town: the policy in force, a change tried over past tickets, and the change itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.services import policies
from geodata.services.dry_runs import DryRun, dry_run
from geodata.services.policies import DISTRICT
from spatial.assign import ORDER_WORDS, WEIGHT_WORDS, Policy
from spatial.errors import BadPolicy
from webmap import params
from webmap.access import actor, demand, may, needs, own_area, ticket_scope, told
from webmap.languages import zone
from webmap.maps.drawing_moves import moves_map
from webmap.pages import areas, policy_words
from webmap.pages.rule_forms import town_asked, town_told
from webmap.records import current_session, district

bp = Blueprint("policy", __name__, url_prefix="/policy")

# How many past tickets are tried, the newest first, how many of those that would move are listed, and how far back.
MOST, LISTED, USUAL_DAYS = 1000, 200, 30
LONGEST_NOTE = 200


@dataclass
class Draft:
    """What somebody has filled in, as it was written; `wrong` has a sentence for each field that cannot be followed."""

    ranks: Mapping[str, str]
    weights: Mapping[str, str]
    max_distance_m: str
    note: str = ""
    since: str = ""
    until: str = ""
    wrong: dict[str, str] = field(default_factory=dict)

    def policy(self, former: Policy) -> Policy | None:
        """The policy meant; None where it cannot be followed, and `wrong` says why."""
        known = {word: int(rank) for word, rank in self.ranks.items() if rank.isdigit()}
        order = sorted(known, key=lambda word: (known[word], ORDER_WORDS.index(word)))
        try:
            return policies.changed(
                former,
                order=order,
                weights={word: _metres(text or "0") for word, text in self.weights.items() if word in WEIGHT_WORDS},
                max_distance_m=_metres(self.max_distance_m),
            )
        except BadPolicy as error:
            self.wrong[error.field] = policy_words.wrong(error.field)
            return None


@bp.get("")
@needs("policy.read")
def index() -> str:
    """The policy of a town, or the district: what holds, what held, and a form for another."""
    params.only("town")
    town = town_asked()
    return _page(town, _draft_of(policies.in_force(current_session(), town, at=datetime.now(UTC)).policy))


@bp.post("/try")
@needs("policy.read")
def try_() -> tuple[str, int]:
    """What the policy of the form would have changed in past tickets that whoever asks may see; nothing is changed."""
    town, draft = town_told(), _draft()
    demand("policy.read", town_code=town)
    session = current_session()
    policy = draft.policy(policies.in_force(session, town, at=datetime.now(UTC)).policy)
    first, last = _day(draft.since), _day(draft.until)
    if first is None or last is None or first > last:
        draft.wrong["period"] = policy_words.wrong("period")
    if policy is None or draft.wrong or first is None or last is None:
        return _page(town, draft), 422
    begin, end = _midnight(first), _midnight(last + timedelta(days=1))
    run = dry_run(session, policy, town_code=town or None, since=begin, until=end, limit=MOST, scope=ticket_scope())
    return _page(town, draft, run=run), 200


@bp.post("")
@needs("policy.set")
def change() -> Response | tuple[str, int]:
    """Let the policy of the form hold from now on."""
    town, draft = _town(), _draft()
    session = current_session()
    policy = draft.policy(policies.in_force(session, town, at=datetime.now(UTC)).policy)
    if policy is None:
        return _page(town, draft), 422
    policies.set_policy(session, town, policy, actor=actor(), note=draft.note)
    flash(_("The policy holds from now on. What was decided before stays as it is."))
    return redirect(_address(town))


@bp.post("/end")
@needs("policy.set")
def end() -> Response:
    """Let a town follow the district again, or the district its settings."""
    town = _town()
    policies.end_policy(current_session(), town)
    flash(_("The former policy has ended now."))
    return redirect(_address(town))


def _town() -> str:
    """The town of the form, whose policy whoever asks may change."""
    town = town_told()
    demand("policy.set", town_code=town)
    return town


def _address(town: str) -> str:
    return url_for("policy.index", town=None if town == (own_area() or DISTRICT) else town or "district")


def _page(town: str, draft: Draft, *, run: DryRun | None = None) -> str:
    session = current_session()
    towns = areas.names("town")
    ruling = policies.in_force(session, town, at=datetime.now(UTC))
    title = _("Map of the tickets that would go elsewhere")
    return render_template(
        "policy.html",
        town=town,
        towns=towns,
        told=told,
        may_set=may("policy.set", town_code=town),
        area=towns.get(town, district().name),
        may_choose_town=own_area() is None,
        ruling=ruling,
        whose=policy_words.whose(ruling, towns),
        order=policy_words.order_in_words,
        weights=policy_words.weights_in_words,
        order_words=policy_words.order_words(),
        weight_words=policy_words.weight_words(),
        former=[(row, policies.ruling_of(row).policy) for row in policies.former(session, town)],
        draft=draft,
        run=run,
        listed=LISTED,
        picture=moves_map(session, run.moved, title=title, metre_srid=district().metre_srid) if run else None,
    )


def _draft_of(policy: Policy) -> Draft:
    """The form as it stands for a policy."""
    ranks = {word: str(policy.order.index(word) + 1) if word in policy.order else "" for word in ORDER_WORDS}
    weights = {word: f"{policy.weight(word):g}" for word in WEIGHT_WORDS}
    today = datetime.now(ZoneInfo(zone())).date()
    return Draft(
        ranks,
        weights,
        f"{policy.max_distance_m:g}",
        since=(today - timedelta(days=USUAL_DAYS)).isoformat(),
        until=today.isoformat(),
    )


def _draft() -> Draft:
    """The form as somebody has filled it in."""

    def text(name: str) -> str:
        return request.form.get(name, "").strip()[:LONGEST_NOTE]

    return Draft(
        {word: text(f"rank-{word}") for word in ORDER_WORDS},
        {word: text(f"weight-{word}") for word in WEIGHT_WORDS},
        text("max_distance_m"),
        text("note"),
        text("since"),
        text("until"),
    )


def _metres(text: str) -> float:
    """A number as written; what is none is no number, which every check of a policy refuses."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone()))
