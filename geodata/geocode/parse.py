"""Address text into parts: the door to the two grammars."""

import re

from geodata.geocode.address import ParsedAddress
from geodata.geocode.chinese import Reader
from geodata.geocode.dictionary import Dictionary, Named
from geodata.geocode.english import read_english
from geodata.geocode.signs import VILLAGE_LIKE
from geodata.geocode.text import HAN, normalise

__all__ = ["Dictionary", "Named", "ParsedAddress", "is_village", "normalise", "parse_address"]

# Longer texts are stories; what they say first is where it is.
LONGEST = 500

_HAN = re.compile(f"[{HAN}]")


def is_village(norm: str) -> bool:
    """Whether a normalised name is that of a village, whose houses are numbered without a road."""
    return VILLAGE_LIKE.fullmatch(norm) is not None


def parse_address(text: str, dictionary: Dictionary) -> ParsedAddress:
    """The parts of one address: known names first, then the grammar.

    Never raises: a text that says nothing gives an address whose `form` is `nothing`. Of a text longer
    than 500 characters only the beginning is read. Parsing `norm` again gives the same parts.
    """
    norm = normalise(text[:LONGEST])[:LONGEST].rstrip()
    if _HAN.search(norm):
        return Reader(norm, dictionary).read(text)
    return read_english(text, norm, dictionary)
