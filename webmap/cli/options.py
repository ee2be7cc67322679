"""Options that many commands share, and the session they work in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.services import server
from geodata.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

# The name that events and import records carry for work done at the command line.
ACTOR = "system"


def data_option(function: F) -> F:
    """`--data DIR`."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        help="Data folder; WANGGE_DATA, or the system's default.",
    )(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")(function)


@contextmanager
def work(data: Path | None) -> Iterator[Session]:
    """A session on the district's records: kept when the command ends well, undone otherwise."""
    with server.records(Settings.from_environment(data)) as engine, session_on(engine) as session:
        yield session
