"""The operator's word on decoding holds from the first import of anything that uses records."""

import os
import subprocess
import sys

import pytest

from geodata.settings import decodes_gcj02
from spatial.decoding_switch import is_allowed

SCRIPT = """
import geodata
from spatial.coordinates import Coordinates
from spatial.crs import Datum
print(Coordinates(121.4, 31.1, Datum({datum!r})).to_wgs84().one())
"""


@pytest.mark.parametrize(
    ("said", "allowed"),
    [(None, True), ("", True), ("on", True), ("ON", True), ("off", False), ("of", False), ("0", False)],
)
def test_anything_but_on_forbids(said, allowed):
    assert decodes_gcj02({} if said is None else {"WANGGE_DECODE_GCJ02": said}) is allowed


def test_this_process_may_decode():
    assert is_allowed()


@pytest.mark.parametrize(
    ("said", "datum", "told"),
    [
        pytest.param("off", "gcj02", "does not decode GCJ-02 and BD-09", id="gcj02, off"),
        pytest.param("off", "bd09", "does not decode GCJ-02 and BD-09", id="bd09, off"),
        pytest.param("off", "cgcs2000", "(121.4, 31.1)", id="cgcs2000, off"),
        pytest.param("on", "gcj02", "(121.39", id="gcj02, on"),
    ],
)
def test_a_process_keeps_to_it(said, datum, told):
    env = {**os.environ, "WANGGE_DECODE_GCJ02": said}
    run = subprocess.run(  # noqa: S603 - our words only
        [sys.executable, "-c", SCRIPT.format(datum=datum)], env=env, capture_output=True, text=True, check=False
    )
    assert told in run.stdout + run.stderr
