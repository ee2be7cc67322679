"""What is loaded is out of the way of the collector of garbage, and the collector is at work again."""

import gc
import subprocess
import sys

import pytest

from webmap.loading import SELDOM, loading


@pytest.mark.parametrize("goes_wrong", [False, True])
def test_nothing_is_collected_while_loading_and_what_was_loaded_is_set_aside(goes_wrong):
    before = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
            kept = [[] for _ in range(1000)]
            if goes_wrong:
                raise ImportError
    except ImportError:
        pass
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(kept)
    assert gc.get_threshold() == SELDOM


def test_where_nothing_is_to_be_collected_it_stays_so():
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_command_is_loaded_that_way():
    program = (
        "import gc, sys; from webmap.cli import run; before = gc.get_freeze_count(); run(['user', '--help']);"
        " print(before, gc.get_freeze_count(), gc.isenabled())"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    before, after, is_enabled = told.stdout.splitlines()[-1].split()
    assert (before, is_enabled) == ("0", "True")
    assert int(after) > 10_000
