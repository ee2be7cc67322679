"""GDAL's own programs, beside which no library of ours stands: without them tests fail, they never skip."""

import os
import re
import shutil
import subprocess


def gdal(program, *arguments, cwd=None, check=True):
    """Run `ogrinfo` or `ogr2ogr`; returns what it printed. It asks nobody but this machine."""
    found = shutil.which(program)
    assert found, f"{program} is missing: install gdal-bin (`./wangge test` does)"
    env = {**os.environ, "no_proxy": "127.0.0.1", "GDAL_HTTP_TIMEOUT": "60", "GDAL_HTTP_CONNECTTIMEOUT": "10"}
    done = subprocess.run(  # noqa: S603 - a program of GDAL's, on words of ours
        [found, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert not check or (done.returncode == 0 and "ERROR" not in done.stderr), done.stderr
    return done.stdout + done.stderr


def count_in(told):
    """How many features `ogrinfo` told of."""
    return int(re.search(r"^Feature Count: (\d+)$", told, re.MULTILINE)[1])


def extent_in(told):
    """(west, south, east, north) as `ogrinfo` told it; None where it told none."""
    found = re.search(r"^Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)$", told, re.MULTILINE)
    return tuple(map(float, found.groups())) if found else None
