"""What commands print: lines, tables and JSON on stdout, a progress bar on a terminal's stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import east_asian_width

import click
from tqdm import tqdm

Progress = Callable[[int, int], None]


def show_json(values: Any) -> None:  # noqa: ANN401 - any JSON value
    """One JSON object on one line."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str))


def show_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows under heads; numbers stand to the right, Chinese letters count as two wide."""
    texts = [list(heads), *([_text(value) for value in row] for row in rows)]
    widths = [max(_width(row[i]) for row in texts) for i in range(len(heads))]
    right = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(heads))]
    for row in texts:
        cells = [
            " " * (width - _width(cell)) + cell if to_right else cell + " " * (width - _width(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


@contextmanager
def progress(label: str) -> Iterator[Progress | None]:
    """A bar for long work, on a terminal only; None in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with tqdm(desc=label, file=sys.stderr, leave=False) as bar:

        def move(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield move


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file to write that appears under its name only when it is whole. Raises OSError, of the name that was given."""
    draft = out.with_name(f".{out.name}.part")
    try:
        file = draft.open("wb")
    except OSError as error:
        error.filename = str(out)
        raise
    try:
        with file:
            yield file
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _text(value: Any) -> str:  # noqa: ANN401 - whatever stands in a table
    if value is None:
        return "-"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
