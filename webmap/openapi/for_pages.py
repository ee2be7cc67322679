"""What the pages of this server ask of it: described so that nobody need guess, promised to nobody else."""

from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from flask_babel import lazy_gettext as _l

from webmap.openapi.operations import Answer, Body, Param, Words, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import AN_OBJECT, JSON, TEXT

P = ParamSpec("P")
R = TypeVar("R")

FORM = "application/x-www-form-urlencoded"


def asked_by_pages(
    summary: Words,
    *names: str,
    method: str = "GET",
    answers: Mapping[int, Answer] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a view that pages ask: names of its parameters, or of the fields of its form."""
    is_read = method == "GET"
    return described(
        summary,
        "pages",
        answers or {200: Answer(_l("The answer"), {JSON: AN_OBJECT})},
        query=(*(Param(name, TEXT, _l("As the page has it")) for name in names if is_read), LANG),
        body=None if is_read else Body({FORM: {**AN_OBJECT, "properties": dict.fromkeys(names, TEXT)}}),
        errors=() if is_read else (409, 413, 422),
        method=method,
    )
