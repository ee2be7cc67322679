"""Hiding numbers of people in what was written of tickets, but no codes of this district's own cells."""

import re
from functools import lru_cache

from sqlalchemy.orm import Session

from geodata import masking
from geodata.services.installation import installation
from spatial.codes import CodePattern

NO_CODE = re.compile(r"(?!)")


def masked(session: Session, text: str) -> str:
    """The text as somebody may read it who needs no contact; see `geodata.masking.mask`."""
    return masking.mask(text, keep=own_codes(session))


def told(session: Session, *texts: str) -> frozenset[str]:
    """What of texts would be hidden: any of `telephone`, `identity`, `plate`, `e-mail`."""
    keep = own_codes(session)
    return frozenset().union(*(masking.told(text, keep=keep) for text in texts))


def own_codes(session: Session) -> re.Pattern[str]:
    """Codes of cells as this district writes them; nothing where they do not begin with its own code."""
    place = installation(session)
    return _own_codes(place.code, place.code_pattern)


@lru_cache(maxsize=4)
def _own_codes(code: str, pattern: str) -> re.Pattern[str]:
    parts = CodePattern.parse(pattern)
    if not (code.isdigit() and parts.levels[0] == "district"):
        return NO_CODE
    widths = {parts.area_width + width - len(code) for width in (parts.cell_width, parts.provisional_width)}
    return re.compile("|".join(rf"{code}\d{{{width}}}" for width in sorted(widths)))
