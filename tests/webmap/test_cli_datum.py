"""Datums by command: local metres fitted and listed, and what a file is in."""

import json

from webmap.cli import FINE, REFUSED

CONTROL = ["name,x,y,lon,lat"] + [
    f"K{i},{x},{y},{634_000 + x},{3_441_000 + y}"
    for i, (x, y) in enumerate([(0, 0), (5000, 0), (0, 4000), (3000, 3000)])
]


def test_local_metres_are_fitted_listed_and_refused(district, wangge_on, tmp_path):
    path = tmp_path / "control.csv"
    path.write_text("\n".join(CONTROL), "utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([*CONTROL, "K9,100,100,634150,3441100"]), "utf-8")

    def fit(file, *more):
        return wangge_on(district, "datum", "fit", "plan", str(file), "--datum", "epsg:4549", *more)

    assert "no local datum yet" in wangge_on(district, "datum", "list")[1]
    code, _, err = fit(bad)
    assert (code, "K9 does not fit" in err) == (REFUSED, True)
    code, out, _ = fit(path, "--dry-run", "--json")
    assert (code, json.loads(out)["stored"], json.loads(out)["outlier"]) == (FINE, False, None)
    _, out, _ = fit(path)
    assert "residuals 0.000 m (RMS)" in out
    assert "--datum local:plan" in out
    assert "local:plan" in wangge_on(district, "datum", "list")[1]
    (row,) = json.loads(wangge_on(district, "datum", "list", "--json")[1])["local_datums"]
    assert (row["points"], row["metre_crs"]) == (4, "EPSG:4549")
    code, _, err = fit(path)
    assert (code, err.startswith("wangge: "), err.count("\n")) == (REFUSED, True, 1)


def test_what_a_file_is_in_is_told_with_numbers_and_the_next_step(district, wangge_on, tmp_path):
    path = tmp_path / "list.csv"
    rows = [f"单位{i},{121.405 + i % 7 / 400},{31.1 + i % 11 / 1000}" for i in range(30)]
    path.write_text("\n".join(["名称,lng,lat", *rows]), "utf-8")
    code, out, _ = wangge_on(district, "datum", "detect", str(path))
    # one list and no address, road or place to hold it against
    assert code == REFUSED
    assert "hypothesis" in out
    assert "GCJ-02" in out
    assert "30 different positions" in out
    code, out, _ = wangge_on(district, "datum", "detect", str(path), "--json")
    found = json.loads(out)
    assert (code, found["is_clear"]) == (REFUSED, False)
    assert {one["datum"] for one in found["hypotheses"]} >= {"wgs84", "gcj02", "bd09"}
    code, _, err = wangge_on(district, "import", "points", str(path), "--datum", "unknown")
    assert (code, "The datum was declared as unknown" in err) == (REFUSED, True)
