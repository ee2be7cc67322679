"""The colours of printed sheets: the light values of the tokens, read from the one file that has them."""

import re
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parent.parent / "static" / "css" / "tokens.css"

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


def colour(token: str) -> str:
    """The colour of a token on paper. Raises KeyError for a token that nobody has written down."""
    return light_tokens()[token]
