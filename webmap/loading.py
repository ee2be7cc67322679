"""Loading of modules, of which nothing is garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# New objects after which the collector looks through them, and how many such looks lie between those at older ones.
# Rows of an import or a page are thousands at once, and none is garbage yet: at Python's own 700, it takes a tenth
# of an import's time.
SELDOM = (50_000, 20, 50)


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded within stays to the end, and the collector of garbage never looks at it.

    It would look through all of it dozens of times while the libraries are read, a third of the time that takes, and
    hold up a request for a fifth of a second whenever it did so later. At what is made later it looks seldom.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*SELDOM)
        if was_enabled:
            gc.enable()
