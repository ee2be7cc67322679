"""What is installed is pinned, complete, and comes from nowhere but the lists in the checkout."""

import http.server
import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from functools import partial
from pathlib import Path

import browsers
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "webmap" / "vendor"
STATIC = ROOT / "webmap" / "static"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGE = json.loads((VENDOR / "package.json").read_text(encoding="utf-8"))
EXACT = re.compile(r"\d+\.\d+\.\d+")


@pytest.fixture(scope="module")
def build():
    """The build step as a module."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def constraints():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def requirements():
    extras = PROJECT["project"]["optional-dependencies"]
    return [Requirement(line) for group in (PROJECT["project"]["dependencies"], *extras.values()) for line in group]


# --- Python -------------------------------------------------------------------------------------


def test_constraints_are_plain_pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []


@pytest.mark.parametrize("requirement", requirements(), ids=lambda one: one.name)
def test_every_dependency_is_pinned_alike_in_both_files(requirement):
    pins = [clause.version for clause in requirement.specifier if clause.operator == "=="]
    assert pins == [constraints()[canonicalize_name(requirement.name)]]


def reached(names):
    """Names of installed packages that these need, directly or not."""
    todo, done = list(names), set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in done:
            continue
        done.add((name, extras))
        for line in importlib.metadata.requires(name) or []:
            need = Requirement(line)
            choices = [{"extra": extra} for extra in extras] or [{"extra": ""}]
            if need.marker is None or any(need.marker.evaluate(choice) for choice in choices):
                todo.append((canonicalize_name(need.name), tuple(sorted(need.extras))))
    return {name for name, _ in done}


def test_constraints_name_all_that_an_installation_brings():
    needed = reached([(canonicalize_name(one.name), tuple(sorted(one.extras))) for one in requirements()])
    assert needed - set(constraints()) == set()


# --- the browser's files ------------------------------------------------------------------------


def test_every_npm_package_has_an_exact_version():
    versions = {**PACKAGE["dependencies"], **PACKAGE["devDependencies"]}
    assert [name for name, version in versions.items() if not EXACT.fullmatch(version)] == []


def test_the_npm_lock_names_no_host_and_a_checksum_for_each_package():
    text = (VENDOR / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert "resolved" not in text
    assert "://" not in text
    assert packages
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []


def test_npm_is_told_to_run_no_scripts_and_to_record_no_host():
    settings = (VENDOR / ".npmrc").read_text(encoding="utf-8").split()
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true"} <= set(settings)


@pytest.mark.parametrize("name", ["vendor", "vendor-dev"])
def test_the_copies_are_those_of_the_lists(build, name):
    assert build.is_current(ROOT, name)


@pytest.mark.parametrize("name", ["vendor", "vendor-dev"])
def test_every_package_brings_its_licence(name):
    for folder in (STATIC / name).iterdir():
        assert folder.is_file() or list(folder.glob("LICENSE*")), folder.name


def test_what_is_shipped_is_what_the_pages_need():
    shipped = PACKAGE["wangge"]["vendor"]["files"]
    assert set(shipped) == set(PACKAGE["dependencies"])
    assert set(PACKAGE["wangge"]["vendor-dev"]["files"]) == set(PACKAGE["devDependencies"])


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def static_server():
    """Address of a server of webmap/static."""
    handler = partial(QuietHandler, directory=STATIC)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


READ_A_TILE = """async ([pbf, vectorTile]) => {
  const Pbf = (await import(pbf)).default;
  const { VectorTile } = await import(vectorTile);
  const writer = new Pbf();
  writer.writeMessage(3, (layer, out) => {
    out.writeVarintField(15, 2);
    out.writeStringField(1, layer);
    out.writeVarintField(5, 4096);
    out.writeMessage(2, (_, feature) => {
      feature.writeVarintField(3, 1);
      feature.writePackedVarint(4, [9, 50, 34]);
    }, null);
  }, "cells");
  const layer = new VectorTile(new Pbf(writer.finish())).layers.cells;
  const [[point]] = layer.feature(0).loadGeometry();
  return [layer.length, point.x, point.y];
}"""


@pytest.mark.browser
def test_the_tile_reader_loads_in_a_browser(static_server, playwright):
    assets = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))["assets"]
    addresses = [f"/vendor/{assets[name]}" for name in ("pbf", "vector_tile")]
    browser = playwright.chromium.launch(executable_path=browsers.chromium(), args=list(browsers.ARGUMENTS))
    page = browser.new_page()
    page.goto(f"{static_server}/vendor/manifest.json")
    assert page.evaluate(READ_A_TILE, addresses) == [1, 25, 17]
    browser.close()


# --- the build step -----------------------------------------------------------------------------


@pytest.fixture
def modules(tmp_path):
    """A node_modules with two small packages, one of which imports the other."""
    for name, version, text in (
        ("@maps/point", "1.2.3", "export default 1;\n"),
        ("reader", "4.5.6", "import Point from '@maps/point';\nimport './own.js';\nexport { Point };\n"),
    ):
        folder = tmp_path / "node_modules" / name
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"name": name, "version": version}))
        (folder / "index.js").write_text(text)
        (folder / "LICENSE").write_text("free\n")
    (tmp_path / "node_modules" / "reader" / "own.js").write_text("")
    return tmp_path / "node_modules"


def make_plan(**changes):
    plan = {
        "sum": "0",
        "files": {"@maps/point": ["*.js", "LICENSE*"], "reader": ["*.js"]},
        "assets": {"point": "@maps/point/index.js", "reader": "reader/index.js"},
    }
    return plan | changes


def test_files_are_copied_under_versioned_names(build, modules, tmp_path):
    build.copy_list(modules, tmp_path / "out", plan=make_plan())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["assets"] == {"point": "maps-point-1.2.3/index.js", "reader": "reader-4.5.6/index.js"}
    assert set(manifest["files"]) == {
        "maps-point-1.2.3/LICENSE",
        "maps-point-1.2.3/index.js",
        "reader-4.5.6/index.js",
        "reader-4.5.6/own.js",
    }


def test_imports_by_name_become_relative_paths(build, modules, tmp_path):
    build.copy_list(modules, tmp_path / "out", plan=make_plan())
    lines = (tmp_path / "out" / "reader-4.5.6" / "index.js").read_text().splitlines()
    assert lines[:2] == ["import Point from '../maps-point-1.2.3/index.js';", "import './own.js';"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"files": {"reader": ["*.css"]}}, "nothing matches \\*.css", id="a pattern without a file"),
        pytest.param(
            {"files": {"reader": ["*.js"]}, "assets": {"reader": "reader/index.js"}},
            "'@maps/point', which is not in",
            id="an import of what is not copied",
        ),
        pytest.param({"assets": {"x": "other/index.js"}}, "belongs to no package", id="an asset of no package"),
        pytest.param(
            {"assets": {"point": "@maps/point/index.js", "reader": "reader/none.js"}},
            "none.js is not among the files",
            id="an asset that is not there",
        ),
    ],
)
def test_a_list_that_does_not_fit_stops_the_build(build, modules, tmp_path, changes, said):
    with pytest.raises(build.VendorError, match=said):
        build.copy_list(modules, tmp_path / "out", plan=make_plan(**changes))
    assert not (tmp_path / "out").exists()


@pytest.fixture
def checkout(tmp_path):
    """A copy of the lists and of what was fetched for them."""
    shutil.copytree(VENDOR, tmp_path / "webmap" / "vendor")
    shutil.copytree(STATIC / "vendor", tmp_path / "webmap" / "static" / "vendor")
    return tmp_path


def test_unchanged_files_are_not_fetched_again(build, checkout, monkeypatch):
    monkeypatch.setenv("PATH", "")
    build.vendor(checkout, ["vendor"])
    assert build.is_current(checkout, "vendor")


def remove_an_asset(folder):
    next(folder.glob("webmap/static/vendor/leaflet-*/dist/leaflet.js")).unlink()


def edit_an_asset(folder):
    with next(folder.glob("webmap/static/vendor/leaflet-*/dist/leaflet.css")).open("a") as file:
        file.write("/* mine */")


def change_the_lock(folder):
    with (folder / "webmap" / "vendor" / "package-lock.json").open("a") as file:
        file.write("\n")


@pytest.mark.parametrize("change", [remove_an_asset, edit_an_asset, change_the_lock])
def test_changed_files_are_fetched_again(build, checkout, monkeypatch, change):
    change(checkout)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(build.VendorError, match="install Node"):
        build.vendor(checkout, ["vendor"])


def test_translations_are_compiled(build, tmp_path):
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Town"\nmsgstr "街镇"\n',
        encoding="utf-8",
    )
    build.compile_translations(tmp_path)
    assert "街镇".encode() in (folder / "messages.mo").read_bytes()


def test_no_translations_yet_is_no_mistake(build, tmp_path):
    build.compile_translations(tmp_path / "none")


def test_the_wheel_holds_what_the_server_needs_and_no_more(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(ROOT)], check=True)  # noqa: S603 - fixed arguments
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assets = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))["assets"].values()
    assert {f"webmap/static/vendor/{path}" for path in assets} <= set(names)
    assert "webmap/static/vendor/manifest.json" in names
    seeds = {path.relative_to(ROOT).as_posix() for path in (ROOT / "geodata" / "seed").glob("*.csv")}
    assert seeds <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"geodata", "spatial", "webmap"}
    assert [name for name in names if "vendor-dev" in name or name.startswith("webmap/vendor/")] == []
