"""The browser of this machine that tests of pages are run in."""

import os
import shutil

import pytest

# The first is Chromium without a window: the same engine, and half the time for each page.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")

QUIET = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", *QUIET)


def chromium():
    """Path of the browser; without one this fails, it never skips."""
    found = os.environ.get("WANGGE_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.fail("no chromium found; install the package `chromium`, or name the program in WANGGE_CHROMIUM")
    return found
