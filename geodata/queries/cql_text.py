"""CQL2 text into a tree, by a grammar.

The grammar is that of the standard (OGC 21-065r2, annex B) without what is not offered here: arithmetic, functions of
one's own, arrays, and predicates and intervals of time. Words of the language and names of what is called may be
written in any case; names of properties may not. Loading this module builds the parser, which takes a moment: import
it where the first filter is read.
"""

import re
from typing import Any, Final, NoReturn, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from geodata.queries import cql_tree as tree
from geodata.queries.cql_literals import day, moment, number, plain_text, shown
from geodata.record_errors import FilterRefused

_GRAMMAR: Final = r"""
    ?start: either

    ?either: both (_OR both)*
    ?both: negation (_AND negation)*
    ?negation: NOT negation -> negated
        | _OPEN either _CLOSE
        | TRUTH -> truth
        | predicate

    ?predicate: value COMPARISON value -> compared
        | value NOT? LIKE value -> like
        | value NOT? BETWEEN value _AND value -> between
        | value NOT? IN _OPEN value (_COMMA value)* _CLOSE -> one_of
        | value IS NOT? NULL -> missing
        | RELATION _OPEN value _COMMA value _CLOSE -> related

    ?value: NAME -> named
        | QUOTED_NAME -> quoted
        | TEXT -> text
        | NUMBER -> number
        | TRUTH -> literal_truth
        | DATE _OPEN TEXT _CLOSE -> day
        | TIMESTAMP _OPEN TEXT _CLOSE -> moment
        | CASEI _OPEN value _CLOSE -> folded
        | BBOX _OPEN NUMBER (_COMMA NUMBER)* _CLOSE -> box
        | shape
        | CALL // never, as each becomes one of the above or is refused; but a word without a rule is not looked for

    shape: SHAPE _OPEN _part (_COMMA _part)* _CLOSE
    _part: position | group | shape
    group: _OPEN _part (_COMMA _part)* _CLOSE
    position: NUMBER NUMBER NUMBER?

    SHAPE.2: /(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)(?:\s+Z)?(?=\s*\()/i
    CALL.1: /[^\W\d][\w.:]*(?=\s*\()/
    NAME: /(?:[^\W\d]|:)[\w.:]*/
    QUOTED_NAME: /"[^"]+"/
    TEXT: /'(?:''|\\'|[^'\\]|\\(?!'))*'(?!')/
    NUMBER: /[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w.+-])/
    COMPARISON: "=" | "<>" | "<=" | ">=" | "<" | ">"
    _OPEN: "("
    _CLOSE: ")"
    _COMMA: ","

    %declare _OR _AND NOT LIKE BETWEEN IN IS NULL TRUTH DATE TIMESTAMP CASEI BBOX RELATION
    %ignore /[ \t\r\n\f]+/
"""

# The words of the language in capitals, and the sort of token that each is.
_WORDS: Final = {
    "OR": "_OR",
    "AND": "_AND",
    "TRUE": "TRUTH",
    "FALSE": "TRUTH",
    **{word: word for word in ("NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL")},
}
_CALLS: Final = {
    **{word: word for word in ("CASEI", "BBOX", "DATE", "TIMESTAMP")},
    **{name.upper(): "RELATION" for name in tree.RELATIONS},
}
CALLABLE: Final = ", ".join([*_CALLS, *tree.SHAPES])

# What each sort of token is called where it is missing.
_SHOWN: Final = {
    "_OPEN": "(",
    "_CLOSE": ")",
    "_COMMA": ",",
    "COMPARISON": "= <> < > <= >=",
    "TRUTH": "TRUE, FALSE",
    "NAME": "a property",
    "TEXT": "a text in quotes",
    "NUMBER": "a number",
    "SHAPE": "a geometry",
    "RELATION": "S_INTERSECTS and its like",
    **{word: word for word in ("NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DATE", "TIMESTAMP", "CASEI", "BBOX")},
    "_OR": "OR",
    "_AND": "AND",
    "$END": "the end",
}

# A sum or product, whose first number ends in a way that no number does.
_ARITHMETIC: Final = re.compile(r"[-+]?[0-9.]*\s*[-+*/^]")


def _word(token: Token) -> Token:
    """A bare word: one of the language, or the name of a property."""
    return token.update(type=_WORDS.get(token.upper(), "NAME"))


def _call(token: Token) -> Token:
    """A word before a bracket: one of the language, or something that can be called."""
    word = token.upper()
    sort = _WORDS.get(word) or _CALLS.get(word)
    if sort is None:
        raise FilterRefused("operator", _at(token), found=shown(token), known=CALLABLE)
    return token.update(type=sort)


def _at(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _stripped(token: Token) -> str:
    """The text between quotes, with the quotes inside it as they are meant."""
    return plain_text(re.sub(r"''|\\'", "'", token[1:-1]), _at(token))


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Each rule of the grammar as a node of the tree, from the leaves up; so no depth is too much for it."""

    def either(self, *parts: tree.Node) -> tree.Node:
        return tree.Either(list(parts), parts[0].at)

    def both(self, *parts: tree.Node) -> tree.Node:
        return tree.Both(list(parts), parts[0].at)

    def negated(self, sign: Token, part: tree.Node) -> tree.Node:
        return tree.Not(part, _at(sign))

    def truth(self, word: Token) -> tree.Node:
        return tree.Truth(word.upper() == "TRUE", _at(word))

    def compared(self, left: tree.Value, sign: Token, right: tree.Value) -> tree.Node:
        return tree.Compared(left, tree.COMPARISONS[sign], right, left.at)

    def like(self, value: tree.Value, *rest: Any) -> tree.Node:  # noqa: ANN401 - words of the language, then the pattern
        return _unless(rest, tree.Like(value, rest[-1], value.at))

    def between(self, value: tree.Value, *rest: Any) -> tree.Node:  # noqa: ANN401 - words, then both ends
        return _unless(rest, tree.Between(value, rest[-2], rest[-1], value.at))

    def one_of(self, value: tree.Value, *rest: Any) -> tree.Node:  # noqa: ANN401 - words, then the items
        items = [item for item in rest if not isinstance(item, Token)]
        return _unless(rest, tree.OneOf(value, items, value.at))

    def missing(self, value: tree.Value, *words: Token) -> tree.Node:
        return _unless(words[1:], tree.Missing(value, value.at))

    def related(self, name: Token, left: tree.Value, right: tree.Value) -> tree.Node:
        return tree.Related(tree.RELATIONS[name.lower()], left, right, _at(name))

    def named(self, name: Token) -> tree.Value:
        return tree.Named(str(name), _at(name))

    def quoted(self, name: Token) -> tree.Value:
        return tree.Named(str(name[1:-1]), _at(name))

    def text(self, token: Token) -> tree.Value:
        return tree.Literally(_stripped(token), _at(token))

    def number(self, token: Token) -> tree.Value:
        return tree.Literally(number(token, _at(token)), _at(token))

    def literal_truth(self, word: Token) -> tree.Value:
        return tree.Literally(word.upper() == "TRUE", _at(word))

    def day(self, _name: Token, token: Token) -> tree.Value:
        return tree.Literally(day(_stripped(token), _at(token)), _at(token))

    def moment(self, _name: Token, token: Token) -> tree.Value:
        return tree.Literally(moment(_stripped(token), _at(token)), _at(token))

    def folded(self, name: Token, value: tree.Value) -> tree.Value:
        return tree.Folded(value, _at(name))

    def box(self, name: Token, *corners: Token) -> tree.Value:
        return tree.Box([number(corner, _at(corner)) for corner in corners], _at(name))

    def position(self, *numbers: Token) -> list[float]:
        return [number(one, _at(one)) for one in numbers]

    def group(self, *parts: Any) -> list[Any]:  # noqa: ANN401 - positions, groups and shapes
        return list(parts)

    def shape(self, name: Token, *parts: Any) -> tree.Shape:  # noqa: ANN401 - positions, groups and shapes
        kind = tree.SHAPES[name.split()[0].upper()]
        found = list(parts)
        if kind == "Point" and len(found) == 1:
            found = found[0]
        elif kind == "MultiPoint":  # both POINT(1 2) and 1 2 stand for one of them
            found = [part[0] if isinstance(part, list) and len(part) == 1 else part for part in found]
        return tree.Shape(kind, found, _at(name))


def _unless(words: tuple[Any, ...], node: tree.Node) -> tree.Node:
    """The node, or its contrary where the first of these words is NOT."""
    first = words[0] if words else None
    return tree.Not(node, node.at) if isinstance(first, Token) and first.type == "NOT" else node


_PARSER: Final = Lark(
    _GRAMMAR,
    parser="lalr",
    lexer="basic",
    transformer=_Builder(),
    lexer_callbacks={"NAME": _word, "CALL": _call},
    maybe_placeholders=False,
)


def read(asked: str) -> tree.Node:
    """The tree of a filter in CQL2 text.

    asked   of a length and with a number of brackets that have been looked at before.

    Raises FilterRefused with the character where it ends to make sense.
    """
    try:
        return cast("tree.Node", _PARSER.parse(asked))
    except UnexpectedToken as error:
        _refuse(error.token, error.expected)
    except UnexpectedCharacters as error:
        start = error.pos_in_stream or 0
        word = "arithmetic" if _ARITHMETIC.match(asked, start) else "sign"
        raise FilterRefused(word, start + 1, found=shown(asked[start])) from None


def _refuse(token: Token, expected: set[str]) -> NoReturn:
    wanted = ", ".join(dict.fromkeys(_SHOWN[sort] for sort in _SHOWN if sort in expected))
    if token.type == "$END":
        raise FilterRefused("end", None, expected=wanted) from None
    raise FilterRefused("syntax", _at(token), found=shown(token), expected=wanted) from None


# The tables of the lexer are made at its first use: here, while one thread alone is loading this.
read("a = 1")
