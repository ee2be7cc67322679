"""The launcher, in a checkout with a made-up Python: what it runs, what it installs, what it says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ = ("pyproject.toml", "constraints.txt", "hatch_build.py")
# all that the launcher may find on a machine that has no package manager
BASICS = (
    "sh",
    "ls",
    "dirname",
    "readlink",
    "cat",
    "cp",
    "cksum",
    "sed",
    "mkdir",
    "rm",
    "rmdir",
    "mktemp",
    "tail",
    "grep",
    "id",
    "uname",
    "find",
    "head",
    "sleep",
    "sort",
    "tr",
    "env",
    "tee",
    "touch",
    "chmod",
)

# Answers the launcher's questions and notes down what it was asked to run.
PYTHON = """#!/bin/sh
case "$*" in
  *version_info*) exit ${FAKE_TOO_OLD:-0} ;;
  *find_binaries*) [ -z "${FAKE_NO_POSTGRES:-}" ]; exit ;;
  *"import ensurepip"*) exit 0 ;;
  *--version*webmap*) ;;
  --version) echo Python 3.11.0; exit ;;
  "-m pip --version") exit 0 ;;
  "-m venv"*)
    for last; do :; done
    mkdir -p "$last/bin"; echo "$last" >"$last/bin/activate"
    cp "$0" "$last/bin/python"; cp "$0" "$last/bin/lint-imports" ;;
esac
echo "$*" >>"$NOTES"
printf '%s|' "$PWD" "$@" >>"$NOTES.exact"
case "$*" in *"${FAKE_FAILS:-nothing}"*) echo "that went wrong" >&2; exit 1 ;; esac
"""


class Checkout:
    """A folder with the launcher in it, and a machine with nothing but a shell's tools."""

    def __init__(self, folder, tools):
        self.folder = folder
        self.tools = tools
        self.notes = folder / "notes"
        self.env = {"PATH": str(tools), "NOTES": str(self.notes), "HOME": str(folder)}

    def run(self, *arguments, program=None, cwd="/", **env):
        launcher = program or self.folder / "wangge"
        return subprocess.run(  # noqa: S603 - our own launcher
            [launcher, *arguments], cwd=cwd, env=self.env | env, capture_output=True, text=True, timeout=60, check=False
        )

    def ran(self):
        lines = self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return lines


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """A folder of programs: the shell's usual ones, a made-up Python 3.11 and a browser."""
    folder = tmp_path_factory.mktemp("tools")
    for name in BASICS:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    for name in ("chromium", "ogrinfo", "ogr2ogr"):
        (folder / name).symlink_to(shutil.which("true"))
    (folder / "python3.11").write_text(PYTHON)
    (folder / "python3.11").chmod(0o755)
    return folder


@pytest.fixture
def checkout(tmp_path, tools):
    folder = tmp_path / "空格 and 中文"
    folder.mkdir()
    shutil.copy(ROOT / "wangge", folder)
    for name in READ:
        (folder / name).write_text("")
    return Checkout(folder, tools)


def test_the_first_run_installs_and_then_starts_the_program(checkout):
    answer = checkout.run("demo", "--help")
    assert answer.returncode == 0, answer.stderr
    venv, pip, program = checkout.ran()
    assert venv == f"-m venv --clear {checkout.folder}/.venv"
    assert pip.endswith("-c constraints.txt -e .")
    assert program == "-P -m webmap.cli demo --help"


def test_it_says_each_step_in_a_line_and_only_on_stderr(checkout):
    answer = checkout.run("coverage", "--json")
    assert answer.stdout == ""
    assert answer.stderr.splitlines() == ["wangge: making .venv with Python 3.11.0", "wangge: installing wangge"]


def test_the_second_run_does_nothing_but_start(checkout):
    checkout.run("--version")
    checkout.ran()
    answer = checkout.run("--version")
    assert checkout.ran() == ["-P -m webmap.cli --version"]
    assert answer.stderr == ""


def test_arguments_and_folder_arrive_unchanged(checkout, tmp_path):
    checkout.run("--version")
    (checkout.folder / "notes.exact").unlink()
    checkout.run("import", "areas", "town one.geojson", "", "*", cwd=tmp_path)
    exact = (checkout.folder / "notes.exact").read_text(encoding="utf-8")
    assert exact == f"{tmp_path}|-P|-m|webmap.cli|import|areas|town one.geojson||*|"


def test_it_runs_through_links(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "first").symlink_to(checkout.folder / "wangge")
    (tmp_path / "bin" / "second").symlink_to("first")
    assert checkout.run("--version", program=tmp_path / "bin" / "second").returncode == 0
    assert checkout.ran()[-1] == "-P -m webmap.cli --version"


@pytest.mark.parametrize("name", READ)
def test_a_changed_list_installs_again_into_the_same_environment(checkout, name):
    checkout.run("--version")
    checkout.ran()
    (checkout.folder / name).write_text("changed")
    checkout.run("--version")
    pip, _ = checkout.ran()
    assert pip.startswith("-m pip install")


def test_a_checkout_that_was_moved_gets_a_new_environment(checkout, tmp_path):
    checkout.run("--version")
    moved = Checkout(checkout.folder.rename(tmp_path / "elsewhere"), checkout.env["PATH"])
    moved.ran()
    moved.run("--version")
    assert moved.ran()[0] == f"-m venv --clear {moved.folder}/.venv"


def test_an_installation_that_failed_is_told_and_taken_up_again(checkout):
    answer = checkout.run("--version", FAKE_FAILS="pip install")
    assert answer.returncode == 1
    assert "that went wrong" in answer.stderr
    assert "Run this again" in answer.stderr
    checkout.ran()
    assert checkout.run("--version").returncode == 0
    pip, _ = checkout.ran()
    assert pip.startswith("-m pip install")


@pytest.mark.parametrize(
    "owner",
    [pytest.param("999999999\n", id="of a dead process"), pytest.param(None, id="of nobody", marks=pytest.mark.slow)],
)
def test_a_lock_left_behind_is_taken_over(checkout, owner):
    lock = checkout.folder / ".venv.lock"
    lock.mkdir()
    if owner:
        (lock / "pid").write_text(owner)
    assert checkout.run("--version").returncode == 0
    assert not lock.exists()


def test_a_lock_of_a_living_process_is_waited_for(checkout):
    lock = checkout.folder / ".venv.lock"
    lock.mkdir()
    (lock / "pid").write_text(f"{os.getpid()}\n")
    with pytest.raises(subprocess.TimeoutExpired) as waiting:
        subprocess.run(  # noqa: S603 - our own launcher
            [checkout.folder / "wangge", "--version"], env=checkout.env, capture_output=True, timeout=2, check=False
        )
    assert b"waiting for another start" in waiting.value.stderr
    assert checkout.ran() == []


# --- what is missing ----------------------------------------------------------------------------


def test_without_apt_missing_postgres_is_named_for_each_system(checkout):
    answer = checkout.run("demo", FAKE_NO_POSTGRES="1")
    assert answer.returncode == 1
    for hint in ("postgresql-NN-postgis-3", "dnf install", "brew install postgis", "docker compose up"):
        assert hint in answer.stderr
    assert "-P -m webmap.cli demo" not in checkout.ran()


def test_a_database_server_elsewhere_needs_no_postgres_here(checkout):
    answer = checkout.run("serve", FAKE_NO_POSTGRES="1", WANGGE_DATABASE_URL="postgresql://db/wangge")
    assert answer.returncode == 0, answer.stderr


def test_without_apt_a_missing_python_is_named(checkout):
    answer = checkout.run("demo", FAKE_TOO_OLD="1")
    assert answer.returncode == 1
    assert "Python 3.11 or newer is needed" in answer.stderr


def test_a_named_python_that_is_too_old_is_refused(checkout):
    answer = checkout.run("demo", WANGGE_PYTHON="python3.11", FAKE_TOO_OLD="1")
    assert answer.returncode == 1
    assert "WANGGE_PYTHON is python3.11" in answer.stderr


# --- what posters need --------------------------------------------------------------------------

APT = """#!/bin/sh
echo "apt-get $*" >>"$NOTES.apt"
[ "${FAKE_NO_NETWORK:-}" = "" ] || { case "$*" in *install*) exit 100 ;; esac; }
"""


@pytest.fixture
def bare(checkout, tools, tmp_path):
    """A checkout on a machine without Pango, with a made-up apt."""
    folder = tmp_path / "bare"
    shutil.copytree(tools, folder, symlinks=True)
    (folder / "ls").unlink()
    for name, text in (
        ("ls", "#!/bin/sh\nexit 2\n"),
        ("id", "#!/bin/sh\necho 0\n"),
        ("uname", "#!/bin/sh\necho Linux\n"),
        ("dpkg", "#!/bin/sh\n"),
        ("apt-cache", "#!/bin/sh\necho 'Candidate: 6.0.0'\n"),
        ("apt-get", APT),
    ):
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return Checkout(checkout.folder, folder)


def asked_of_apt(checkout):
    path = checkout.folder / "notes.apt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return [line for line in lines if " install " in line]


def test_a_server_installs_what_posters_need_once(bare):
    assert bare.run("serve").returncode == 0
    (asked,) = asked_of_apt(bare)
    for package in ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk"):
        assert package in asked.split()
    assert bare.run("serve").stderr == ""
    assert asked_of_apt(bare) == []


def test_a_server_starts_without_what_posters_need(bare):
    answer = bare.run("serve", FAKE_NO_NETWORK="1")
    assert answer.returncode == 0
    assert "everything else works" in answer.stderr
    assert bare.ran()[-1] == "-P -m webmap.cli serve"
    assert not (bare.folder / ".venv.lock").exists()


def test_the_poster_command_asks_again(bare):
    bare.run("serve", FAKE_NO_NETWORK="1")
    asked_of_apt(bare)
    bare.run("poster", "310112", "--out", "x.pdf")
    assert len(asked_of_apt(bare)) == 1


def test_other_commands_do_not_ask_for_what_posters_need(bare):
    assert bare.run("coverage", "--json").returncode == 0
    assert asked_of_apt(bare) == []


# --- the tests ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "browser"),
    [("echo 'Candidate: 156.0'", "chromium-headless-shell"), ("echo 'Candidate: (none)'", "chromium")],
)
def test_the_tests_bring_a_browser_without_a_window_where_there_is_one(bare, offered, browser):
    (bare.tools / "chromium").unlink()
    (bare.tools / "apt-cache").write_text(f"#!/bin/sh\n{offered}\n")
    bare.run("test")
    packages = [line.split()[-1] for line in asked_of_apt(bare)]
    assert browser in packages
    assert {"chromium", "chromium-headless-shell"} & set(packages) == {browser}


@pytest.mark.parametrize("missing", ["ogrinfo", "ogr2ogr"])
def test_the_tests_bring_the_programs_of_gdal(bare, missing):
    (bare.tools / missing).unlink()
    bare.run("test")
    assert "gdal-bin" in [line.split()[-1] for line in asked_of_apt(bare)]


def test_the_tests_bring_no_gdal_where_there_is_one(bare):
    bare.run("test")
    assert "gdal-bin" not in " ".join(asked_of_apt(bare))


def test_without_apt_the_tests_name_what_they_need(checkout):
    (checkout.folder / "tools").mkdir()
    for tool in checkout.tools.iterdir():
        if tool.name != "ogrinfo":
            (checkout.folder / "tools" / tool.name).symlink_to(tool)
    answer = checkout.run("test", PATH=str(checkout.folder / "tools"))
    assert answer.returncode == 1
    assert "gdal-bin" in answer.stderr


SIX = ["-m ruff check .", "-m ruff format --check .", "-m mypy", "", "tests/scripts/check.py"]


def test_test_installs_the_extras_and_runs_six_tools(checkout):
    answer = checkout.run("test", "-k", "grid")
    assert answer.returncode == 0, answer.stderr
    _, pip, *ran = checkout.ran()
    assert pip.endswith("-e .[test]")
    assert ran == [*SIX, "-m pytest -n 2 --dist loadfile -k grid"]
    assert answer.stderr.splitlines()[-1] == "wangge: test: all passed"


def test_named_tests_run_in_one_process(checkout):
    checkout.run("test", "tests/rules/test_launcher.py::test_it")
    assert checkout.ran()[-1] == "-m pytest tests/rules/test_launcher.py::test_it"


def test_a_failing_tool_does_not_stop_the_others_but_fails_the_run(checkout):
    answer = checkout.run("test", FAKE_FAILS="mypy")
    assert answer.returncode == 1
    assert checkout.ran()[-1].startswith("-m pytest")
    assert answer.stderr.splitlines()[-1] == "wangge: test: FAILED: mypy"


def test_extras_once_installed_serve_the_other_commands_too(checkout):
    checkout.run("test")
    checkout.ran()
    checkout.run("--version")
    assert checkout.ran() == ["-P -m webmap.cli --version"]


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_script_is_read_by_every_shell(shell):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} on this machine")
    subprocess.run([program, "-n", ROOT / "wangge"], check=True)  # noqa: S603 - a shell, reading only


@pytest.mark.parametrize("name", ["wangge", ".ci/run"])
def test_the_scripts_may_be_run(name):
    assert os.access(ROOT / name, os.X_OK)
