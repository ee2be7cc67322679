"""Names that sound the same: the commonest slip of who types by pinyin."""

from collections.abc import Iterable
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein


@lru_cache(maxsize=50_000)
def sound(name: str) -> str:
    """The reading of a name with its tones; other signs stand for themselves."""
    return " ".join(lazy_pinyin(name, style=Style.TONE3, neutral_tone_with_five=True))


class Sounds:
    """Names by their sound.

    A name that differs in one letter is as often a real neighbour as a slip, so likeness in writing
    alone only ever suggests.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names))
        self._by_sound: dict[str, list[str]] = {}
        for name in self._names:
            self._by_sound.setdefault(sound(name), []).append(name)

    def same(self, name: str) -> str | None:
        """The one other name that sounds the same; None where there is none, or several."""
        found = [other for other in self._by_sound.get(sound(name), ()) if other != name]
        return found[0] if len(found) == 1 and name not in self._by_sound.get(sound(name), ()) else None

    def like(self, name: str, *, most: int = 3) -> list[str]:
        """Names to suggest: of the same sound first, then those that differ in one sign."""
        same = [other for other in self._by_sound.get(sound(name), ()) if other != name]
        near = process.extract(name, self._names, scorer=Levenshtein.distance, score_cutoff=1, limit=most + 1)
        written = [other for other, _, _ in near if other != name and other not in same]
        return [*same, *written][:most]
