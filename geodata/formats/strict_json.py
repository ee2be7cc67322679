"""JSON read strictly: what the standard does not know is refused with its line and column.

Python's own parser takes NaN, Infinity and 1e999, keeps the last of two equal keys, and gives up on
deep nesting with an exception of its own. One look over the tokens finds all of these first.
"""

import json
import math
import re
from typing import Any

from geodata.formats.errors import Unreadable

MAX_DEPTH = 64
_MAX_DIGITS = 300

# Numbers without exponent that are not over-long need no look, so only the others are tokens.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"(?P<key>\s*:)?|[\[\]{}]|-?(?:NaN|Infinity)|-?\d[\d.]*[eE][+-]?\d+|\d{301,}', re.DOTALL
)


def parse(text: str, *, file: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text.

    Raises Unreadable, with line and column, for syntax errors, NaN, Infinity, numbers beyond a float,
    a key that stands twice in one object, half characters (lone surrogates) and more than
    MAX_DEPTH levels of nesting.
    """
    _look_over(text, file)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(file, error.msg, f"line {error.lineno}, column {error.colno}") from error
    return value


def _look_over(text: str, file: str) -> None:
    keys: list[set[str]] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        what = token[0]
        first = what[0]
        if first == '"':
            if token["key"] and keys:
                _note_key(what, keys[-1], text, token.start(), file)
            if "\\u" in what:
                _check_characters(what[: what.rindex('"') + 1], text, token.start(), file)
        elif first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(file, f"more than {MAX_DEPTH} levels of nesting", place(text, token.start()))
            keys.append(set())
        elif first in "]}":
            depth -= 1
            if keys:
                keys.pop()
        else:
            _check_number(what, text, token.start(), file)


def _note_key(token: str, keys: set[str], text: str, start: int, file: str) -> None:
    key = token[: token.rindex('"') + 1]
    if key in keys:
        raise Unreadable(file, f"the key {key} stands twice in one object", place(text, start))
    keys.add(key)


def _check_characters(token: str, text: str, start: int, file: str) -> None:
    try:
        json.loads(token).encode("utf-8")
    except json.JSONDecodeError:
        return  # the parser proper tells where
    except UnicodeEncodeError as error:
        raise Unreadable(file, "half a character (a lone surrogate)", place(text, start)) from error


def _check_number(token: str, text: str, start: int, file: str) -> None:
    plain = token.lstrip("-")
    if plain in {"NaN", "Infinity"}:
        raise Unreadable(file, f"{token} is not JSON", place(text, start))
    if "e" not in plain.lower():
        raise Unreadable(file, f"a number of more than {_MAX_DIGITS} digits", place(text, start))
    try:
        if math.isinf(float(token)):
            raise Unreadable(file, f"the number {token[:20]} is too large", place(text, start))
    except ValueError:
        return  # the parser proper tells where


def place(text: str, start: int) -> str:
    """Line and column, from 1, of a position in a text."""
    line = text.count("\n", 0, start) + 1
    return f"line {line}, column {start - text.rfind(chr(10), 0, start)}"
