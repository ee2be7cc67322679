"""Codes of areas and grid cells, read and made by a pattern of named parts.

The pattern is a setting. `{district:6}{town:3}{village:3}{cell:3}` is the one
of Shanghai: twelve digits for a village, fifteen for a cell. Another city may
have `{town:1}{village:2}{cell:4}`.

Two ways of writing the code of a town exist. In the *padded* way all codes
below the top have full length and zeros stand for what is not told: town
310112101000 is the parent of village 310112101005, while the district is plain
310112. In the *short* way a town simply stops: 1 is the parent of 101. A
pattern that begins with a district part is padded unless told otherwise, any
other is short. Reading accepts both spellings; only making has to choose.

Where villages have no boundary yet, cells are cut within towns. Their codes are
*provisional*: the village part is zeros and the running number has five
digits, so their length alone tells them from final ones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from spatial.errors import BadCode, BadPattern, TooManyCells

CELL = "cell"
_PART = re.compile(r"\{([a-z_]+):(\d+)\}")
_PROVISIONAL_DIGITS = 5


@dataclass(frozen=True, slots=True)
class CodePattern:
    """Named parts with their widths, the largest area first, the cell's running number last."""

    parts: tuple[tuple[str, int], ...]
    padded: bool

    @classmethod
    def parse(cls, text: str, *, padded: bool | None = None) -> Self:
        """The pattern of a text such as `{district:6}{town:3}{village:3}{cell:3}`.

        padded   whether the codes of middle levels are filled with zeros;
                 None decides by whether the first part is called district.

        Raises BadPattern.
        """
        found = [(name, int(width)) for name, width in _PART.findall(text)]
        names = [name for name, _ in found]
        if "".join(f"{{{name}:{width}}}" for name, width in found) != text.strip() or not found:
            raise BadPattern(text, "it is not a row of {name:width}")
        if names[-1] != CELL or len(found) < 2:
            raise BadPattern(text, "it needs at least one area part and must end with {cell:width}")
        if len(set(names)) != len(names):
            raise BadPattern(text, "a part is named twice")
        if not all(1 <= width <= 12 for _, width in found):
            raise BadPattern(text, "a width must be 1 to 12")
        return cls(tuple(found), padded=names[0] == "district" if padded is None else padded)

    @property
    def text(self) -> str:
        """The pattern as it is written in the settings."""
        return "".join(f"{{{name}:{width}}}" for name, width in self.parts)

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the area parts, the largest first."""
        return tuple(name for name, _ in self.parts[:-1])

    @property
    def area_width(self) -> int:
        """Length of the code of the smallest area, which is that of a padded one."""
        return sum(width for _, width in self.parts[:-1])

    @property
    def cell_width(self) -> int:
        """Digits of the running number in a final cell code."""
        return self.parts[-1][1]

    @property
    def provisional_width(self) -> int:
        """Digits of the running number in a provisional cell code."""
        return max(_PROVISIONAL_DIGITS, self.cell_width + 1)

    def level_of(self, code: str) -> str:
        """The level a code belongs to, `cell` for cells; zeros at the end of an area code say nothing.

        Raises BadCode.
        """
        self._check(code)
        if len(code) > self.area_width:
            return CELL
        ends = dict(self._ends())
        told = len(self._short(code))
        return next(level for level, end in ends.items() if end >= told)

    def split(self, code: str) -> dict[str, str]:
        """The parts of a code by name, as far as it goes: an area code has no `cell`.

        Raises BadCode when the code ends inside a part or holds other than
        letters A to Z and digits.
        """
        self._check(code)
        parts: dict[str, str] = {}
        start = 0
        for level, end in self._ends():
            if start >= len(code):
                return parts
            parts[level] = code[start:end]
            start = end
        if start < len(code):
            parts[CELL] = code[start:]
        return parts

    def is_provisional(self, code: str) -> bool:
        """Whether this is the code of a cell that was cut within an area above the smallest level."""
        self._check(code)
        return len(code) == self.area_width + self.provisional_width

    def area_part(self, code: str) -> str:
        """The code of the area a cell was cut in, as the pattern writes it; an area code is its own.

        For a provisional cell this is the town. Raises BadCode.
        """
        if self.level_of(code) != CELL:
            return code
        area = code[: self.area_width]
        return self.write(area, self.level_of(area)) if self.is_provisional(code) else area

    def parent_code(self, code: str, level: str, parent_level: str) -> str:
        """The code, at a level above, of the area that an area or a cell of `level` belongs to.

        Raises BadCode when the code does not reach down to `level`, or
        `parent_level` is not above it.
        """
        order = (*self.levels, CELL)
        self._check(code)
        if level not in order or parent_level not in order or order.index(parent_level) >= order.index(level):
            raise BadCode(code, self.text, f"{parent_level} is not a level above {level}")
        below = dict(self._ends()).get(level, self.area_width + 1)
        if len(code) < below:
            raise BadCode(code, self.text, f"it is too short for a {level}")
        return self.write(code[: self.area_width], parent_level)

    def write(self, code: str, level: str) -> str:
        """An area code cut down to `level` in the pattern's own spelling: padded, or short.

        The top level is always short: district 310112, not 310112000000.
        """
        short = code[: dict(self._ends())[level]]
        return short.ljust(self.area_width, "0") if self.padded and level != self.levels[0] else short

    def is_same(self, left: str, right: str) -> bool:
        """Whether two area codes name one area, padded or not."""
        return self._short(left) == self._short(right)

    def cell_code(self, area_code: str, running: int, *, cut_level: str) -> str:
        """The code of one cell.

        area_code   of the area the cell was cut in, padded or short.
        running     number inside that area, from 1.
        cut_level   level of the area; above the smallest, the code is provisional.

        Raises BadCode, and TooManyCells when the number has too many digits.
        """
        if cut_level not in self.levels:
            raise BadCode(area_code, self.text, f"cells cannot be cut within level {cut_level}")
        self._check(area_code)
        end = dict(self._ends())[cut_level]
        if not end <= len(area_code) <= self.area_width or area_code[end:].strip("0"):
            raise BadCode(area_code, self.text, f"it is not the code of a {cut_level}")
        if running < 1:
            raise BadCode(area_code, self.text, f"running numbers begin at 1, not {running}")
        self.check_count(area_code, running, cut_level=cut_level)
        digits = self._digits(cut_level)
        return area_code[:end].ljust(self.area_width, "0") + str(running).zfill(digits)

    def check_count(self, area_code: str, count: int, *, cut_level: str) -> None:
        """Refuse, with TooManyCells, more cells in an area than the running number counts."""
        limit = 10 ** self._digits(cut_level) - 1
        if count <= limit:
            return
        wider = ""
        if cut_level == self.levels[-1]:
            wider = self.text.replace(f"{{{CELL}:{self.cell_width}}}", f"{{{CELL}:{len(str(count))}}}")
        raise TooManyCells(area_code, count, limit, wider=wider)

    def _digits(self, cut_level: str) -> int:
        return self.cell_width if cut_level == self.levels[-1] else self.provisional_width

    def _ends(self) -> Iterator[tuple[str, int]]:
        """Each area level with the place where its part ends."""
        end = 0
        for name, width in self.parts[:-1]:
            end += width
            yield name, end

    def _short(self, code: str) -> str:
        """The area code without the parts that are all zeros at its end; the top part always stays."""
        ends = [end for _, end in self._ends()]
        for start, end in reversed(list(pairwise(ends))):
            if len(code) >= end and not code[start:end].strip("0"):
                code = code[:start]
        return code

    def _check(self, code: str) -> None:
        lengths = {end for _, end in self._ends()}
        lengths |= {self.area_width + self.cell_width, self.area_width + self.provisional_width}
        if not re.fullmatch(r"[0-9A-Za-z]+", code, flags=re.ASCII):
            raise BadCode(code, self.text, "only letters A to Z and digits may stand in a code")
        if len(code) not in lengths:
            raise BadCode(code, self.text, f"{len(code)} characters end inside a part")
        if len(code) > self.area_width and not code[self.area_width :].isdigit():
            raise BadCode(code, self.text, "the running number is not a number")
