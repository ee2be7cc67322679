"""What forms bring beside words: room for photos and files where they are meant, and the bytes of photos."""

from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request

from geodata.pictures import LARGEST_BYTES

P = ParamSpec("P")
R = TypeVar("R")

# Of one request: half a dozen photos as phones take them.
LARGEST_UPLOAD_BYTES = 40 * 1024 * 1024

# What a form has beside its file.
BESIDE_BYTES = 64 * 1024

_MARK = "largest_upload"


def takes(largest: Callable[[], int | None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a view whose form may be larger than others. Stands below the route's own.

    largest   asked at each request, before its form is read: so many bytes, None where it is like any other.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _MARK, largest)
        return view

    return mark


def takes_photos(view: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a view whose form may bring photos."""
    # a form of another kind brings no files
    return takes(lambda: LARGEST_UPLOAD_BYTES if request.mimetype == "multipart/form-data" else None)(view)


def init_uploads(app: Flask) -> None:
    """Tie the limit to the application; before whatever reads forms, which is the check that they are ours."""
    app.before_request(_make_room)


def photos(fields: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """What was chosen in fields of the form, in their order: (kind, bytes), the kind by the name of the field.

    Of a file that is too large no more is read than shows that it is; fields without a file are left out.
    """
    return [
        (kind, file.read(LARGEST_BYTES + 1))
        for name, kind in fields.items()
        for file in request.files.getlist(name)
        if file.filename
    ]


def _make_room() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    largest: Callable[[], int | None] | None = getattr(view, _MARK, None)
    if largest is not None and (most := largest()) is not None:
        request.max_content_length = most
