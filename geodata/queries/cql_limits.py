"""How much a filter may be, looked at before any of it is read."""

import re
from typing import Final

from geodata.queries import cql_json
from geodata.queries import cql_tree as tree
from geodata.queries.cql_literals import plain_text, shown
from geodata.record_errors import FilterRefused

LANGUAGES: Final = ("cql2-text", "cql2-json")

MAX_BYTES: Final = 4096
MAX_CONDITIONS: Final = 64
MAX_ITEMS: Final = 1000

# Texts are passed over, brackets are counted.
_BRACKETS: Final = {
    "cql2-text": re.compile(r"""'(?:''|\\'|[^'\\]|\\(?!'))*'|"[^"]*"|[()]"""),
    "cql2-json": re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL),
}


def look_over(asked: str, language: str) -> None:
    """Refuse what is too much to be read, and what no reader should see. Raises FilterRefused."""
    if language not in LANGUAGES:
        raise FilterRefused("language", found=shown(language))
    if len(asked) > MAX_BYTES or len(plain_text(asked, None).encode()) > MAX_BYTES:
        raise FilterRefused("long", most=MAX_BYTES)
    if not asked.strip():
        raise FilterRefused("empty")
    most = cql_json.MAX_BRACKETS if language == "cql2-json" else tree.MAX_DEPTH
    depth = 0
    for found in _BRACKETS[language].finditer(asked):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth > most:
            raise FilterRefused("deep", found.start() + 1, most=tree.MAX_DEPTH)
