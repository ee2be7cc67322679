"""`wangge outbox`: messages to other systems, sent and sent once more."""

from datetime import UTC, datetime
from pathlib import Path

import click

from geodata.services import errands, outbox, webhooks
from geodata.services.destinations import allowed_hosts
from geodata.services.outbox import Sender
from geodata.services.server import records
from geodata.settings import Settings
from webmap.cli.errands import rest
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.group("outbox", epilog="\b\nExample: wangge outbox list --state dead")
def command() -> None:
    """Messages to other systems."""


@command.command("list", epilog="\b\nExample: wangge outbox list --webhook oa --state dead")
@click.option("--webhook", help="Name of a webhook; none: all.")
@click.option("--state", type=click.Choice(list(outbox.STANDINGS)), help="Only those that stand so.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many at most.")
@json_option
@data_option
def list_(*, webhook: str | None, state: str | None, limit: int, as_json: bool, data: Path | None) -> None:
    """List messages, the newest first."""
    with work(data) as session:
        of = webhooks.webhook(session, webhook).id if webhook else None
        found = outbox.messages(session, webhook_id=of, standing=state, limit=limit)
    if as_json:
        show_json({"messages": [{**one._asdict(), "state": one.standing} for one in found]})
        return
    heads = ("number", "webhook", "event", "ticket", "state", "tries", "last error")
    show_table(
        heads,
        [(str(one.id), one.webhook, one.word, one.ticket, one.standing, one.attempts, one.last_error) for one in found],
    )


@command.command(epilog="\b\nExample: wangge outbox send --once")
@click.option("--once", is_flag=True, help="Only what is due now.")
@data_option
def send(*, once: bool, data: Path | None) -> None:
    """Send what is due, until stopped. The server does this by itself; both at once do no harm."""
    settings = Settings.from_environment(data)
    sender = Sender(allowed_hosts(settings.webhook_hosts))
    with records(settings) as engine:
        if once:
            done = outbox.send_due(engine, sender)
            click.echo(f"{done.delivered} arrived, {done.failed} did not, {done.dead} given up")
            return
        sending = [one for one in errands.all_errands(engine, sender) if one.name == errands.SENDING]
        errands.run(sending, rest=lambda seconds: rest(seconds, None))


@command.command(
    epilog="\b\nExample: wangge outbox replay 42\nExample: wangge outbox replay --webhook oa --since 2026-03-02T08:00"
)
@click.argument("number", type=int, required=False)
@click.option("--webhook", help="Name of a webhook.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="UTC; all of the webhook since then."
)
@data_option
def replay(*, number: int | None, webhook: str | None, since: datetime | None, data: Path | None) -> None:
    """Send message NUMBER once more, or all of a webhook since a moment; each keeps its number."""
    if (number is None) == (webhook is None) or (webhook is None) != (since is None):
        raise click.UsageError("name one message by its number, or --webhook and --since")
    with work(data) as session:
        if number is not None:
            outbox.again(session, number)
            count = 1
        else:
            one = webhooks.webhook(session, webhook or "")
            count = outbox.again_since(session, one.id, since=(since or datetime.now(UTC)).replace(tzinfo=UTC))
    click.echo(f"{count} will be sent once more")
