"""`wangge geocode --online`: says what would leave the house and to whom, and asks first."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from geodata.db import session_on
from geodata.services import server
from geodata.services.geocoding import write_review
from geodata.services.online_geocoding import OnlineSummary, Plan, ask, check, house, plan
from geodata.settings import Settings
from webmap.cli.output import progress

EXAMPLES = 3


def check_allowed(data: Path | None, name: str) -> None:
    """Raise what `house` would where this geocoder may not be asked, before anything else is done."""
    check(Settings.from_environment(data).geocoder, name)


def ask_online(data: Path | None, name: str, *, kind: str, is_agreed: bool, review: Path | None) -> OnlineSummary:
    """Ask for what is not certain, once somebody has agreed, and write the review file after it.

    Raises ClickException where nobody is there to agree, and Abort where they do not.
    """
    settings = Settings.from_environment(data)
    with server.records(settings) as engine, progress("questions") as move:
        with session_on(engine) as session:
            what = plan(session, house(session, settings.geocoder, name), kind)
        told = OnlineSummary(name)
        if what.questions:
            _announce(what, kind)
            _agree(is_agreed=is_agreed)
            told = ask(engine, what, progress=move)
        if review is not None:
            with session_on(engine) as session:
                write_review(session, review)
    return told


def tell_online(told: OnlineSummary) -> None:
    """What came of it, in lines."""
    click.echo(f"{told.name}: {told.asked} answered, {told.found} of them with a candidate to review")
    if told.bad:
        click.echo(f"  {told.bad} answers could not be used; the last: {told.why_bad}")
    if told.stopped is not None:
        click.echo(f"  stopped with {told.left} left; what was answered is kept: {told.stopped}", err=True)


def _announce(what: Plan, kind: str) -> None:
    one = what.house.geocoder
    host = urlsplit(what.house.url).netloc
    click.echo(
        f"{len(what.questions)} addresses of {kind} leave this house for {one.title} ({host}), such as:", err=True
    )
    for question in what.questions[:EXAMPLES]:
        click.echo(f"  {question.sent}", err=True)
    if what.unasked:
        click.echo(
            f"{what.unasked} others are not sent: not understood, elsewhere, or with a personal number", err=True
        )
    click.echo(f"Today {what.left} of {what.house.quota} questions are left. {one.terms}", err=True)


def _agree(*, is_agreed: bool) -> None:
    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("nobody is here to agree that these addresses are sent; add --yes if they may be")
    click.confirm("Send them?", abort=True, err=True)
