"""The browser scripts are typed and linted, and the tools that do it are pinned and find what they should."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = ROOT / "tests" / "scripts"
LOCK = (HERE / "package-lock.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def check():
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("check_scripts", HERE / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def node(check):
    path = check.find_node()
    assert path, "no Node.js; run ./wangge test once: it installs what checks the scripts"
    assert check.is_installed(), "run ./wangge test once: it installs what checks the scripts"
    return path


@pytest.fixture
def checkout(tmp_path):
    """A folder with our settings and one script that both tools accept."""
    shutil.copy(ROOT / "jsconfig.json", tmp_path)
    folder = tmp_path / "webmap" / "static" / "js"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "webmap" / "static" / "js" / "dom.js", folder)
    return tmp_path


# Each is one statement of a script, with the words by which it is refused.
PLANTED = {
    'byId("x").innerHTML = "<b>";': "'innerHTML' is restricted",
    'byId("x").outerHTML = "<b>";': "'outerHTML' is restricted",
    'byId("x").insertAdjacentHTML("beforeend", "<b>");': "'insertAdjacentHTML' is restricted",
    'document.write("<b>");': "'document.write' is restricted",
    'eval("1");': "(no-eval)",
    'setTimeout("go()", 1);': "(no-implied-eval)",
    "new Function();": "(no-new-func)",
    'byId("x").setAttribute("style", "top: 0");': "the page's policy refuses it",
    'byId("x").setAttribute("onclick", "go()");': "the page's policy refuses it",
    'make("p", { style: "top: 0" });': "the page's policy refuses it",
    'byId("x").onclick = () => {};': "use addEventListener",
    'make("img", { src: "https://tiles.example/1.png" });': "every address is this server's",
    'byId("x").style.color = "#ff0000";': "colours are tokens",
    "const unused = 1;": "'unused' is assigned a value but never used",
    'undeclared("x");': "'undeclared' is not defined",
    'var old = byId("x"); old.remove();': "(no-var)",
    'byId("x").hidden == true;': "(eqeqeq)",
    'let on = byId("x").hidden; on ||= true;': "(syntax)",
    'await byId("x");': "(syntax)",
    "byId(7);": "TS2345",
    'byId("x").valeu.trim();': "TS2339",
    '"a".replaceAll("a", "b");': "TS2550",
}


def test_the_tools_accept_every_script_of_ours(check, node):
    assert check.findings(ROOT, path=node) == []


def test_the_tools_find_every_planted_mistake(check, node, checkout):
    folder = checkout / "webmap" / "static" / "js"
    for number, statement in enumerate(PLANTED):
        text = f'import {{ byId, make }} from "./dom.js";\n\nbyId("a").append(make("p"));\n{statement}\n'
        (folder / f"planted{number:02}.js").write_text(text, encoding="utf-8")
    lines = check.findings(checkout, path=node)
    missed = [
        statement
        for number, (statement, words) in enumerate(PLANTED.items())
        if not any(line.startswith(f"webmap/static/js/planted{number:02}.js:4: ") and words in line for line in lines)
    ]
    assert missed == []
    assert [line for line in lines if line.startswith("webmap/static/js/dom.js")] == []


def test_a_mistake_fails_the_command(check, node, checkout, monkeypatch, capsys):
    (checkout / "webmap" / "static" / "js" / "bad.js").write_text("nobody();\n", encoding="utf-8")
    monkeypatch.setattr(check, "ROOT", checkout)
    assert check.main() == 1
    assert "webmap/static/js/bad.js:1: 'nobody' is not defined. (no-undef)" in capsys.readouterr().out


def test_a_tool_that_breaks_is_not_taken_for_content(check, node, checkout):
    (checkout / "jsconfig.json").write_text("{", encoding="utf-8")
    assert check.findings(checkout, path=node) != []


def test_every_tool_has_an_exact_version_and_a_checksum():
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    packages = {name: entry for name, entry in json.loads(LOCK)["packages"].items() if name}
    assert [name for name in wanted if f"node_modules/{name}" not in packages] == []
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []


def test_the_lock_of_the_tools_names_no_registry(check):
    assert "resolved" not in LOCK
    assert (HERE / ".npmrc").read_text(encoding="utf-8") == (ROOT / "webmap/vendor/.npmrc").read_text(encoding="utf-8")


def test_node_is_the_one_of_the_build_step(check):
    assert f'NODE = "{check.NODE}"' in (ROOT / "hatch_build.py").read_text(encoding="utf-8")


def test_an_old_node_is_passed_over(check, tmp_path, monkeypatch):
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(check.sys, "executable", str(tmp_path / "python"))
    assert check.find_node() is None
