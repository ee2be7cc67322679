"""Whether this process may decode the shifted datums: said once when it starts, by its settings."""

from collections.abc import Iterator
from contextlib import contextmanager

_state = {"allowed": True}


def switch(*, allowed: bool) -> None:
    """Allow decoding in this process, or forbid it."""
    _state["allowed"] = allowed


def is_allowed() -> bool:
    """Whether this process may decode the shifted datums."""
    return _state["allowed"]


@contextmanager
def forbidden() -> Iterator[None]:
    """No decoding within the block."""
    before = is_allowed()
    switch(allowed=False)
    try:
        yield
    finally:
        switch(allowed=before)
