"""Facts every district starts from, as CSV: categories, kinds of units, and a draft governance list."""

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one seed file, all values as text."""
    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
