"""What one operation of the API takes and gives; the register is the routes themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Schema = Mapping[str, Any]
Words = Any  # a text, or one that is translated when it is asked for

_MARK = "operations"


@dataclass(frozen=True)
class Param:
    """One parameter beside the path: its name, its schema (OpenAPI 3.0), and what it is for.

    component   whether it stands under its name among the components, as it is the same everywhere.
    is_list     whether its values stand in one text with commas between.
    """

    name: str
    schema: Schema
    about: Words
    where: Literal["query", "header"] = "query"
    is_required: bool = False
    is_list: bool = False

    def facts(self) -> dict[str, Any]:
        """The parameter as OpenAPI has it."""
        found: dict[str, Any] = {
            "name": self.name,
            "in": self.where,
            "description": str(self.about),
            "required": self.is_required,
            "schema": dict(self.schema),
        }
        if self.where == "query":
            found |= {"style": "form", "explode": False}
        return found


@dataclass(frozen=True)
class Answer:
    """One good answer: what it is, its schema by media type (None: bytes), and headers beside the usual."""

    about: Words
    content: Mapping[str, Schema | None] = field(default_factory=dict)
    headers: Mapping[str, Words] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The answer as OpenAPI has it."""
        found: dict[str, Any] = {"description": str(self.about)}
        if self.headers:
            found["headers"] = {
                name: {"description": str(about), "schema": {"type": "string"}} for name, about in self.headers.items()
            }
        if self.content:
            found["content"] = {kind: {"schema": dict(schema or _BYTES)} for kind, schema in self.content.items()}
        return found


@dataclass(frozen=True)
class Body:
    """What is sent: its schema by media type."""

    content: Mapping[str, Schema]
    is_required: bool = True

    def facts(self) -> dict[str, Any]:
        """The body as OpenAPI has it."""
        content = {kind: {"schema": dict(schema)} for kind, schema in self.content.items()}
        return {"required": self.is_required, "content": content}


@dataclass(frozen=True)
class Operation:
    """What a route does with one method.

    errors   statuses of problems beside those that every route may answer with.
    is_open  whether it is told to visitors, too.
    """

    summary: Words
    tag: str
    answers: Mapping[int, Answer]
    query: Sequence[Param] = ()
    body: Body | None = None
    errors: Sequence[int] = ()
    is_open: bool = True


_BYTES: Schema = {"type": "string", "format": "binary"}


def described(
    summary: Words,
    tag: str,
    answers: Mapping[int, Answer],
    *,
    query: Sequence[Param] = (),
    body: Body | None = None,
    errors: Sequence[int] = (),
    is_open: bool = True,
    method: str = "GET",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a view: what it takes and gives with a method. Stands below the route's own."""
    told = Operation(summary, tag, answers, query=query, body=body, errors=errors, is_open=is_open)

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _MARK, {**getattr(view, _MARK, {}), method: told})
        return view

    return mark


def operation_of(view: Callable[..., Any], method: str) -> Operation | None:
    """What a view says of itself; None where it says nothing."""
    found: Operation | None = getattr(view, _MARK, {}).get(method)
    return found
