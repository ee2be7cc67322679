"""`wangge webhook`: other systems that are told of events."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from geodata.services import webhooks
from geodata.services.delivery import deliver
from geodata.services.destinations import Allowed, allowed_hosts
from geodata.settings import Settings
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.group("webhook", epilog="\b\nExample: wangge webhook list")
def command() -> None:
    """Add, list, try and remove webhooks."""


@command.command(epilog="\b\nExample: wangge webhook add oa https://oa.town.lan/hook --word assign --word close")
@click.argument("name")
@click.argument("url")
@click.option("--word", "words", multiple=True, help="A move to hear of, again for each; none: all.")
@click.option("--town", help="Code of the town whose tickets are meant; none: all.")
@json_option
@data_option
def add(*, name: str, url: str, words: tuple[str, ...], town: str | None, as_json: bool, data: Path | None) -> None:
    """Add webhook NAME at URL, and show its secret: this once and never again."""
    with work(data) as session:
        made = webhooks.add(session, name, url=url, hosts=_hosts(data), words=words, town_code=town)
        facts = {"name": made.name, "url": made.url, "secret": made.secret}
    if as_json:
        show_json(facts)
    else:
        click.echo(f"{facts['name']} will be told; give it this secret, which is not shown again:\n{facts['secret']}")


@command.command("list", epilog="\b\nExample: wangge webhook list --json")
@json_option
@data_option
def list_(*, as_json: bool, data: Path | None) -> None:
    """List webhooks with what waits for them."""
    with work(data) as session:
        found = webhooks.webhooks(session)
        if as_json:
            show_json({"webhooks": [_facts(one) for one in found]})
            return
        heads = ("name", "url", "words", "town", "active", "waiting", "given up")
        show_table(
            heads,
            [
                (
                    one.name,
                    one.url,
                    " ".join(one.words) or "all",
                    one.town_code,
                    "yes" if one.is_active else "no",
                    *held,
                )
                for one, held in ((each.webhook, each.counts[:2]) for each in found)
            ],
        )


@command.command(epilog="\b\nExample: wangge webhook test oa")
@click.argument("name")
@data_option
def test(*, name: str, data: Path | None) -> None:
    """Send webhook NAME a message that says nothing, now and once."""
    with work(data) as session:
        one = webhooks.webhook(session, name)
        url, secret = one.url, one.secret
    payload = webhooks.trial(datetime.now(UTC))
    began = time.monotonic()
    deliver(url, secret=secret, word=webhooks.TRIAL, message_id=webhooks.TRIAL, payload=payload, hosts=_hosts(data))
    click.echo(f"{name} has taken it in {1000 * (time.monotonic() - began):.0f} ms")


@command.command(epilog="\b\nExample: wangge webhook remove oa")
@click.argument("name")
@data_option
def remove(*, name: str, data: Path | None) -> None:
    """Remove webhook NAME, with all its messages."""
    with work(data) as session:
        webhooks.remove(session, webhooks.webhook(session, name))
    click.echo(f"{name} is not told any more")


def _hosts(data: Path | None) -> tuple[Allowed, ...]:
    return allowed_hosts(Settings.from_environment(data).webhook_hosts)


def _facts(one: webhooks.Standing) -> dict[str, object]:
    names = ("name", "url", "words", "town_code", "is_active")
    return {name: getattr(one.webhook, name) for name in names} | one.counts._asdict()
