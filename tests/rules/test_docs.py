"""Docs that lag behind the program are a failure, not a nuisance."""

import re
from pathlib import Path

import pytest
from sources import ROOT, where

from geodata.models import ROLES, Base

PAGES = sorted((ROOT / "docs").rglob("*.md")) + [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
]
SOURCES = [*sorted(p for package in ("geodata", "webmap") for p in (ROOT / package).rglob("*.py")), ROOT / "wangge"]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_table_is_explained(table):
    assert f"`{table}`" in read("docs/data-model.md")


def test_every_role_is_explained():
    assert [role for role in ROLES if f"`{role}`" not in read("docs/data-model.md")] == []


@pytest.mark.parametrize("guide", ["docs/en/operator.md", "docs/zh/operator.md"])
def test_every_variable_of_the_environment_is_in_the_operators_guide(guide):
    used = {name for path in SOURCES for name in re.findall(r"WANGGE_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8"))}
    assert len(used) >= 4
    assert sorted(used - set(re.findall(r"WANGGE_[A-Z_]+[A-Z]", read(guide)))) == []


@pytest.mark.parametrize("page", PAGES, ids=where)
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(
    "name", ["api", "operator", "planner", "officer", "town", "district", "cooperation", "open311", "connect"]
)
def test_each_guide_has_the_same_headings_in_both_languages(name):
    def headings(lang):
        return re.findall(r"^(#+) ", read(f"docs/{lang}/{name}.md"), re.MULTILINE)

    assert headings("zh") == headings("en")


def pictures(lang):
    return {path.name: path for path in (ROOT / "docs" / "pictures" / lang).glob("*")}


def test_every_picture_is_there_in_both_languages_and_is_shown():
    assert set(pictures("zh")) == set(pictures("en"))
    for lang in ("zh", "en"):
        pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / lang).glob("*.md"))
        shown = set(re.findall(r"!\[[^\]]+\]\(\.\./pictures/(\w+/[\w.-]+)\)", pages))
        assert shown == {f"{lang}/{name}" for name in pictures(lang)}


def test_pictures_are_light():
    sizes = {f"{lang}/{name}": path.stat().st_size for lang in ("zh", "en") for name, path in pictures(lang).items()}
    assert [name for name, size in sizes.items() if size > 120_000] == []
    assert sum(sizes.values()) <= 2_500_000


def test_the_script_makes_every_picture():
    script = read("docs/pictures.py")
    assert [name for name in pictures("zh") if f'"{Path(name).stem}"' not in script] == []
