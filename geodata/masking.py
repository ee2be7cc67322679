"""Numbers that lead to a person, hidden in running text: telephones, identity cards, number plates, e-mail.

Text is read as it looks, sign by sign: full-width and circled digits, dashes, dots, brackets, blanks and signs
without width between digits make no difference. What is hidden becomes as many stars, so no text changes its
length, and hiding twice is hiding once: a number whose first and last signs stay to be seen leaves nothing
that could be read together with its neighbours.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_GAP = r"[ \-·.()_]{0,3}+"
_DIGIT = rf"{_GAP}\d"

# Three digits after the 0 of most cities, two of the large ones: 010 and 02x. Codes of categories (0501) are none.
_AREA = rf"(?:1{_GAP}0|2{_DIGIT}|[3-9]{_GAP}[1-9]{_DIGIT}|7{_GAP}0{_GAP}1|9{_GAP}0{_GAP}[1-9])"
_COUNTRY = rf"(?:0{_GAP}0{_GAP})?8{_GAP}6{_GAP}"

_CENTURY = rf"{_GAP}(?:1{_GAP}[89]|2{_GAP}0)"
_MONTH_DAY = rf"{_GAP}(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_DIGIT}|3{_GAP}[01])"

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SERIAL = rf"{_GAP}[A-Z0-9]"

_LOCAL, _LABEL, _BLANKS = r"[A-Z0-9._%+\-]", r"[A-Z0-9\-]++", " {0,2}"


class _Kind(NamedTuple):
    """Signs in the group `head` and the last `tail` ones stay to be seen, unless a neighbour could be read on."""

    name: str
    pattern: re.Pattern[str]
    tail: int


# Digits stand one by one, as a repeated group takes four times as long over text that means no good.
_KINDS = (
    _Kind(
        "telephone",
        re.compile(rf"(?<!\d)(?P<head>(?:{_COUNTRY}|0{_GAP})?1{_GAP}[3-9]{_DIGIT}){_DIGIT * 8}(?!\d)"),
        tail=4,
    ),
    _Kind(
        "telephone",
        re.compile(rf"(?<!\d)(?P<head>(?:{_COUNTRY}0?|0){_GAP}{_AREA}){_GAP}[1-9]{_DIGIT * 6}(?:{_DIGIT})?(?!\d)"),
        tail=4,
    ),
    _Kind(
        "identity",
        re.compile(
            rf"(?<!\d)(?P<head>[1-9]{_DIGIT * 3}){_DIGIT * 2}"
            rf"{_CENTURY}{_DIGIT * 2}{_MONTH_DAY}{_DIGIT * 3}{_GAP}[\dX](?!\d)"
        ),
        tail=4,
    ),
    _Kind(
        "identity",
        re.compile(rf"(?<!\d)(?P<head>[1-9]{_DIGIT * 3}){_DIGIT * 4}{_MONTH_DAY}{_DIGIT * 3}(?!\d)"),
        tail=4,
    ),
    _Kind(
        "plate",
        re.compile(
            rf"(?P<head>[{_PROVINCES}]{_GAP}[A-Z]){_SERIAL * 4}(?:{_SERIAL})?{_GAP}[A-Z0-9学警港澳挂领试超](?![A-Z0-9])"
        ),
        tail=2,
    ),
    _Kind(
        "e-mail",
        re.compile(rf"(?P<head>{_LOCAL})(?<!{_LOCAL}{{2}}){_LOCAL}*+(?={_BLANKS}@{_BLANKS}{_LABEL}(?:\.{_LABEL})+)"),
        tail=0,
    ),
)

# Most texts have nothing of the kind, and this tells in a microsecond.
_SUSPECT = re.compile(rf"\d(?:{_DIGIT}){{6}}|@|[{_PROVINCES}]{_GAP}[A-Z]")

# Fewer, and it is the number of a house: 创新B座 is followed by rooms.
_FEWEST_DIGITS_OF_A_PLATE = 2

_JOINED_BEFORE = re.compile(rf"(?:\d|[{_PROVINCES}]{_GAP}[A-Z](?P<serial>(?:{_SERIAL}){{1,5}})){_GAP}\Z")
_JOINED_AFTER = re.compile(rf"{_GAP}\d")
_WIDEST_JOIN = 32

_MOST_KNOWN = 20_000


def mask(text: str, *, keep: re.Pattern[str] | None = None) -> str:
    """The text with telephones, identity numbers, number plates and e-mail addresses hidden in part.

    keep   codes that are shown though they look like an identity number: fifteen digits of a grid cell may hold
           a date. Compared with the digits of what was found, as a whole.

    138****5678, 021-****5678, 3101**********1234, 沪A·***45, z*******@163.com. Between other digits nothing of
    the number is shown.
    """
    read = text.translate(_AS_READ)
    shown = list(text)
    for found in _found(read, keep):
        for at in found.hidden:
            shown[at] = "*"
    return "".join(shown)


def told(text: str, *, keep: re.Pattern[str] | None = None) -> frozenset[str]:
    """What `mask` would hide of a text: any of `telephone`, `identity`, `plate`, `e-mail`."""
    return frozenset(found.kind for found in _found(text.translate(_AS_READ), keep))


class _Found(NamedTuple):
    kind: str
    hidden: list[int]


def _found(read: str, keep: re.Pattern[str] | None) -> Iterator[_Found]:
    if not _SUSPECT.search(read):
        return
    for kind in _KINDS:
        for match in kind.pattern.finditer(read):
            # of an e-mail everything before its @, of numbers not what stands between their digits
            signs = [at for at in range(*match.span()) if kind.name == "e-mail" or read[at].isalnum()]
            digits = "".join(read[at] for at in signs if read[at].isdigit())
            is_code = kind.name == "identity" and keep is not None and keep.fullmatch(digits)
            is_house = kind.name == "plate" and len(digits) < _FEWEST_DIGITS_OF_A_PLATE
            if not is_code and not is_house:
                yield _Found(kind.name, _hidden(read, match, signs, kind))


def _hidden(read: str, match: re.Match[str], signs: list[int], kind: _Kind) -> list[int]:
    start, end = match.span()
    first = start if match.end("head") == end else match.end("head")
    before = None if kind.name == "plate" else _JOINED_BEFORE.search(read, max(0, start - _WIDEST_JOIN), start)
    if before:
        # of a plate that would be one once the number is gone, what is there goes with it
        first = start if before["serial"] is None else before.start("serial")
        signs = [*(at for at in range(first, start) if read[at].isalnum()), *signs]
    # what follows an e-mail's hidden part is its @
    tail = 0 if _JOINED_AFTER.match(read, end) else kind.tail
    return [at for at in signs[: len(signs) - tail] if at >= first]


class _Look(dict[int, str]):
    """Every sign as the one it looks like, always a single one; filled as signs are met, up to a few thousand."""

    def __missing__(self, code: int) -> str:
        read = _look(chr(code))
        if len(self) < _MOST_KNOWN:
            self[code] = read
        return read


def _look(sign: str) -> str:
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", sign)
    if len(plain) == 1 and plain.isascii():
        return "-" if plain == "-" else plain.upper() if plain.isprintable() else plain
    if sign in "•・∙⋅●‧":
        return "·"
    if sign in "−ー﹣" or unicodedata.category(sign) == "Pd":
        return "-"
    # signs that take no room, and blanks of all widths
    return " " if unicodedata.category(sign) in {"Cf", "Mn", "Me", "Zs"} else sign


_AS_READ = _Look()
