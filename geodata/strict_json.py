"""JSON read strictly: what the standard does not know is refused with its line and column.

Python's own parser takes NaN, Infinity and 1e999, keeps the last of two equal keys, and gives up on
deep nesting with an exception of its own. One look over the tokens finds all of these first.
"""

import json
import math
import re
from typing import Any

from geodata.errors import NotJson

MAX_DEPTH = 64
_MAX_DIGITS = 300

# Numbers without exponent that are not over-long need no look, so only the others are tokens.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"(?P<key>\s*:)?|[\[\]{}]|-?(?:NaN|Infinity)|-?\d[\d.]*[eE][+-]?\d+|\d{301,}', re.DOTALL
)


def parse(text: str, *, max_depth: int = MAX_DEPTH) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text.

    Raises NotJson, with line and column, for syntax errors, NaN, Infinity, numbers beyond a float,
    a key that stands twice in one object, half characters (lone surrogates) and more than
    `max_depth` levels of nesting.
    """
    _look_over(text, max_depth)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, f"line {error.lineno}, column {error.colno}") from error
    return value


def _look_over(text: str, max_depth: int) -> None:
    keys: list[set[str]] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        what = token[0]
        first = what[0]
        if first == '"':
            if token["key"] and keys:
                _note_key(what, keys[-1], text, token.start())
            if "\\u" in what:
                _check_characters(what[: what.rindex('"') + 1], text, token.start())
        elif first in "[{":
            depth += 1
            if depth > max_depth:
                raise NotJson(f"more than {max_depth} levels of nesting", place(text, token.start()))
            keys.append(set())
        elif first in "]}":
            depth -= 1
            if keys:
                keys.pop()
        else:
            _check_number(what, text, token.start())


def _note_key(token: str, keys: set[str], text: str, start: int) -> None:
    key = token[: token.rindex('"') + 1]
    if "\\" in key:
        key = _plain(key)
    if key in keys:
        raise NotJson(f"the key {key} stands twice in one object", place(text, start))
    keys.add(key)


def _plain(key: str) -> str:
    """A key as it is written without escapes; one that cannot be read stays, as the parser proper tells where."""
    try:
        return json.dumps(json.loads(key), ensure_ascii=False)
    except json.JSONDecodeError:
        return key


def _check_characters(token: str, text: str, start: int) -> None:
    try:
        json.loads(token).encode("utf-8")
    except json.JSONDecodeError:
        return  # the parser proper tells where
    except UnicodeEncodeError as error:
        raise NotJson("half a character (a lone surrogate)", place(text, start)) from error


def _check_number(token: str, text: str, start: int) -> None:
    plain = token.lstrip("-")
    if plain in {"NaN", "Infinity"}:
        raise NotJson(f"{token} is not JSON", place(text, start))
    if "e" not in plain.lower():
        raise NotJson(f"a number of more than {_MAX_DIGITS} digits", place(text, start))
    try:
        if math.isinf(float(token)):
            raise NotJson(f"the number {token[:20]} is too large", place(text, start))
    except ValueError:
        return  # the parser proper tells where


def place(text: str, start: int) -> str:
    """Line and column, from 1, of a position in a text."""
    line = text.count("\n", 0, start) + 1
    return f"line {line}, column {start - text.rfind(chr(10), 0, start)}"
