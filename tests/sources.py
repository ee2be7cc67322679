"""Checks of one file that become one test of all files."""

import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def where(path):
    """Name of a file from the top of the project."""
    return path.relative_to(ROOT).as_posix()


def of_each(paths):
    """Make a check of one file a test of all of these, which tells every file that fails and why.

    A test for each file would be thousands of them, each with its own setting up and its own report.
    """

    def wrap(check):
        @functools.wraps(check)
        def test():
            assert paths, "there is nothing to look at"
            broken = {}
            for path in paths:
                try:
                    check(path)
                except AssertionError as error:
                    broken[where(path)] = str(error)
            if broken:
                pytest.fail("\n".join(f"{name}: {why}" for name, why in broken.items()), pytrace=False)

        # pytest would look for what the check asks for
        del test.__wrapped__
        return test

    return wrap
