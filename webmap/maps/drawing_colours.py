"""The colours of drawings: on printed sheets the light values of the tokens, on pages the tokens themselves."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from webmap import files

TOKENS = files.FOLDER / "css" / "tokens.css"

# The first block of the file; the dark scheme stands in a block of its own further down.
FIRST_BLOCK = re.compile(r":root\s*\{(.*?)\}", re.DOTALL)
TOKEN = re.compile(r"(--[a-z0-9-]+)\s*:\s*([^;]+);")


@cache
def light_tokens() -> dict[str, str]:
    """Every token of the light scheme by name, as written."""
    block = FIRST_BLOCK.search(TOKENS.read_text(encoding="utf-8"))
    if block is None:
        raise ValueError(TOKENS)
    return dict(TOKEN.findall(block.group(1)))


# Drawing functions nest deeply and all ask for colours; which kind is the sheet's matter, not theirs.
_is_on_page: ContextVar[bool] = ContextVar("is_on_page", default=False)


@contextmanager
def on_page() -> Iterator[None]:
    """What is drawn inside follows the scheme of the page that shows it: light, dark, or paper."""
    before = _is_on_page.set(True)
    try:
        yield
    finally:
        _is_on_page.reset(before)


def colour(token: str) -> str:
    """The colour of a token. Raises KeyError for a token that nobody has written down."""
    value = light_tokens()[token]
    return f"var({token})" if _is_on_page.get() else value
