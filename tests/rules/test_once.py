"""A request of a program's that is sent twice acts once: every POST for programs says so."""

import ast

import pytest
from sources import ROOT, where

# They change nothing, so that it does not matter how often they are asked.
ONLY_READ = {"webmap/api/duty.py:check"}

POSTS = [
    pytest.param(view, f"{where(path)}:{view.name}", id=f"{path.stem}.{view.name}")
    for path in sorted((ROOT / "webmap" / "api").rglob("*.py"))
    for view in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(view, ast.FunctionDef)
    and any(ast.unparse(each).startswith(("bp.post(", "bp.put(", "bp.patch(")) for each in view.decorator_list)
]


def test_there_are_some():
    assert len(POSTS) >= 4
    assert {post.values[1] for post in POSTS} >= ONLY_READ


@pytest.mark.parametrize(("view", "name"), POSTS)
def test_a_post_for_programs_acts_once(view, name):
    decorators = [ast.unparse(each) for each in view.decorator_list]
    is_once = decorators[-1] in {"once", "once_with_key"} or "act_once(" in ast.unparse(view)
    assert is_once or name in ONLY_READ, "put @once right above the view, below @needs"
