"""The only reader of JSON that is sent: strict, bounded, of the shape that the description of the API tells."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]  # likewise

from geodata import strict_json
from geodata.errors import NotJson
from webmap.errors import BadBody, BadMember, BodyTooLarge, WrongMediaType

JSON = "application/json"
MULTIPART = "multipart/form-data"

LARGEST_JSON_BYTES = 1024 * 1024

# Beside files, the field of a form that carries what would be the body without them.
FACTS = "facts"

LONGEST_WHY = 200


class JsonBody:
    """An object that an address takes.

    properties   schemas by member, in words that OpenAPI 3.0 and JSON Schema 2020-12 both know; no other members.
    required     members that must be there; of the others none may be null: it is left out.
    files        names of fields of a form whose photos may come with it; then it may be the field `facts` of a form.
    """

    def __init__(
        self, properties: Mapping[str, Any], *, required: Iterable[str] = (), files: Mapping[str, str] | None = None
    ) -> None:
        self.schema: dict[str, Any] = {
            "type": "object",
            "properties": dict(properties),
            "additionalProperties": False,
        }
        if required:
            self.schema["required"] = list(required)
        self.files = files or {}
        self._validator = Draft202012Validator(self.schema)

    @property
    def content(self) -> dict[str, Mapping[str, Any]]:
        """Its schemas by media type, for the description of the API."""
        found: dict[str, Mapping[str, Any]] = {JSON: self.schema}
        if self.files:
            pictures = {"type": "array", "items": {"type": "string", "format": "binary"}}
            parts = {FACTS: self.schema, **dict.fromkeys(self.files, pictures)}
            found[MULTIPART] = {
                "type": "object",
                "properties": parts,
                "required": [FACTS],
                "additionalProperties": False,
            }
        return found

    def sent(self) -> dict[str, Any]:
        """What was sent with this request.

        Raises WrongMediaType, BodyTooLarge, NotJson, and BadMember for what does not have the shape.
        """
        value = strict_json.parse(self._text())
        wrong = best_match(self._validator.iter_errors(value))
        if wrong is not None:
            raise BadMember(_pointer(wrong.absolute_path), _why(wrong.message))
        _storable(value, ())
        found: dict[str, Any] = value
        return found

    def _text(self) -> str:
        if request.mimetype == JSON:
            _bounded(request.content_length or 0)
            content = request.get_data()
            _bounded(len(content))
            return _utf8(content)
        if self.files and request.mimetype == MULTIPART:
            strange = {*request.form, *request.files} - {FACTS, *self.files}
            if strange:
                raise BadMember(
                    f"/{min(strange)[:LONGEST_WHY]}", f"left out; known are {FACTS}, {', '.join(self.files)}"
                )
            if len(request.form.getlist(FACTS)) != 1:
                raise BadMember(f"/{FACTS}", "said once, as a field with JSON, not as a file")
            text = request.form[FACTS]
            _bounded(len(text.encode("utf-8", "surrogatepass")))
            return text
        raise WrongMediaType(request.mimetype, (JSON, MULTIPART) if self.files else (JSON,))


def sent_object(kinds: Sequence[str]) -> dict[str, Any]:
    """The JSON object that was sent under one of these media types. Raises WrongMediaType, NotJson and BadBody."""
    if request.mimetype not in kinds:
        raise WrongMediaType(request.mimetype, kinds)
    found = strict_json.parse(_utf8(request.get_data()))
    if not isinstance(found, dict):
        raise BadBody("it is no JSON object")
    return found


def _bounded(length: int) -> None:
    if length > LARGEST_JSON_BYTES:
        raise BodyTooLarge(LARGEST_JSON_BYTES)


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson("not UTF-8", f"byte {error.start + 1}") from error


def _storable(value: Any, path: tuple[str | int, ...]) -> None:  # noqa: ANN401 - any JSON value
    """Refuse U+0000 in texts: no text of the database can hold it."""
    if isinstance(value, str) and "\0" in value:
        raise BadMember(_pointer(path), "text without the character U+0000")
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        _storable(part, (*path, name))


def _pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _why(message: str) -> str:
    """The library's own words, which repeat what was sent, cut where that is long."""
    return message if len(message) <= LONGEST_WHY else f"{message[: LONGEST_WHY // 2]} … {message[-LONGEST_WHY // 2 :]}"
