"""`wangge errands`: what is done beside the pages. `wangge serve` runs it by itself."""

import os
import time
from pathlib import Path

import click

from geodata.services import errands
from geodata.services.destinations import allowed_hosts
from geodata.services.outbox import Sender
from geodata.services.server import records
from geodata.settings import Settings
from webmap.cli.options import data_option

# How soon it is noticed that the server has gone.
LOOK_S = 1.0


@click.command(epilog="\b\nExample: wangge errands\nOnly needed where the pages are served by another web server.")
@click.option("--with-process", type=int, hidden=True, help="End when the process of this number is gone.")
@data_option
def command(*, with_process: int | None, data: Path | None) -> None:
    """Send messages, give warnings and forget what is old, until stopped."""
    settings = Settings.from_environment(data)
    sender = Sender(allowed_hosts(settings.webhook_hosts))
    with records(settings) as engine:
        errands.run(errands.all_errands(engine, sender), rest=lambda seconds: rest(seconds, with_process))


def rest(seconds: float, parent: int | None) -> bool:
    """Wait, and say whether the process that we belong to has gone meanwhile."""
    until = time.monotonic() + seconds
    while parent is None or os.getppid() == parent:
        left = until - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(LOOK_S, left))
    return True
