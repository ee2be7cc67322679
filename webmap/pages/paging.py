"""Long lists, page by page."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from webmap import params

T = TypeVar("T")

FARTHEST = 100_000


class Turned(NamedTuple):
    """Where a reader is in a list: the page of `page`, of how many, how many lines a page has and how many precede."""

    page: int
    pages: int
    lines: int
    skip: int

    def of(self, whole: Sequence[T]) -> Sequence[T]:
        """The lines of this page, of all of them."""
        return whole[self.skip : self.skip + self.lines]


def asked_page() -> int:
    """The page that the address asks for, the first without. Raises BadParameter."""
    return params.whole("page", low=1, high=FARTHEST) or 1


def turned(total: int, *, lines: int, page: int | None = None) -> Turned:
    """The page that the address asks for (or `page`) of a list of `total` lines; one beyond the last has no lines."""
    page = page or asked_page()
    return Turned(page, max(1, -(-total // lines)), lines, lines * (page - 1))
