"""Loading of modules, of which nothing is garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded within stays to the end, and the collector of garbage never looks at it.

    It would look through all of it dozens of times while the libraries are read, a third of the time that takes, and
    hold up a request for a fifth of a second whenever it did so later.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
