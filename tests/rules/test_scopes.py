"""Nothing that answers a person asks about tickets without saying whose eyes the answer is for."""

import ast

import pytest
from sources import ROOT, where

ANSWERING = sorted(path for part in ("api", "pages", "maps") for path in (ROOT / "webmap" / part).rglob("*.py"))

# Calls that take all tickets where nothing is said, and what must be said in them.
SAID = {
    "TicketFilter": "scope",
    "ticket": "scope",
    "locked": "scope",
    "move_ticket": "scope",
    "move_through": "scope",
    "assign": "scope",
    "choose": "scope",
    "propose": "scope",
    "assign_batch": "scope",
    "assign_selection": "scope",
    "merge": "scope",
    "move_place": "scope",
    "lines": "tickets",
    "listing": "tickets",
    "stream_geojson": "tickets",
}
# These know who asks.
BY_THEMSELVES = {"access.ticket"}
EVERYTHING = {"ALL", "NO_FILTER"}


@pytest.mark.parametrize("path", ANSWERING, ids=where)
def test_a_question_about_tickets_says_for_whom(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not EVERYTHING & {alias.name for alias in node.names}, "all tickets are for nobody's eyes"
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        wanted = SAID.get(name.rpartition(".")[2])
        if wanted and name not in BY_THEMSELVES and wanted not in {word.arg for word in node.keywords}:
            silent.append(f"line {node.lineno}: {name}(…) without {wanted}=")
    assert silent == []
