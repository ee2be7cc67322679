"""Text with the tags of a web page in it, as text alone."""

import html
import re

# Whatever stands between the signs is dropped unread; the pattern looks at no character twice.
_TAG = re.compile(r"<([/!]?[a-zA-Z-][^<>]*)>")
_NAME = re.compile(r"/?[a-zA-Z0-9]*")
# Their content is for browsers; others end a line.
_UNSEEN = {"script", "style"}
_LINES = {"br", "p", "/p", "div", "/div", "tr", "/tr", "li", "/li", "h1", "h2", "h3", "/h1", "/h2", "/h3", "/table"}


def has_tags(text: str) -> bool:
    """Whether there is anything that looks like a tag."""
    return _TAG.search(text) is not None


def without_tags(text: str) -> str:
    """The words alone, one line for each paragraph, list item or row of a table; nothing of the tags is kept."""
    words: list[str] = []
    hidden = ""
    # every second piece is what stood in a tag
    for number, piece in enumerate(_TAG.split(text)):
        if number % 2 == 0:
            if not hidden:
                words.append(html.unescape(piece))
            continue
        found = _NAME.match(piece)
        name = "" if found is None else found[0].lower()
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in _UNSEEN:
            hidden = name
        else:
            words.append("\n" if name in _LINES else " " if name in {"td", "th"} else "")
    lines = (" ".join(line.split()) for line in "".join(words).splitlines())
    return "\n".join(line for line in lines if line)
