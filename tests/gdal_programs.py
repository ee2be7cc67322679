"""GDAL's own programs, beside which no library of ours stands: without them tests fail, they never skip."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys

# What imports set for the GDAL of this process is not meant for the programs of others.
_OURS = ("GDAL_", "OGR_", "CPL_")

# Where the reading stands apart, in a process whose GDAL has all its drivers.
_READ = """
import json, pickle, sys
address, how = json.loads(sys.argv[1])
if how.pop("by", "pyogrio") == "geopandas":
    import geopandas
    found = geopandas.read_file(address, **how)
else:
    import pyogrio
    found = pyogrio.read_dataframe(address, **how)
sys.stdout.buffer.write(pickle.dumps(found))
"""


def environment():
    """The environment of a program of others: it asks nobody but this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "no_proxy": "127.0.0.1", "GDAL_HTTP_TIMEOUT": "60", "GDAL_HTTP_CONNECTTIMEOUT": "10"}


def read_frame(address, **how):
    """What pyogrio (or GeoPandas: `by="geopandas"`) reads from an address, as a GeoDataFrame."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _READ, json.dumps([str(address), how])],
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)  # noqa: S301 - what we have just written


def gdal(program, *arguments, cwd=None, check=True):
    """Run `ogrinfo` or `ogr2ogr`; returns what it printed. It asks nobody but this machine."""
    found = shutil.which(program)
    assert found, f"{program} is missing: install gdal-bin (`./wangge test` does)"
    done = subprocess.run(  # noqa: S603 - a program of GDAL's, on words of ours
        [found, *arguments], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=120, check=False
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
