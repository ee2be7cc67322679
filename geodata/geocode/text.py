"""The one form in which names and addresses are compared."""

import re
import unicodedata
from functools import lru_cache

import cn2an

HAN = "〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
NUMERAL = "零〇一二两三四五六七八九十百千"

_DASHES = "‐‑‒–—―−﹘﹣－─━~〜～"
_OPENING = "【〔[{「『《〈<"
_CLOSING = "】〕]}」』》〉>"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_SAME = str.maketrans(
    _DASHES + _OPENING + _CLOSING + _LOWER,
    "-" * len(_DASHES) + "(" * len(_OPENING) + ")" * len(_CLOSING) + _LOWER.upper(),
)
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]"
)
_SPACES = re.compile(r"\s+")
_INNER_SPACE = re.compile(rf" (?=[{HAN}(),、])|(?<=[{HAN}(),、]) ")
_DASH_RUN = re.compile(r"-{2,}")


def normalise(text: str) -> str:
    """The text as names are compared: applying it twice changes nothing more.

    Full-width letters and digits become plain (NFKC), Latin letters capitals, all dashes and
    brackets one kind; spaces go where a Chinese character or a bracket stands beside them, and are
    single between words elsewhere. Chinese numerals stay: in a name they are part of it.
    """
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    plain = _SPACES.sub(" ", plain.translate(_SAME)).strip()
    if " " in plain:
        plain = _INNER_SPACE.sub("", plain)
    return _DASH_RUN.sub("-", plain) if "--" in plain else plain


@lru_cache(maxsize=4096)
def digits(number: str) -> str | None:
    """The digits of a number written in digits or Chinese numerals, None for a row that is no number."""
    if number.isascii():
        return number.lstrip("0") or "0"
    if all(sign in "零〇一二三四五六七八九" for sign in number):
        return "".join(str("零一二三四五六七八九".index(sign.replace("〇", "零"))) for sign in number)
    try:
        return str(int(cn2an.cn2an(number.replace("〇", "零"), "normal")))
    except ValueError:
        return None
