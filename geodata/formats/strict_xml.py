"""XML read strictly and piece by piece: no document types, no entities, no inclusions, nothing fetched.

Only the elements a reader asks for are ever held as trees; of what stands around them come short events.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from geodata.formats.errors import TooLarge, Unreadable, WrongFormat

MAX_BYTES: Final = 128 * 1024 * 1024
MAX_DEPTH: Final = 64
# A track of some hundred thousand positions; its tree takes about as many hundred bytes.
MAX_ELEMENTS: Final = 500_000
MAX_TREES: Final = 1_000_000

_CHUNK: Final = 256 * 1024
_HEAD: Final = 4096
_XINCLUDE: Final = "{http://www.w3.org/2001/XInclude}"
_ENCODING: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,20})["']""")
# Chinese encodings, which the parser does not know; the last holds the others.
_CHINESE: Final = {"gbk", "gb2312", "gb18030", "cp936", "x-gbk"}


class Event(NamedTuple):
    """Something that was read: the begin or end of an element outside the trees, or a tree."""

    what: Literal["begin", "end", "tree"]
    tag: str
    text: str = ""
    tree: Element | None = None


def begins_with(path: Path, root: str) -> bool:
    """Whether the beginning of the file shows this element, in whatever encoding; `walk` makes sure of it."""
    with path.open("rb") as file:
        head = file.read(_HEAD).replace(b"\0", b"")
    return re.search(rb"<(?:[\w.-]{1,40}:)?" + root.encode() + rb"[\s>/]", head) is not None


def walk(path: Path, *, root: str, trees: frozenset[str], title: str, file: str) -> Iterator[Event]:
    """What the file holds, in its order; tags come without their namespaces.

    root    the element that all else must stand in.
    trees   elements that come as trees, with all that is in them; others as their begin and their end with the text.
    title   the format's name, for messages.

    Raises TooLarge, WrongFormat for another root, and Unreadable, with line and column, for what breaks the
    rules of XML, declares a document type or entities, includes other files, or nests more than MAX_DEPTH deep.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TooLarge(file, f"it has {size:,} bytes", f"{MAX_BYTES:,}")
    target = _Target(root, trees, title, file)
    with path.open("rb") as source:
        head = source.read(_HEAD)
        source.seek(0)
        said = _ENCODING.match(head.lstrip())
        is_chinese = said is not None and said[1].decode("ascii").lower() in _CHINESE
        decoder = codecs.getincrementaldecoder("gb18030")() if is_chinese else None
        parser = XMLParser(target=target, encoding="utf-8" if is_chinese else None, forbid_dtd=True)
        try:
            while chunk := source.read(_CHUNK):
                parser.feed(chunk if decoder is None else decoder.decode(chunk).encode())
                yield from target.taken()
            if decoder is not None:
                decoder.decode(b"", final=True)
            parser.close()
        except DefusedXmlException as error:
            reason = f"it declares a document type or entities, as no {title} does ({type(error).__name__})"
            raise Unreadable(file, reason) from error
        except ParseError as error:
            line, column = error.position
            raise Unreadable(file, "this is no proper XML", f"line {line}, column {column + 1}") from error
        except (ValueError, LookupError) as error:
            raise Unreadable(file, f"its encoding cannot be read ({_short(error)})") from error
    yield from target.taken()


def text_of(element: Element | None) -> str | None:
    """The text in an element without that of its children's, trimmed; None where there is none."""
    text = "" if element is None or element.text is None else element.text.strip()
    return text or None


def _short(error: BaseException) -> str:
    return str(error).split("\n", 1)[0][:80]


class _Target:
    """What the parser tells, made into events."""

    def __init__(self, root: str, trees: frozenset[str], title: str, file: str) -> None:
        self._root, self._trees, self._title, self._file = root, trees, title, file
        self._depth = 0
        self._builder: TreeBuilder | None = None
        self._top = 0
        self._elements = self._begun = 0
        self._text: list[str] = []
        self._events: list[Event] = []

    def taken(self) -> list[Event]:
        """The events since the last call."""
        events, self._events = self._events, []
        return events

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.startswith(_XINCLUDE):
            raise Unreadable(self._file, "it includes other files, and none is read but itself")
        name = tag.rpartition("}")[2]
        self._depth += 1
        if self._depth == 1 and name != self._root:
            raise WrongFormat(self._file, self._title)
        if self._depth > MAX_DEPTH:
            raise Unreadable(self._file, f"its nesting is deeper than {MAX_DEPTH} levels")
        if self._builder is None and name in self._trees:
            self._builder, self._top, self._elements = TreeBuilder(), self._depth, 0
            self._begun += 1
            if self._begun > MAX_TREES:
                raise TooLarge(self._file, "it has too many features", f"{MAX_TREES:,}")
        self._text = []
        if self._builder is None:
            self._events.append(Event("begin", name))
            return
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise TooLarge(self._file, f"one {name} stands among too many elements", f"{MAX_ELEMENTS:,}")
        self._builder.start(name, {key.rpartition("}")[2]: value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if self._builder is None:
            self._events.append(Event("end", name, "".join(self._text).strip()))
        else:
            self._builder.end(name)
            if self._depth == self._top:
                self._events.append(Event("tree", name, tree=self._builder.close()))
                self._builder = None
        self._text = []
        self._depth -= 1

    def data(self, text: str) -> None:
        if self._builder is None:
            self._text.append(text)
        else:
            self._builder.data(text)

    def close(self) -> None:
        """The parser asks for a result at the end; the events are all there is."""
